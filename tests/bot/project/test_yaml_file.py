from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from bot.project.model import Location
from bot.project.nodes import ListNode, MapNode, ScalarNode, node_of, plain
from bot.project.problems import Problems
from bot.project.yaml_file import MAX_BYTES, parse_yaml, read_yaml, scalar_value


def parsed(text: str) -> MapNode:
    problems = Problems()
    node = parse_yaml(text.encode(), "f.yml", problems)
    assert problems.found == []
    assert isinstance(node, MapNode)
    return node


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("5", 5),
        ("-12", -12),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", 1000),
        ("3.1", 3.1),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("3.1.2", "3.1.2"),
        ("2001-12-14", "2001-12-14"),
        ("12:30", "12:30"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("-", "-"),
        ("0x", "0x"),
        ("0b2", "0b2"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_unquoted_scalar(text: str, value: Any) -> None:
    found = scalar_value(text)
    assert found == value
    assert type(found) is type(value)


def test_values() -> None:
    node = parsed('a: "5"\nb: !!str 5\nc: !!int "5"\nd: ! 5\n1: e\n? f\n: {g: [h, {i: null}]}\n')
    assert plain(node) == {"a": "5", "b": "5", "c": 5, "d": "5", "1": "e", "f": {"g": ["h", {"i": None}]}}


def test_lines_of_keys_items_and_values() -> None:
    node = parsed("# comment\na: 1\nb:\n  - x\n\n  - y: z\n    w:\nc:\n")
    assert node.location_of("b") == Location("f.yml", 3)
    items = node.get("b")
    assert isinstance(items, ListNode)
    assert [item.line for item in items.items] == [4, 6]
    inner = items.items[1]
    assert isinstance(inner, MapNode)
    assert inner.location_of("w").line == 7
    empty = inner.get("w")
    assert isinstance(empty, ScalarNode)
    assert empty.line == 7
    assert node.location_of("missing") == node.location


def test_lines_inside_a_block() -> None:
    node = parsed("a:\n  b: |\n    un\n\n    deux\n  c: >\n    x\n    y\n")
    body = node.get("a")
    assert isinstance(body, MapNode)
    block, folded = body.get("b"), body.get("c")
    assert isinstance(block, ScalarNode)
    assert isinstance(folded, ScalarNode)
    assert [(line, place.line) for line, place in block.lines()] == [("un", 3), ("", 4), ("deux", 5), ("", 6)]
    assert block.first_line.line == 3
    assert next((line, place.line) for line, place in folded.lines()) == ("x y", 6)


def test_windows_lines_and_byte_order_mark() -> None:
    node = parse_yaml(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  c\r\n  d\r\n", "f.yml", Problems())
    assert isinstance(node, MapNode)
    block = node.get("b")
    assert isinstance(block, ScalarNode)
    assert [(line, place.line) for line, place in block.lines()][:2] == [("c", 3), ("d", 4)]


def test_alias_and_merge() -> None:
    node = parsed("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [*a, {z: 4}]}\nd: {'<<': 5}\ne: *a\n")
    assert plain(node) == {
        "a": {"x": 1, "y": 2},
        "b": {"y": 3, "x": 1},
        "c": {"x": 1, "y": 2, "z": 4},
        "d": {"<<": 5},
        "e": {"x": 1, "y": 2},
    }


def test_an_anchor_does_not_know_itself() -> None:
    problems = Problems()
    assert parse_yaml(b"a: &a [*a]\n", "f.yml", problems) is None
    assert [problem.code for problem in problems] == ["yaml_alias"]


def test_aliases_cannot_nest_deeper_than_what_is_written() -> None:
    problems = Problems()
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 100)]
    assert parse_yaml("\n".join(lines).encode(), "f.yml", problems) is None
    assert [problem.code for problem in problems] == ["yaml_too_deep"]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# only a comment\n", b"---\n", b"~", b"\xef\xbb\xbf"])
def test_nothing_in_a_file(data: bytes) -> None:
    problems = Problems()
    assert parse_yaml(data, "f.yml", problems) is None
    assert problems.found == []


@pytest.mark.parametrize(
    "data",
    [
        b"- " + b"!" * 49_000 + b" x\n",
        b"a: |\n" + b"\n" * 400_000,
        b"[a: b, " * 7_000,
        b"? " * 20_000,
        b'a: "' + b"\\n" * 20_000,
        b"*" * 49_000,
    ],
    ids=range(6),
)
def test_a_hostile_file_costs_little(data: bytes) -> None:
    start = time.perf_counter()
    parse_yaml(data, "f.yml", Problems())
    assert time.perf_counter() - start < 5


def test_unreadable_file(tmp_path: Path) -> None:
    problems = Problems()
    assert read_yaml(tmp_path, "dossier.yml", problems) is None
    assert read_yaml(tmp_path / "absent.yml", "absent.yml", problems) is None
    assert [(problem.code, str(problem.location)) for problem in problems] == [
        ("unreadable_file", "dossier.yml"),
        ("unreadable_file", "absent.yml"),
    ]
    assert all("ne peut pas être lu" in problem.sentence for problem in problems)


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes((b"# 345678\n" * (MAX_BYTES // 9 + 1))[: MAX_BYTES - 5] + b"\na: 1")
    assert plain(read_yaml(path, "a.yml", Problems())) == {"a": 1}


def test_plain_values_become_nodes_and_back() -> None:
    value = {"a": [1, 2.5, True, None, "x"], "b": {"c": {}}}
    assert plain(node_of(value)) == value
    with pytest.raises(TypeError):
        node_of({1, 2})
