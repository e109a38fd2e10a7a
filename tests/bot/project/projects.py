"""Small projects on disk for tests."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

PROJECTS = Path(__file__).parents[2] / "data" / "projects"
MINIMAL = PROJECTS / "minimal"
COMPLETE = PROJECTS / "complete"


def cases() -> list[dict[str, Any]]:
    """The cases of cases.yml."""
    with (PROJECTS / "cases.yml").open(encoding="utf-8") as stream:
        return list(YAML(typ="safe", pure=True).load(stream))


def write_project(root: Path, files: Mapping[str, Any]) -> Path:
    """Copy the minimal project, then write, replace or remove files."""
    shutil.copytree(MINIMAL, root, dirs_exist_ok=True)
    for name, content in files.items():
        path = root / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(content))
    return root


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    if "latin1" in content:
        return str(content["latin1"]).encode("latin-1")
    return (str(content.get("text", "")) + str(content["repeat"]) * int(content["times"])).encode()
