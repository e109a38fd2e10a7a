"""The project's own files, read once for all tests of a process: they take a second."""

from functools import cache
from pathlib import Path

from bot.project.loader import read_project
from bot.project.model import Project

ROOT = Path(__file__).parent.parent


@cache
def project() -> Project:
    return read_project(ROOT)[0]
