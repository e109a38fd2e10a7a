"""Conversations go event for event as in a real Rasa 3.6.21 (recordings in golden/), the listed differences apart."""

import gc
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.parity import trace
from tests.parity.cases import GOLDEN, HERE, HOUSE, ROOT, Case, Scenario, all_cases, fingerprint
from tests.parity.ours import Stage, play, stage_of

CASES = {case.name: case for case in all_cases()}
DIFFERENCES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load((HERE / "differences.yml").read_text(encoding="utf-8"))
RECORDED = {name: json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8")) for name in CASES}
SCENARIOS = [(case, scenario) for case in CASES.values() for scenario in case.scenarios]


@pytest.fixture(scope="module")
def stages() -> Iterator[Callable[[Case], Stage]]:
    """Trained projects, each once; their actions are forgotten afterwards, because rasa-sdk finds all that there are."""
    known: dict[str, Stage] = {}

    def stage(case: Case) -> Stage:
        if case.name not in known:
            known[case.name] = stage_of(case)
        return known[case.name]

    yield stage
    known.clear()
    gc.collect()


def listed(case: Case, scenario: Scenario) -> dict[int, list[str]]:
    """The differences that differences.yml lists for a scenario: step to lines."""
    found: dict[int, list[str]] = {}
    for difference in DIFFERENCES:
        for item in difference["steps"]:
            if (item["project"], item["scenario"]) == (case.name, scenario.name):
                found[item["step"]] = item["diff"].splitlines()
    return found


@pytest.mark.filterwarnings("ignore:No method 'extract_")
@pytest.mark.parametrize(("case", "scenario"), SCENARIOS, ids=[f"{case.name}-{scenario.name}" for case, scenario in SCENARIOS])
async def test_each_event_is_rasas_or_a_listed_difference(
    case: Case, scenario: Scenario, stages: Callable[[Case], Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BMA_PROJECT_DIR", str(ROOT))
    recorded = RECORDED[case.name]["scenarios"].get(scenario.name)
    assert recorded is not None, "not recorded: see docs/rasa_parity.md"
    assert [turn["message"] for turn in recorded] == [step.message for step in scenario.steps], "recorded with other messages"
    played = await play(stages(case), scenario)
    found = {
        number: difference
        for number, (theirs, ours) in enumerate(zip(recorded, played, strict=True), 1)
        if (difference := trace.difference(trace.lines(theirs), trace.lines(ours)))
    }
    assert found == listed(case, scenario)


@pytest.mark.parametrize("name", [name for name in CASES if name != HOUSE])
def test_recordings_are_of_the_projects_as_they_are(name: str) -> None:
    assert RECORDED[name]["rasa"] == "3.6.21"
    assert RECORDED[name]["files"] == fingerprint(CASES[name]), "the project changed: record it again (docs/rasa_parity.md)"


def test_listed_differences_are_of_steps_that_exist_and_listed_once() -> None:
    places = [(item["project"], item["scenario"], item["step"]) for entry in DIFFERENCES for item in entry["steps"]]
    known = {(case.name, scenario.name, number + 1) for case, scenario in SCENARIOS for number in range(len(scenario.steps))}
    assert set(places) <= known
    assert len(places) == len(set(places))
    assert all(entry["steps"] and entry["why"] for entry in DIFFERENCES)


def test_the_document_tells_each_difference() -> None:
    text = (ROOT / "docs/rasa_parity.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == [entry["name"] for entry in DIFFERENCES]


def test_a_changed_event_is_a_difference() -> None:
    turn = next(iter(RECORDED["formulaire"]["scenarios"].values()))[1]
    events = [dict(event, name="autre_form") if event.get("name") == "rdv_form" else event for event in turn["events"]]
    found = trace.difference(trace.lines(turn), trace.lines({**turn, "events": events}))
    assert [line[:8] for line in found] == ["- action", "+ action"]


def test_every_project_has_its_scenarios() -> None:
    folders = {path.name for path in Path(HERE / "projects").iterdir() if path.is_dir()}
    assert folders | {HOUSE} == set(CASES)
    assert len(SCENARIOS) >= 25
