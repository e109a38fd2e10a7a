"""What happened in a conversation: Rasa's events, as values.

Names, keys and meaning follow Rasa 3.6 (`rasa/shared/core/events.py`), so that trackers are read
by Rasa's tools and `rasa-sdk` actions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

Json = dict[str, Any]


class EventError(ValueError):
    """An event in JSON that no event type here can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened; subclasses add their own keys."""

    type_name: ClassVar[str] = ""
    timestamp: float = 0.0
    """Seconds since 1970; 0 until a tracker records the event."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    position: int = field(default=0, compare=False)
    """Place in the conversation, from 1 on; 0 until a tracker records the event. Not in Rasa's JSON."""

    def to_json(self) -> Json:
        """The event in Rasa's JSON; `metadata` only when there is some."""
        body: Json = {"event": self.type_name, "timestamp": self.timestamp}
        if self.metadata:
            body["metadata"] = dict(self.metadata)
        for name in _OWN_KEYS[self.type_name]:
            body[name] = getattr(self, name)
        return body

    def at(self, timestamp: float, metadata: Mapping[str, Any]) -> Self:
        """The event with its time and its metadata."""
        twin = self._twin()
        _set(twin, "timestamp", timestamp)
        _set(twin, "metadata", metadata)
        return twin

    def recorded(self, position: int) -> Self:
        """The event in its place of a conversation."""
        twin = self._twin()
        _set(twin, "position", position)
        return twin

    def _twin(self) -> Self:
        """A copy that is not yet anybody's. `dataclasses.replace` takes five times as long, and each turn makes thirty."""
        twin = object.__new__(type(self))
        for name in _ALL_KEYS[self.type_name]:
            _set(twin, name, getattr(self, name))
        return twin


_set = object.__setattr__


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUttered(Event):
    """The user said something, understood as `parse_data`."""

    type_name: ClassVar[str] = "user"
    text: str | None = None
    parse_data: Mapping[str, Any] = field(default_factory=dict)
    input_channel: str | None = None
    message_id: str | None = None

    @property
    def intent(self) -> str | None:
        """Name of the intent that was understood."""
        name = (self.parse_data.get("intent") or {}).get("name")
        return str(name) if name else None

    @property
    def entities(self) -> list[Mapping[str, Any]]:
        """Entities that were found, in Rasa's JSON."""
        return list(self.parse_data.get("entities") or [])


@dataclass(frozen=True, slots=True, kw_only=True)
class BotUttered(Event):
    """The assistant said something."""

    type_name: ClassVar[str] = "bot"
    text: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    """elements, quick_replies, buttons, attachment, image, custom: those that are set."""

    def to_json(self) -> Json:
        """The event with all of Rasa's data keys, null when not set."""
        body = Event.to_json(self)
        body["data"] = {key: self.data.get(key) for key in BOT_DATA_KEYS}
        return body


BOT_DATA_KEYS = ("elements", "quick_replies", "buttons", "attachment", "image", "custom")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionExecuted(Event):
    """The assistant did something."""

    type_name: ClassVar[str] = "action"
    name: str | None = None
    policy: str | None = None
    confidence: float | None = None
    action_text: str | None = None
    hide_rule_turn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSet(Event):
    """A slot has a new value."""

    type_name: ClassVar[str] = "slot"
    name: str
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveLoop(Event):
    """A form or another loop starts, or ends (name is None)."""

    type_name: ClassVar[str] = "active_loop"
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopInterrupted(Event):
    """The active loop was, or is no more, interrupted."""

    type_name: ClassVar[str] = "loop_interrupted"
    is_interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionExecutionRejected(Event):
    """An action refused to run; other policies decide."""

    type_name: ClassVar[str] = "action_execution_rejected"
    name: str
    policy: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFeaturization(Event):
    """Whether the next action was chosen by the text (end to end) or by the intent."""

    type_name: ClassVar[str] = "user_featurization"
    use_text_for_featurization: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowupAction(Event):
    """The next action, without asking the policies."""

    type_name: ClassVar[str] = "followup"
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitiesAdded(Event):
    """Entities found by a policy (end to end)."""

    type_name: ClassVar[str] = "entities"
    entities: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderScheduled(Event):
    """An intent to be triggered later."""

    type_name: ClassVar[str] = "reminder"
    intent: str | None = None
    date_time: str | None = None
    entities: Any = None
    name: str | None = None
    kill_on_user_msg: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderCancelled(Event):
    """A reminder that is no longer wanted."""

    type_name: ClassVar[str] = "cancel_reminder"
    name: str | None = None
    intent: str | None = None
    entities: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentUttered(Event):
    """A human agent said something."""

    type_name: ClassVar[str] = "agent"
    text: str | None = None
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarted(Event):
    """The conversation starts again from nothing."""

    type_name: ClassVar[str] = "restart"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserUtteranceReverted(Event):
    """The last user message and all that followed are forgotten."""

    type_name: ClassVar[str] = "rewind"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionReverted(Event):
    """The last action and all that followed are forgotten."""

    type_name: ClassVar[str] = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllSlotsReset(Event):
    """All slots have their initial value again."""

    type_name: ClassVar[str] = "reset_slots"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(Event):
    """A new session starts."""

    type_name: ClassVar[str] = "session_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPaused(Event):
    """The assistant keeps silent from here."""

    type_name: ClassVar[str] = "pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationResumed(Event):
    """The assistant answers again."""

    type_name: ClassVar[str] = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryExported(Event):
    """The conversation was written out as a story; kept for Rasa's tools."""

    type_name: ClassVar[str] = "export"


EVENT_TYPES: Mapping[str, type[Event]] = {
    kind.type_name: kind
    for kind in (
        UserUttered,
        BotUttered,
        ActionExecuted,
        SlotSet,
        ActiveLoop,
        LoopInterrupted,
        ActionExecutionRejected,
        UserFeaturization,
        FollowupAction,
        EntitiesAdded,
        ReminderScheduled,
        ReminderCancelled,
        AgentUttered,
        Restarted,
        UserUtteranceReverted,
        ActionReverted,
        AllSlotsReset,
        SessionStarted,
        ConversationPaused,
        ConversationResumed,
        StoryExported,
    )
}
_KEYS: Mapping[str, frozenset[str]] = {
    name: frozenset(item.name for item in fields(kind)) - {"position"} for name, kind in EVENT_TYPES.items()
}
_OWN_KEYS: Mapping[str, tuple[str, ...]] = {
    name: tuple(item.name for item in fields(kind) if item.name not in ("timestamp", "metadata", "position"))
    for name, kind in EVENT_TYPES.items()
}
"""Keys that each type has besides those of all, in their order."""
_ALL_KEYS: Mapping[str, tuple[str, ...]] = {name: tuple(item.name for item in fields(kind)) for name, kind in EVENT_TYPES.items()}
_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    "timestamp": (int, float),
    "metadata": (dict, Mapping),
    "name": str,
    "text": str,
    "input_channel": str,
    "message_id": str,
    "parse_data": (dict, Mapping),
    "data": (dict, Mapping),
}
"""What the keys of events hold that code here relies on; a `dict` is told first, which is quicker."""
_LEGACY: Mapping[str, Callable[[Mapping[str, Any]], Event]] = {
    "form": lambda body: ActiveLoop(name=body.get("name"), timestamp=body.get("timestamp") or 0.0),
    "form_validation": lambda body: LoopInterrupted(
        is_interrupted=not body.get("validate", True), timestamp=body.get("timestamp") or 0.0
    ),
}


def event_from_json(body: Any) -> Event:
    """Read one event of Rasa's JSON.

    Args:
        body: the decoded JSON object; keys that the event does not have are dropped, as Rasa does.

    Raises:
        EventError: not an object, an unknown `event`, a required key missing, or a value of another type than the key has.
    """
    if not isinstance(body, (dict, Mapping)):
        raise EventError(f"an event is a JSON object, found {type(body).__name__}")
    name = body.get("event")
    if isinstance(name, str) and name in _LEGACY:
        return _LEGACY[name](body)
    kind = EVENT_TYPES.get(name) if isinstance(name, str) else None
    if kind is None:
        raise EventError(f"unknown event {name!r}; known: {', '.join(sorted(EVENT_TYPES))}")
    values = {key: value for key, value in body.items() if key in _KEYS[kind.type_name]}
    values["timestamp"] = values.get("timestamp") or 0.0
    values["metadata"] = values.get("metadata") or {}
    for key, value in values.items():
        if value is not None and key in _SHAPES and not isinstance(value, _SHAPES[key]):
            raise EventError(f"event {name!r}: {key} is of type {type(value).__name__}")
    if kind is BotUttered:
        data = values.get("data") or {}
        values["data"] = {key: value for key, value in data.items() if value is not None}
    if kind is EntitiesAdded:
        if not isinstance(values.get("entities") or [], list | tuple):
            raise EventError(f"event {name!r}: entities are no list")
        values["entities"] = tuple(values.get("entities") or ())
    try:
        return kind(**values)
    except TypeError as error:
        raise EventError(f"event {name!r}: {error}") from error
