"""What is wrong with a project, said to the person who edits it.

A problem has a stable code and parameters; its French sentence is in the `problems.yml` of a room of the engine.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from bot.project.model import Location

Severity = Literal["error", "warning", "info"]


@cache
def _sentences() -> dict[str, str]:
    sentences: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.parent.glob("*/problems.yml")):
        with path.open(encoding="utf-8") as stream:
            sentences.update(YAML(typ="safe", pure=True).load(stream))
    return sentences


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that an editor should look at."""

    code: str
    """Key of its sentence in problems.yml, such as `unknown_key`."""
    location: Location
    severity: Severity = "error"
    details: tuple[tuple[str, Any], ...] = ()

    @property
    def sentence(self) -> str:
        """The French sentence: what was found and what to write instead."""
        return _sentences()[self.code].format_map(dict(self.details)).strip()

    def __str__(self) -> str:
        return f"{self.location}: {self.sentence}"


@dataclass(slots=True)
class Problems:
    """Collects problems while files are read, so that an editor sees all of them at once."""

    found: list[Problem] = field(default_factory=list)

    def error(self, code: str, location: Location, **details: Any) -> None:
        """Note an error: the project cannot be used."""
        self.found.append(Problem(code, location, "error", tuple(details.items())))

    def warning(self, code: str, location: Location, **details: Any) -> None:
        """Note a warning: the project can be used, the editor probably meant something else."""
        self.found.append(Problem(code, location, "warning", tuple(details.items())))

    @property
    def errors(self) -> list[Problem]:
        """Those that forbid using the project."""
        return [problem for problem in self.found if problem.severity == "error"]

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.found)

    def raise_errors(self) -> None:
        """Raise ProjectError when there is at least one error."""
        if self.errors:
            raise ProjectError(self.errors)


class ProjectError(Exception):
    """A project that cannot be used; one line a problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """The end of a sentence that proposes the nearest valid name; empty when none is close."""
    candidate = nearest(name, valid)
    return "" if candidate is None else " " + _sentences()["suggestion"].format(name=candidate).strip()


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that looks most like `name`, or None when none is close."""
    folded = {candidate.casefold(): candidate for candidate in valid}
    matches = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None
