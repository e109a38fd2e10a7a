"""A conversation played in memory, to see why the assistant answers so. Nothing is stored.

A rehearsal is the list of the user's messages: it is played again from the first one each time, which costs milliseconds.
Messages are masked and understood, and the dialogue is played, by what plays the stored conversations (`bot.turns`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot import events as ev
from bot import turns
from bot.dialogue.prediction import Reason
from bot.events import Event
from bot.execution.runner import ActionAnswer, ActionCall, ActionRunner
from bot.nlu.fallback_classifier import NLU_FALLBACK, FallbackClassifier
from bot.nlu.message import Message, Token
from bot.project.model import ComponentSpec
from bot.responses import SUSPENDED, pieces
from bot.tracker import Tracker
from bot.training.archive import Model

MAX_MESSAGES = 30
"""Messages of one rehearsal."""
SENDER = "rehearsal"
"""Stands in a rehearsal's key where a conversation has the hash of its sender."""
MASKING = "masking"
"""Name of the step that cleans and masks a text."""
TOP = 5
"""Intents that are told of each message."""


class TooManyMessages(ValueError):
    """A rehearsal of more than MAX_MESSAGES."""


@dataclass(frozen=True, slots=True)
class Step:
    """How long a step took."""

    name: str
    """MASKING, the name of a component, or that of a custom action."""
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Guess:
    """An intent that a text may have."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a text, or of a part of it that is a question of its own."""

    text: str
    start: int
    """Where it begins in the message."""
    intent: str
    """What the dialogue gets: `nlu_fallback` in doubt."""
    guesses: tuple[Guess, ...]
    """The likeliest intents, likeliest first, without `nlu_fallback`; at most TOP."""
    entities: tuple[Mapping[str, Any], ...]
    """In Rasa's JSON; `start` and `end` count in the whole message."""

    @property
    def is_sure(self) -> bool:
        """Whether the intent is used, and not the fallback."""
        return self.intent != NLU_FALLBACK

    @property
    def margin(self) -> float | None:
        """By how much the likeliest intent is likelier than the second; None when there is no second."""
        return self.guesses[0].confidence - self.guesses[1].confidence if len(self.guesses) > 1 else None


@dataclass(frozen=True, slots=True)
class Fired:
    """An action that ran, and why."""

    action: str
    confidence: float | None
    reason: Reason | None
    """None for what no policy decides, such as the start of a session."""
    refused: bool = False
    """Whether it refused to run, so that another one followed."""


@dataclass(frozen=True, slots=True)
class Change:
    """A slot that a turn gave another value."""

    slot: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A turn that was played."""

    text: str
    """The user's message, masked."""
    is_payload: bool
    """Whether it is a button's `/intent`, which needs no understanding."""
    body: tuple[int, int]
    """Start and end of what is said; the rest is greeting and signature."""
    tokens: tuple[Token, ...]
    """Its words, and how they are compared."""
    understood: Understood
    questions: tuple[Understood, ...]
    """Further questions of the same message."""
    threshold: float | None
    """Least confidence of the likeliest intent; None without FallbackClassifier."""
    ambiguity: float | None
    """Least margin before the second intent."""
    fired: tuple[Fired, ...]
    slots: Mapping[str, Any]
    """After the turn."""
    changes: tuple[Change, ...]
    form: str | None
    """The form that waits for an answer after the turn."""
    events: tuple[Event, ...]
    messages: tuple[Mapping[str, Any], ...]
    """What is said: Rasa's message objects, as every channel gets them."""
    components: tuple[Step, ...]
    """Masking and the pipeline."""
    actions: tuple[Step, ...]
    """Custom actions; their time is in `dialogue` too."""
    dialogue: float
    """Milliseconds of policies and actions."""

    @property
    def suspended(self) -> list[str]:
        """Names of the responses that a notice stands for."""
        said = (event.metadata.get(SUSPENDED) for event in self.events if isinstance(event, ev.BotUttered))
        return [str(name) for name in said if name]

    @property
    def milliseconds(self) -> float:
        """The whole turn."""
        return sum(step.milliseconds for step in self.components) + self.dialogue


async def rehearse(
    model: Model,
    actions: ActionRunner,
    texts: Sequence[str],
    channel: str,
    clock: Callable[[], float] = time.time,
    suspended: frozenset[str] = frozenset(),
) -> list[Rehearsed]:
    """Play a conversation.

    Args:
        model: who answers.
        actions: who runs custom actions.
        texts: the user's messages, oldest first, masked or not; of buttons, their payloads.
        channel: name of the channel that is played.
        clock: time in seconds since 1970.
        suspended: names of responses that are not said: a notice is, in their place.

    Returns:
        One turn for each message.

    Raises:
        TooManyMessages: more than MAX_MESSAGES.
    """
    if len(texts) > MAX_MESSAGES:
        raise TooManyMessages(f"{len(texts)} messages, at most {MAX_MESSAGES}")
    timed = _Timed(actions)
    engine = turns.engine_of(model, timed, clock, suspended)
    tracker = Tracker(f"{channel}:{SENDER}", model.domain.slots)
    fallback = next((part for part in model.interpreter.components if isinstance(part, FallbackClassifier)), None)
    played: list[Rehearsed] = []
    for number, text in enumerate(texts, 1):
        watch = _Watch()
        heard = turns.read(model, text, trusted=False)
        watch.done(MASKING)
        message: Message | None = None
        if isinstance(heard, str):
            message = model.interpreter.understand(heard, turns.context_of(engine, tracker), watch)
        parsed = message.to_json() if message else heard
        assert isinstance(parsed, dict)
        before, known = dict(tracker.slots), len(tracker.events)
        start = time.perf_counter()
        said = await engine.answer(tracker, turns.utterance(parsed, channel, str(number)), channel)
        dialogue = (time.perf_counter() - start) * 1000
        events = tuple(tracker.events[known:])
        whole = str(parsed["text"])
        played.append(
            Rehearsed(
                text=whole,
                is_payload=message is None,
                body=message.body if message else (0, len(whole)),
                tokens=tuple(message.tokens) if message else (),
                understood=_understood(parsed, whole, 0),
                questions=tuple(_question(question, whole) for question in parsed.get("questions") or ()),
                threshold=fallback.threshold if fallback else None,
                ambiguity=fallback.ambiguity if fallback else None,
                fired=tuple(_fired(events)),
                slots=dict(tracker.slots),
                changes=tuple(_changes(before, tracker.slots)),
                form=tracker.active_loop.name if tracker.active_loop else None,
                events=events,
                messages=tuple(pieces(said)),
                components=tuple(watch.steps),
                actions=timed.taken(),
                dialogue=dialogue,
            )
        )
        await asyncio.sleep(0)  # others have their turn
    return played


class _Watch:
    """Takes the time of one step after the other."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._since = time.perf_counter()

    def __call__(self, spec: ComponentSpec, message: Message) -> None:
        self.done(spec.name.rpartition(".")[2])

    def done(self, name: str) -> None:
        """A step has ended, and the next one begins."""
        now = time.perf_counter()
        self.steps.append(Step(name, (now - self._since) * 1000))
        self._since = now


class _Timed:
    """Runs custom actions and takes the time of each.

    Args:
        runner: who runs them.
    """

    def __init__(self, runner: ActionRunner) -> None:
        self._runner = runner
        self._steps: list[Step] = []

    async def run(self, call: ActionCall) -> ActionAnswer:
        """Run one action; see `bot.execution.runner.ActionRunner`."""
        start = time.perf_counter()
        try:
            return await self._runner.run(call)
        finally:
            self._steps.append(Step(call.action, (time.perf_counter() - start) * 1000))

    def taken(self) -> tuple[Step, ...]:
        """The steps since the last call."""
        steps, self._steps = tuple(self._steps), []
        return steps


def _question(question: Mapping[str, Any], whole: str) -> Understood:
    return _understood(question, whole[question["start"] : question["end"]], question["start"])


def _understood(parsed: Mapping[str, Any], text: str, start: int) -> Understood:
    guesses = [
        Guess(str(item["name"]), float(item["confidence"]))
        for item in parsed.get("intent_ranking") or ()
        if item["name"] != NLU_FALLBACK
    ]
    intent = str(parsed["intent"].get("name") or NLU_FALLBACK)
    return Understood(text, start, intent, tuple(guesses[:TOP]), tuple(parsed.get("entities") or ()))


def _fired(events: Iterable[Event]) -> Iterable[Fired]:
    for event in events:
        match event:
            case ev.ActionExecuted():
                reason = event.metadata.get("reason")
                yield Fired(str(event.name), event.confidence, Reason.from_json(reason) if reason else None)
            case ev.ActionExecutionRejected():
                reason = Reason(event.policy) if event.policy else None
                yield Fired(event.name, event.confidence, reason, refused=True)
            case _:
                pass


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    for name, value in after.items():
        if before.get(name) != value:
            yield Change(name, before.get(name), value)
