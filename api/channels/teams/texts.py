"""French sentences of the channel, from texts.yml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


@cache
def _texts() -> Mapping[str, Any]:
    with (Path(__file__).parent / "texts.yml").open(encoding="utf-8") as stream:
        return dict(YAML(typ="safe", pure=True).load(stream))


def text(name: str, **details: Any) -> str:
    """A sentence, its placeholders filled."""
    return str(_texts()[name]).format(**details) if details else str(_texts()[name])


def greeting_buttons() -> Sequence[Mapping[str, str]]:
    """Buttons of the greeting: `title` and `payload`."""
    return list(_texts()["accueil_boutons"])


def manifest_texts() -> Mapping[str, Any]:
    """Texts of the app package."""
    return dict(_texts()["manifeste"])
