"""Plays end-to-end test stories (Rasa's `tests/test_*.yml`) and compares each turn with what the assistant did.

After a difference the conversation goes on from what the assistant really did, as with a user; Rasa goes on from the
expected action instead. So a turn tells its first difference only, and later turns may differ because of an earlier one.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot import events as ev
from bot.execution.default_actions import DEFAULT_ACTIONS
from bot.execution.performer import APOLOGY
from bot.project.model import ANY_VALUE, ActionStep, BotStep, Domain, IntentStep, Location, LoopStep, SlotStep, Step, Story
from bot.project.problems import Problem, Problems, nearest
from bot.tracker import ACTION_LISTEN, ACTION_SESSION_START, Tracker
from bot.training.validation import LOOP_ACTIONS

UNLISTED = frozenset({ACTION_LISTEN, ACTION_SESSION_START, "action_extract_slots"})
"""Actions that stories need not list; they are passed over where they do."""

_KEYS: Mapping[type[Step], str] = {ActionStep: "action", BotStep: "bot", SlotStep: "slot_was_set", LoopStep: "active_loop"}
"""How steps that may not come first are written."""

Say = Callable[[str, str], Awaitable[Tracker]]
"""Says a text (second) in the conversation of a name (first), and returns the whole conversation after the answer."""

Kind = Literal["intent", "entity", "action", "apology", "text", "slot", "loop"]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing in a turn that did not happen as written."""

    kind: Kind
    """`apology`: the expected action failed and the assistant apologised."""
    location: Location
    """Of the step that differs; of the turn's last step when the assistant did more than is written."""
    expected: Any
    """What is written; None: nothing more (action), not set (slot), no loop."""
    found: Any
    """What came; None: nothing."""
    name: str = ""
    """Of the entity or slot."""


@dataclass(frozen=True, slots=True)
class TurnResult:
    """A message of a story and what came of it."""

    message: str
    """What was said to the assistant, annotations taken out."""
    steps: int
    """Steps of the turn, the message included."""
    intent: str | None
    """What was understood."""
    confidence: float
    """Of that intent, 0 to 1."""
    actions: tuple[str, ...]
    """What the assistant did, without UNLISTED."""
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class StoryResult:
    """A story that was played."""

    story: Story
    turns: tuple[TurnResult, ...]

    @property
    def is_right(self) -> bool:
        """Whether everything happened as written."""
        return all(turn.difference is None for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Segment:
    """What an action did, up to the next one; the first of a turn has no action: what the message itself changed."""

    action: str | None
    texts: tuple[str, ...]
    apology: str | None
    """What was said in place of an action that failed."""
    slots: Mapping[str, Any]
    """All slots at its end."""
    loop: str | None
    """The active loop at its end."""


def check(stories: Iterable[Story], domain: Domain) -> list[Problem]:
    """Names in test stories that the domain does not have, and stories that do not begin with the user.

    Args:
        stories: the test stories.
        domain: the domain that they will be played in.

    Returns:
        Errors, each with its file and line.
    """
    problems = Problems()
    actions = {*domain.actions, *domain.forms, *domain.responses, *DEFAULT_ACTIONS, *LOOP_ACTIONS}
    loops = {*domain.forms, "action_two_stage_fallback"}
    for story in stories:
        first = story.steps[0] if story.steps else None
        if first is None:
            problems.error("no_steps", story.location, name=story.name)
        elif not isinstance(first, IntentStep):
            problems.error("unknown_step", first.location, found=_KEYS[type(first)], suggestion="", known="user, intent")
        for step in story.steps:
            match step:
                case IntentStep(intent=name):
                    _check_name("intent", "intent_not_in_domain", name.partition("/")[0], domain.intents, step, problems)
                    for entity in step.entities:
                        _check_name("entity", "entity_not_in_domain", entity["entity"], domain.entities, step, problems)
                case ActionStep(action=name):
                    _check_name("action", "action_unknown", name, actions, step, problems)
                case SlotStep(slots=slots):
                    for name, _ in slots:
                        _check_name("slot", "slot_unknown", name, domain.slots, step, problems)
                case LoopStep(loop=str(name)):
                    _check_name("form", "form_unknown", name, loops, step, problems)
                case _:
                    pass
    return list(problems)


def _check_name(kind: str, code: str, name: str, known: Iterable[str], step: Step, problems: Problems) -> None:
    names = set(known)
    if name not in names:
        found = nearest(name, names)
        problems.error(code, step.location, **{kind: name, "suggestion": f" → {found}" if found else ""})


async def play(stories: Sequence[Story], domain: Domain, say: Say) -> list[StoryResult]:
    """Play stories, each in a new conversation.

    Args:
        stories: test stories in which `check` finds nothing.
        domain: the assistant's domain.
        say: talks to the assistant.
    """
    return [await _play(story, f"{story.location} {story.name}", domain, say) for story in stories]


async def _play(story: Story, conversation: str, domain: Domain, say: Say) -> StoryResult:
    before = Tracker(conversation, domain.slots)
    turns: list[TurnResult] = []
    for user, steps in _turns(story):
        message = user.text or _payload(user)
        after = await say(conversation, message)
        heard, segments = cut(before, after)
        intent = heard.parse_data.get("intent") or {}
        turns.append(
            TurnResult(
                message,
                1 + len(steps),
                heard.intent,
                float(intent.get("confidence") or 0.0),
                tuple(segment.action for segment in segments if segment.action is not None),
                next(_understanding(user, heard), None) or next(_deeds(user, steps, segments), None),
            )
        )
        before = after
    return StoryResult(story, tuple(turns))


def _turns(story: Story) -> Iterator[tuple[IntentStep, list[Step]]]:
    """Each message with the steps that follow it."""
    starts = [number for number, step in enumerate(story.steps) if isinstance(step, IntentStep)]
    for start, end in zip(starts, [*starts[1:], len(story.steps)], strict=True):
        user = story.steps[start]
        assert isinstance(user, IntentStep)
        yield user, list(story.steps[start + 1 : end])


def _payload(user: IntentStep) -> str:
    """The message of a step without text: `/intent{"entity": "value"}`."""
    values: dict[str, list[Any]] = {}
    for entity in user.entities:
        values.setdefault(entity["entity"], []).append(entity.get("value", ""))
    written = {name: given[0] if len(given) == 1 else given for name, given in values.items()}
    return f"/{user.intent.partition('/')[0]}" + (json.dumps(written, ensure_ascii=False) if written else "")


def cut(before: Tracker, after: Tracker) -> tuple[ev.UserUttered, list[Segment]]:
    """The message of a turn as it was understood, and what the assistant did, action by action.

    Args:
        before: the conversation before the turn.
        after: the same after it.

    Returns:
        The message; what it changed itself, then what each action did.
    """
    state = before.copy()
    heard: ev.UserUttered | None = None
    action: str | None = None
    said: list[ev.BotUttered] = []
    done: list[Segment] = []
    for event in after.events[len(before.events) :]:
        if heard is not None and isinstance(event, ev.ActionExecuted) and event.name not in UNLISTED:
            done.append(_segment(action, said, state))
            action, said = event.name, []
        state.update(event)
        if isinstance(event, ev.BotUttered):
            said.append(event)
        elif isinstance(event, ev.UserUttered) and heard is None:
            heard = event
    assert heard is not None, "a turn without its message"
    return heard, [*done, _segment(action, said, state)]


def _segment(action: str | None, said: Sequence[ev.BotUttered], state: Tracker) -> Segment:
    apologies = [event.text for event in said if event.metadata.get("utter_action") == APOLOGY and action != APOLOGY]
    texts = tuple(_plain(event.text) for event in said if event.text)
    loop = state.active_loop.name if state.active_loop else None
    return Segment(action, texts, _plain(apologies[0] or "") if apologies else None, dict(state.slots), loop)


def _plain(text: str) -> str:
    """A text whatever its line breaks."""
    return " ".join(text.split())


def _understanding(user: IntentStep, heard: ev.UserUttered) -> Iterator[Difference]:
    """What was understood otherwise: the intent, then annotated entities; others may be found besides."""
    found = _full_intent(heard) if "/" in user.intent else heard.intent
    if found not in (user.intent, user.intent.partition("/")[0]):
        yield Difference("intent", user.location, user.intent, found)
    for entity in user.entities:
        same = [item for item in heard.entities if item.get("entity") == entity["entity"]]
        if not any(_is_entity(entity, item, heard.text or "") for item in same):
            expected, name = entity.get("value", ANY_VALUE), entity["entity"]
            yield Difference("entity", user.location, expected, same[0].get("value") if same else None, name)


def _full_intent(heard: ev.UserUttered) -> str | None:
    """`faq/horaires` when a response selector chose one; otherwise the intent."""
    selector: Mapping[str, Any] = heard.parse_data.get("response_selector") or {}
    chosen = selector.get(heard.intent or "") or selector.get("default") or {}
    return (chosen.get("response") or {}).get("intent_response_key") or heard.intent


def _is_entity(expected: Mapping[str, Any], found: Mapping[str, Any], text: str) -> bool:
    """Same role and group, and the annotated value or, of a value that a synonym replaced, the annotated words."""
    if any(expected.get(part) != found.get(part) for part in ("role", "group")):
        return False
    surface = text[found.get("start") or 0 : found.get("end") or 0]
    return "value" not in expected or str(expected["value"]) in (str(found.get("value")), surface)


def _deeds(user: IntentStep, steps: Sequence[Step], segments: Sequence[Segment]) -> Iterator[Difference]:
    """What was done otherwise; a slot or loop step speaks of the moment after the action before it."""
    at = 0
    excused = {_plain(step.text) for step in steps if isinstance(step, BotStep)}
    for step in steps:
        following = segments[at + 1] if at + 1 < len(segments) else None
        match step:
            case ActionStep(action=name) if name not in UNLISTED:
                if following is None or following.action != name:
                    yield Difference("action", step.location, name, following.action if following else None)
                    return
                at += 1
                if following.apology is not None and following.apology not in excused:
                    yield Difference("apology", step.location, name, following.apology)
            case BotStep(text=text):
                if _plain(text) in segments[at].texts:
                    continue
                if following is None or _plain(text) not in following.texts:
                    said = (*segments[at].texts, *(following.texts if following else ()))
                    yield Difference("text", step.location, text, " / ".join(said) or None)
                    return
                at += 1
            case SlotStep(slots=slots):
                for name, value in slots:
                    stored = segments[at].slots.get(name)
                    if not _is_value(value, stored):
                        yield Difference("slot", step.location, value, stored, name)
            case LoopStep(loop=loop):
                if segments[at].loop != loop:
                    yield Difference("loop", step.location, loop, segments[at].loop)
            case _:
                pass
    last = steps[-1] if steps else user
    if at + 1 < len(segments):
        yield Difference("action", last.location, None, segments[at + 1].action)
    elif segments[0].apology is not None and segments[0].apology not in excused:
        yield Difference("apology", last.location, None, segments[0].apology)


def _is_value(expected: Any, stored: Any) -> bool:
    if expected == ANY_VALUE:
        return stored is not None
    return bool(stored == expected) and isinstance(stored, bool) == isinstance(expected, bool)
