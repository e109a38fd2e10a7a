"""Follow-ups: « pourquoi ? » and its like are answered by the last topic of the conversation (data/suites.yml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.answers import address_answer, say
from actions.data_files import DataFileError, data_file, read_yaml
from actions.password import FORM

TOPIC = "sujet"
PASSWORD = "mot_de_passe"  # noqa: S105 (an answer's id)
ADDRESS = "format_adresse"
UNKNOWN = "hors_sujet"
NO_TOPIC = "precision"
OTHERS = "autre"


class SuitesError(DataFileError):
    """data/suites.yml cannot be used; the message names the file and what to write."""


@dataclass(frozen=True, slots=True)
class Suites:
    """Which answer a follow-up gets."""

    topics: Mapping[str, Mapping[str, str]]
    """Topic to follow-up to answer."""
    everywhere: Mapping[str, str]
    """Follow-up to answer, for topics that do not say."""
    without_topic: Mapping[str, str]
    """The same before any topic; OTHERS for all that it does not name."""

    def answer(self, topic: str | None, suite: str) -> str:
        """Id of the answer (`redirection` for `utter_redirection`)."""
        if topic is None or topic not in self.topics:
            return self.without_topic.get(suite) or self.without_topic.get(OTHERS, NO_TOPIC)
        return self.topics[topic].get(suite) or self.everywhere.get(suite, UNKNOWN)

    def answers(self) -> frozenset[str]:
        """Ids of all answers that the table names."""
        tables = (self.everywhere, self.without_topic, *self.topics.values())
        return frozenset(answer for table in tables for answer in table.values())

    def intents(self) -> frozenset[str]:
        """All follow-ups that the table names."""
        tables = (self.everywhere, self.without_topic, *self.topics.values())
        return frozenset(suite for table in tables for suite in table) - {OTHERS}


def suites() -> Suites:
    """The project's table, read again when the file changes."""
    return data_file("suites.yml", read_suites)


def read_suites(path: Path) -> Suites:
    """Read a table of follow-ups.

    Raises:
        SuitesError: unreadable, or a key unknown or missing.
    """
    body = read_yaml(path)
    table = body.get("suites") if isinstance(body, dict) else None
    if not isinstance(table, dict) or set(table) != {"partout", "sans_sujet", "sujets"} or not isinstance(table["sujets"], dict):
        raise SuitesError(f"{path}: `suites` needs exactly the keys `partout`, `sans_sujet` and `sujets`")
    for name, rows in [("partout", table["partout"]), ("sans_sujet", table["sans_sujet"]), *table["sujets"].items()]:
        if not isinstance(rows, dict) or not all(isinstance(item, str) for pair in rows.items() for item in pair):
            raise SuitesError(f"{path}: `{name}` must be pairs such as « suite_pourquoi: redirection », found {rows!r}")
    return Suites(table["sujets"], table["partout"], table["sans_sujet"])


def give_answer(dispatcher: CollectingDispatcher, tracker: Tracker, answer: str) -> list[dict[str, Any]]:
    """Give an answer by its id, or leave it to the password form; it is the topic of what follows."""
    events: list[dict[str, Any]] = [SlotSet(TOPIC, answer)] if answer in suites().topics and answer != UNKNOWN else []
    if answer == PASSWORD:
        return [*events, FollowupAction(FORM)]
    say(dispatcher, tracker, address_answer(tracker) if answer == ADDRESS else f"utter_{answer}")
    return events
