"""Writes sentences into an NLU file and touches nothing else: comments and layout are the editors'.

A YAML library that writes a file anew would lay it out otherwise; so lines are inserted into the text itself, and the
caller reads what was written again before it is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from bot.project.nodes import ListNode, MapNode, Node
from bot.project.yaml_file import NO_TEXTS

_PLAIN_NAME = re.compile(r"[A-Za-z][\w/-]*")


@cache
def comment() -> str:
    """What stands above the sentences that come from the console."""
    texts = YAML(typ="safe", pure=True).load(Path(__file__).with_name("draft.yml").read_text(encoding="utf-8"))
    return str(texts["comment"])


def nlu_items(root: Node | None) -> tuple[MapNode, ...]:
    """The items of a file's `nlu` list, in its order."""
    section = root.get("nlu") if isinstance(root, MapNode) else None
    return tuple(item for item in section.items if isinstance(item, MapNode)) if isinstance(section, ListNode) else ()


def with_block_after(text: str, item: MapNode, intent: str, sentences: Sequence[str]) -> str | None:
    """A file's text with a new block of sentences behind an item of its `nlu` list.

    Args:
        text: the whole file.
        item: one of its `nlu_items`.
        intent: whose sentences they are.
        sentences: one line each, without dashes.

    Returns:
        The text; None when the item is not written in lines of its own (`nlu: [{…}]`).
    """
    lines = text.split("\n")
    first = lines[item.line - 1]
    dash = len(first) - len(first.lstrip(" "))
    if not first[dash:].startswith("- "):
        return None
    ending = "\r" if first.endswith("\r") else ""
    end = _end_of_item(lines, item.line - 1, dash)
    block = [line + ending for line in block_lines(intent, sentences, dash)]
    if end == len(lines):  # the last line has no end: it gets one
        lines[-1] += ending
        return "\n".join([*lines, *block, ""])
    return "\n".join([*lines[:end], *block, *lines[end:]])


def new_file(intent: str, sentences: Sequence[str]) -> str:
    """The text of an NLU file with one block."""
    return "\n".join(['version: "3.1"', "", "nlu:", *block_lines(intent, sentences, 2), ""])


def block_lines(intent: str, sentences: Sequence[str], indent: int) -> list[str]:
    """A block of sentences, below a comment that says where they come from."""
    usual = _PLAIN_NAME.fullmatch(intent) and intent.lower() not in NO_TEXTS
    name = intent if usual else json.dumps(intent, ensure_ascii=False)
    lines = [f"# {comment()}", f"- intent: {name}", "  examples: |", *(f"    - {sentence}" for sentence in sentences)]
    return [" " * indent + line for line in lines]


def _end_of_item(lines: Sequence[str], start: int, dash: int) -> int:
    """Number of the line after an item's last: what follows is indented no more than its dash, or is blank."""
    last = start
    for number in range(start + 1, len(lines)):
        line = lines[number].rstrip("\r")
        if not line.strip():
            continue
        if len(line) - len(line.lstrip(" ")) <= dash:
            break
        last = number
    return last + 1
