"""French sentences of the command, from texts.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


@cache
def _texts() -> dict[str, str]:
    with (Path(__file__).parent / "texts.yml").open(encoding="utf-8") as stream:
        return dict(YAML(typ="safe", pure=True).load(stream))


def text(name: str, **details: Any) -> str:
    """A sentence of the command, its placeholders filled."""
    return _texts()[name].format(**details)
