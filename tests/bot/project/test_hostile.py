"""Whatever a file holds, reading gives a project or a ProjectError."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.project.loader import read_credentials, read_endpoints, read_project
from bot.project.problems import Problem, ProjectError
from bot.project.story_reader import read_stories
from tests.bot.project.projects import COMPLETE, MINIMAL, write_project

FILES = ("config.yml", "domain.yml", "data/nlu.yml", "data/rules.yml")
WORDS = """
version nlu intent examples synonym regex lookup metadata text responses stories story rules rule steps or action
bot user entities checkpoint slot_was_set active_loop condition conversation_start intents slots forms actions
session_config use_entities ignore_entities roles groups type mappings values min_value max_value initial_value
influence_conversation entity value conditions requested_slot required_slots ignored_intents utter_a buttons title
payload custom channel name pipeline policies language assistant_id importers e2e_actions config links from_entity
float categorical any /a/b [a](b) [a]{b} 3.1 - ${X} <<
""".split()  # noqa: SIM905
PIECES = [*WORDS, ":", ": ", " ", "\n", "\n  ", "\n- ", "- ", "[", "]", "{", "}", ", ", "|\n", ">", '"', "'", "#", "&a ",
          "*a", "!", "!!str ", "%", "\t", "\\", "\0", "\x85", "\u2028", "\r\n", "---\n", "...\n", "0x", "é"]  # fmt: skip

words = st.sampled_from(WORDS)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), words, st.text(max_size=8), st.just("- a\n- [b](c)"))
trees = st.recursive(scalars, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)))
roots = st.dictionaries(words, trees, min_size=1, max_size=5)
quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def read_everything(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = write_project(Path(folder) / "p", {name: content, "tests/test_a.yml": content})
        for read in (
            lambda: read_project(root)[1],
            lambda: read_stories(root / "tests" / "test_a.yml", root)[2],
            lambda: read_endpoints(root / name, {}),
            lambda: read_credentials(root / name, {}),
        ):
            try:
                found: Any = read()
            except ProjectError as error:
                found = list(error.problems)
                if not found or not str(error):
                    raise AssertionError("an error without problems") from error
            for problem in found if isinstance(found, list) else ():
                assert_well_said(problem)


def assert_well_said(problem: Problem) -> None:
    assert problem.sentence
    assert problem.location.file
    assert problem.location.line >= 0


@quick
@given(st.sampled_from(FILES), st.binary(max_size=200))
def test_bytes(name: str, content: bytes) -> None:
    read_everything(name, content)


@quick
@given(st.sampled_from(FILES), st.lists(st.sampled_from(PIECES), max_size=40))
def test_pieces_of_yaml(name: str, pieces: list[str]) -> None:
    read_everything(name, "".join(pieces).encode())


@quick
@given(st.sampled_from(FILES), roots)
def test_trees_of_known_words(name: str, tree: dict[str, Any]) -> None:
    stream = io.BytesIO()
    try:
        YAML(typ="safe", pure=True).dump(tree, stream)
    except UnicodeEncodeError:
        return
    read_everything(name, stream.getvalue())


@quick
@given(st.data())
def test_a_good_file_with_a_part_replaced(data: st.DataObject) -> None:
    source, name = data.draw(st.sampled_from([*((MINIMAL / name, name) for name in FILES), *(
        (path, "data/nlu.yml") for path in sorted(COMPLETE.rglob("*.y*ml")) if path.is_file()
    )]))  # fmt: skip
    content = source.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 20)))
    read_everything(name, content[:start] + data.draw(st.sampled_from(PIECES)).encode() + content[end:])
