"""What a turn counts as, by the first response that was said: a table of the project (`data/bilan.yml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

FILE = "data/bilan.yml"
"""The table's place in a project."""
KEY = "bilan"


class Outcome(StrEnum):
    """What became of a message."""

    ANSWERED = "answered"
    CLARIFIED = "clarified"
    """The assistant asked something first."""
    DECLINED = "declined"
    """It said that it does not know."""
    HANDED_OVER = "handed_over"
    """It named a person to turn to."""
    SMALL_TALK = "small_talk"
    """No question was asked."""
    FAILED = "failed"
    """Something was broken."""


MISSES = frozenset({Outcome.CLARIFIED, Outcome.DECLINED, Outcome.FAILED})
"""What leaves a question without its answer."""
NAMES = {
    "precision": Outcome.CLARIFIED,
    "refus": Outcome.DECLINED,
    "transmis": Outcome.HANDED_OVER,
    "politesse": Outcome.SMALL_TALK,
    "panne": Outcome.FAILED,
}
"""The table's keys."""


class OutcomesError(Exception):
    """The table cannot be used; the message names the file and what to write."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Which response counts as what."""

    patterns: Mapping[str, Outcome] = field(default_factory=lambda: {"utter_ask_*": Outcome.CLARIFIED})
    """By response name; a `*` stands for any characters, and an exact name goes before it."""

    def of(self, response: str) -> Outcome:
        """What a turn counts as; ANSWERED for responses that the table does not name.

        Args:
            response: name of the first response that was said; empty when it had none.
        """
        exact = self.patterns.get(response)
        if exact is not None:
            return exact
        found = (outcome for pattern, outcome in self.patterns.items() if "*" in pattern and fnmatchcase(response, pattern))
        return next(found, Outcome.ANSWERED)


def read_outcomes(path: Path) -> Outcomes:
    """The table of a project; where the file is missing, only the questions of forms are told from answers.

    Args:
        path: the file.

    Raises:
        OutcomesError: it holds something else.
    """
    if not path.exists():
        return Outcomes()
    try:
        table = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))[KEY]
        patterns: dict[str, Outcome] = {}
        for key, responses in table.items():
            for response in responses:
                if not isinstance(response, str) or patterns.setdefault(response, NAMES[key]) is not NAMES[key]:
                    raise OutcomesError(f"{path}: {response!r} is listed twice, or is no name of a response")
    except (OSError, ValueError, YAMLError, TypeError, AttributeError, LookupError) as error:
        known = ", ".join(NAMES)
        raise OutcomesError(f"{path}: expected « {KEY}: » with lists of responses under {known}") from error
    return Outcomes(patterns)


def present_outcomes(path: Path) -> Outcomes:
    """The table of a project as it is now; read again only when it changes.

    Args:
        path: the file.

    Raises:
        OutcomesError: as `read_outcomes`.
    """
    return _read(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> Outcomes:
    return read_outcomes(path)
