"""The cases of tests/data/answer_text.yml, and their notation."""

from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML

from tests.trained import ROOT

MARKS = {"paragraph": "", "bullets": "- ", "numbers": "1. "}


def cases() -> list[dict[str, Any]]:
    """Texts and what they show."""
    with (ROOT / "tests/data/answer_text.yml").open(encoding="utf-8") as stream:
        return list(YAML(typ="safe", pure=True).load(stream))


def notation(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Parsed blocks, one line each; `~` in a text stays as it is, an unbreakable space becomes one."""
    return [MARKS[block["kind"]] + "".join(map(_piece, line)) for block in blocks for line in block["lines"]]


def _piece(inline: Mapping[str, Any]) -> str:
    text = str(inline["text"]).replace("\u00a0", "~")
    if inline.get("href"):
        return f"<{inline['href']}|{text}>"
    return f"**{text}**" if inline.get("bold") else text
