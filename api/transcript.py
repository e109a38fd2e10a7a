"""A stored conversation as exchanges, to show it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actions.links import may_be_shown
from api.answer_text import Block, parse_answer
from bot import events as ev

MODE_QUESTION = "utter_ask_connu_mode"
"""The question whose buttons stay usable: one may find out later whether one is in MODE."""


@dataclass(frozen=True, slots=True)
class Button:
    """A choice that the assistant offers."""

    title: str
    payload: str | None
    """What is sent; None for a link, and for a choice whose time is over."""
    href: str | None = None


@dataclass(slots=True)
class Answer:
    """One thing that the assistant said."""

    blocks: list[Block]
    buttons: list[Button]


@dataclass(slots=True)
class Exchange:
    """A message and what was answered."""

    question: str
    """As it was stored: without the secrets that were typed; of a button, its title."""
    answers: list[Answer] = field(default_factory=list)


def exchanges(events: Sequence[ev.Event], limit: int) -> list[Exchange]:
    """The last exchanges of a conversation.

    Args:
        events: the conversation, or its latest part. Earlier events than those of the last exchanges are needed only for the
            titles of buttons that were pressed later.
        limit: how many exchanges at most.
    """
    found: list[Exchange] = []
    titles: dict[str, str] = {}
    messages = [index for index, event in enumerate(events) if isinstance(event, ev.UserUttered)]
    first, last = (messages[-limit:][0], messages[-1]) if messages else (0, 0)
    for index, event in enumerate(events):
        if isinstance(event, ev.UserUttered) and index >= first:
            text = event.text or ""
            found.append(Exchange(titles.get(text, text)))
        elif isinstance(event, ev.BotUttered):
            buttons = event.data.get("buttons") or ()
            titles.update((str(item["payload"]), str(item["title"])) for item in buttons if item.get("payload"))
            if found:
                usable = index > last or (event.metadata or {}).get("utter_action") == MODE_QUESTION
                found[-1].answers.append(Answer(parse_answer(event.text or ""), [_button(item, usable) for item in buttons]))
    return found


def _button(item: Mapping[str, Any], usable: bool) -> Button:
    url = item.get("url")
    if url is not None:
        return Button(str(item["title"]), None, str(url) if may_be_shown(str(url)) else None)
    return Button(str(item["title"]), str(item["payload"]) if usable and item.get("payload") else None)
