"""What to look at in a project's data: topics with few sentences, sentences of two topics, links to check again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from actions.data_files import DataFileError
from actions.links import Link, read_links
from bot.project.model import Example
from bot.training.data_report import NearDuplicate, data_report
from bot.training.near_duplicates import words_of
from bot.training.prediction import Scope

LEAST_EXAMPLES = 10
"""Sentences of a topic."""
MOST_PAIRS = 50
OLDEST = 365
"""Days since a link was checked."""
LINKS = Path("data/links.yml")

Flag = Literal["sans_adresse", "ancien", "sans_date"]


@dataclass(frozen=True, slots=True)
class Checks:
    """What was found in training sentences."""

    sentences: int
    topics: int
    few: tuple[tuple[str, int], ...]
    """Topics with fewer sentences than it takes, and how many; the fewest first."""
    same: tuple[NearDuplicate, ...]
    """The same sentence under two topics."""
    near: tuple[NearDuplicate, ...]
    """Nearly the same under two topics, the most alike first; no more than are shown."""
    near_total: int


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """A link, and what is to be done about it."""

    link: Link
    checked: date | None
    flags: tuple[Flag, ...]


def check(examples: Sequence[Example], topics: Iterable[str], scope: Scope) -> Checks:
    """Look at training sentences; 17,000 take seconds.

    Args:
        examples: the sentences.
        topics: intents that should have some.
        scope: what the configuration says about its intents.
    """
    report = data_report(examples, (), scope, 0)
    counts = dict.fromkeys(topics, 0) | {topic.intent: topic.sentences for topic in report.topics}
    few = sorted(((name, count) for name, count in counts.items() if count < LEAST_EXAMPLES), key=lambda item: (item[1], item[0]))
    across = [pair for pair in report.duplicates if pair.is_across]
    same = [pair for pair in across if words_of(pair.first.text) == words_of(pair.second.text)]
    near = [pair for pair in across if words_of(pair.first.text) != words_of(pair.second.text)]
    return Checks(len(examples), len(counts), tuple(few), tuple(same), tuple(near[:MOST_PAIRS]), len(near))


def check_links(root: Path, today: date) -> tuple[LinkCheck, ...] | None:
    """The project's links, those with something to do first; None when their file cannot be used.

    Args:
        root: the project's folder.
        today: the day that a link's age is counted to.
    """
    try:
        links = read_links(root / LINKS).all()
    except DataFileError:
        return None
    return tuple(sorted((_checked(link, today) for link in links), key=lambda item: not item.flags))


def _checked(link: Link, today: date) -> LinkCheck:
    flags: list[Flag] = ["sans_adresse"] if link.url is None else []
    try:
        checked = date.fromisoformat(link.checked)
    except ValueError:
        return LinkCheck(link, None, (*flags, "sans_date"))
    if (today - checked).days > OLDEST:
        flags.append("ancien")
    return LinkCheck(link, checked, tuple(flags))
