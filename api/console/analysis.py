"""A rehearsed turn as the screen « Essayer » shows it: what was understood, what fired, and each channel's answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from typing import Any

from rich.console import Console as Terminal

from api.cli.saying import show
from api.transcript import Answer, Exchange, exchanges
from bot import events as ev
from bot.events import Event
from bot.nlu.folding import fold
from bot.rehearsal import Rehearsed

TERMINAL_COLUMNS = 100
LONGEST_DETAIL = 160
"""Characters that the timeline shows of an event; its JSON has them all."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the user's text."""

    text: str
    entity: str | None
    """Name of the entity that it is."""
    value: str | None
    """Of the entity, when it is another than the text."""
    is_courtesy: bool
    """Whether the pipeline leaves it out, as greeting or signature."""


@dataclass(frozen=True, slots=True)
class Card:
    """A message as Teams gets it."""

    text: str
    """What a client without cards shows: the words and the buttons."""
    body: str
    """The card's JSON."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An event of the timeline."""

    kind: str
    """Rasa's name of the event."""
    detail: str
    body: str
    """Its JSON."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a step took."""

    name: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known of a turn."""

    turn: Rehearsed
    pieces: tuple[Piece, ...]
    corrected: tuple[tuple[str, str], ...]
    """Words, and how they were compared where that is more than without case and accents."""
    slots: tuple[tuple[str, str, bool], ...]
    """Name, value, whether the turn changed it; empty ones only when they were changed."""
    answers: tuple[Answer, ...]
    """As the widget and the page show it."""
    terminal: str
    cards: tuple[Card, ...]
    """Of Teams; none when the channel is not installed."""
    timings: tuple[Timing, ...]
    timeline: tuple[Moment, ...]


def analyse(turn: Rehearsed, exchange: Exchange) -> Analysis:
    """A turn, ready to be shown.

    Args:
        turn: the turn.
        exchange: what the page shows of it.
    """
    return Analysis(
        turn=turn,
        pieces=tuple(_pieces(turn)),
        corrected=tuple((token.text, token.norm) for token in turn.tokens if token.norm != fold(token.text).rstrip("'’")),
        slots=tuple(_slots(turn)),
        answers=tuple(exchange.answers),
        terminal=terminal_text(turn.messages),
        cards=tuple(_cards(turn.messages)),
        timings=tuple(_timings(turn)),
        timeline=tuple(Moment(event.type_name, _detail(event), _json(event.to_json())) for event in turn.events),
    )


def exchanges_of(turns: Sequence[Rehearsed]) -> list[Exchange]:
    """What the page shows of a rehearsal, one exchange for each turn."""
    return exchanges([event for turn in turns for event in turn.events], len(turns))


def terminal_text(messages: Sequence[Mapping[str, Any]]) -> str:
    """What `bma shell` prints."""
    out = StringIO()
    show(messages, Terminal(file=out, width=TERMINAL_COLUMNS, color_system=None))
    return out.getvalue().rstrip()


def _pieces(turn: Rehearsed) -> Iterable[Piece]:
    start, end = turn.body
    marks: list[tuple[int, int, Mapping[str, Any]]] = []
    found = [*turn.understood.entities, *(entity for question in turn.questions for entity in question.entities)]
    for entity in sorted(found, key=lambda item: (item["start"], -item["end"])):
        if not turn.is_payload and (not marks or entity["start"] >= marks[-1][1]):
            marks.append((entity["start"], entity["end"], entity))
    cuts = {0, start, end, len(turn.text), *(edge for mark in marks for edge in mark[:2])}
    for left, right in pairwise(sorted(cuts)):
        text = turn.text[left:right]
        name = value = None
        for first, last, entity in marks:
            if first <= left and right <= last:
                name = str(entity["entity"])
                value = str(entity["value"]) if str(entity["value"]) != text else None
        yield Piece(text, name, value, is_courtesy=not start <= left < end)


def _slots(turn: Rehearsed) -> Iterable[tuple[str, str, bool]]:
    changed = {change.slot for change in turn.changes}
    for name, value in turn.slots.items():
        if value is not None or name in changed:
            yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), name in changed


def _cards(messages: Sequence[Mapping[str, Any]]) -> Iterable[Card]:
    try:
        from api.channels.teams.cards import parts
    except ModuleNotFoundError:  # the extra is not installed
        return
    for part in parts(messages, "essai"):
        yield Card(str(part.card["fallbackText"]), _json(part.card))


def _timings(turn: Rehearsed) -> Iterable[Timing]:
    """Masking, components of the same name together, custom actions, and the rest of the dialogue."""
    spent: dict[str, float] = {}
    for step in turn.components:
        spent[step.name] = spent.get(step.name, 0.0) + step.milliseconds
    for step in turn.actions:
        spent[step.name] = spent.get(step.name, 0.0) + step.milliseconds
    rest = turn.dialogue - sum(step.milliseconds for step in turn.actions)
    yield from (Timing(name, milliseconds) for name, milliseconds in spent.items())
    yield Timing("dialogue", max(0.0, rest))


def _detail(event: Event) -> str:
    match event:
        case ev.UserUttered() | ev.BotUttered():
            text = event.text or ""
        case ev.SlotSet():
            text = f"{event.name} = {json.dumps(event.value, ensure_ascii=False)}"
        case ev.ActionExecuted() | ev.ActionExecutionRejected() | ev.FollowupAction() | ev.ActiveLoop():
            text = event.name or ""
        case _:
            text = ""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_DETAIL else flat[: LONGEST_DETAIL - 1] + "…"


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, indent=2, default=list)
