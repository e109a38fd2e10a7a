"""Sentences that the engine says when a project gives none."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


@cache
def texts() -> dict[str, Any]:
    """The sentences of texts.yml."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("texts.yml").read_text(encoding="utf-8"))
    return found
