from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.project.loader import read_project
from bot.project.problems import Problem, ProjectError, did_you_mean, nearest
from tests.bot.project.projects import MINIMAL, cases, write_project

SENTENCES: dict[str, str] = YAML(typ="safe", pure=True).load(
    (Path(__file__).parents[3] / "bot" / "project" / "problems.yml").read_text(encoding="utf-8")
)
ELSEWHERE = {"suggestion", "unreadable_file", "rasa_pro_only"}
"""Produced by tests of their own: no file of a project can be unreadable to root; endpoints are no part of it."""
CASES = cases()


def problems_of(root: Path) -> list[Problem]:
    try:
        return read_project(root)[1]
    except ProjectError as error:
        return list(error.problems)


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case['code']}" for number, case in enumerate(CASES)])
def test_problem_is_found_at_its_line(case: dict[str, Any], tmp_path: Path) -> None:
    problems = problems_of(write_project(tmp_path / "p", case["files"]))
    found = [problem for problem in problems if problem.code == case["code"]]
    assert found, [str(problem) for problem in problems]
    assert str(found[0].location) == case["at"]
    assert found[0].severity == ("warning" if case.get("warning") else "error")
    assert case["says"] in found[0].sentence
    others = {problem.code for problem in problems if problem.severity != "warning" or case.get("warning")}
    assert others <= {case["code"], *case.get("also", ())}


def test_each_code_has_a_case() -> None:
    assert {case["code"] for case in CASES} == set(SENTENCES) - ELSEWHERE


def test_minimal_project_has_no_problem() -> None:
    assert problems_of(MINIMAL) == []


def test_errors_of_all_files_come_at_once(tmp_path: Path) -> None:
    root = write_project(
        tmp_path / "p",
        {"config.yml": "pipelines: []", "data/nlu.yml": "nlu: [", "data/rules.yml": "rules: 1", "domain.yml": "intents: 2"},
    )
    with pytest.raises(ProjectError) as caught:
        read_project(root)
    assert sorted(problem.location.file for problem in caught.value.problems) == [
        "config.yml",
        "data/nlu.yml",
        "data/rules.yml",
        "domain.yml",
    ]
    assert len(str(caught.value).splitlines()) == 4


@pytest.mark.parametrize("code", sorted(set(SENTENCES) - {"suggestion"}))
def test_sentence_is_one_line_that_ends_well(code: str) -> None:
    sentence = SENTENCES[code]
    assert "\n" not in sentence.strip()
    assert sentence.strip()[-1] in ".}"
    assert all(name is None or name.isidentifier() or name == "" for _, name, _, _ in string.Formatter().parse(sentence))


def test_braces_in_what_was_written_are_shown_as_they_are(tmp_path: Path) -> None:
    root = write_project(tmp_path / "p", {"data/nlu.yml": "nlu:\n- intent: a\n  '{evil}': 1\n"})
    assert any("« {evil} »" in problem.sentence for problem in problems_of(root))


def test_nearest_name() -> None:
    assert nearest("Exemples", ["examples", "text"]) == "examples"
    assert nearest("zzz", ["examples"]) is None
    assert did_you_mean("zzz", ["examples"]) == ""
    assert did_you_mean("exemples", ["examples"]) == " Vouliez-vous dire « examples » ?"
