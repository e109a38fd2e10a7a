"""The files of data/ that actions read: links, follow-ups, the request to the support."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

Read = TypeVar("Read")


class DataFileError(Exception):
    """A file of data/ cannot be used; the message names the file and what to write."""


def data_file(name: str, read: Callable[[Path], Read]) -> Read:
    """A file of the project's data folder, read again when it changes.

    Args:
        name: the file's name.
        read: makes the value of a path.

    Raises:
        DataFileError: the file cannot be read or does not hold what it should.
    """
    path = Path(os.environ.get("BMA_PROJECT_DIR", ".")) / "data" / name
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read ({error.strerror})") from error
    value: Read = _cached(read, path, changed)
    return value


@lru_cache(maxsize=16)
def _cached(read: Callable[[Path], Any], path: Path, _changed: int) -> Any:
    return read(path)


def read_yaml(path: Path) -> Any:
    """A YAML file's content.

    Raises:
        DataFileError: it is no YAML.
    """
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, YAMLError) as error:
        raise DataFileError(f"{path}: not readable as YAML ({type(error).__name__})") from error
