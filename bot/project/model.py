"""What a project says, as values: the result of reading its YAML files.

Shapes follow Rasa 3.6's training data and domain formats (version "3.1").
Every value that an editor wrote keeps the place where it was written.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a project file."""

    file: str
    """Path relative to the project's root, with forward slashes."""
    line: int
    """1 for the first line; 0 when the whole file is meant."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


NOWHERE = Location("", 0)


# --- NLU ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnnotatedEntity:
    """An entity marked in an example: `text[start:end]` means `value`."""

    entity: str
    value: str
    start: int
    end: int
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A training sentence, its annotations taken out of the text."""

    text: str
    intent: str
    """Base intent (`faq` for the retrieval intent `faq/horaires`)."""
    intent_response_key: str | None = None
    """Whole retrieval intent (`faq/horaires`), or None."""
    entities: tuple[AnnotatedEntity, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """`{"intent": …, "example": …}` as Rasa merges them; empty when none is given."""
    location: Location = NOWHERE
    block: int = 0
    """Number of the `- intent:` item that holds it, in the order of reading: sentences of one hand about one topic."""


@dataclass(frozen=True, slots=True)
class Addition:
    """A sentence that is to become an example: no file has it yet."""

    text: str
    """Masked; line breaks in it are written as spaces."""
    intent: str
    """Whole retrieval intent (`faq/horaires`), where it is one."""


@dataclass(frozen=True, slots=True)
class RegexFeature:
    """A named regular expression; one pattern of a `regex` block."""

    name: str
    pattern: str
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A named list of words or phrases."""

    name: str
    items: tuple[str, ...]
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class NluData:
    """All NLU training data of the project, files merged in path order."""

    examples: tuple[Example, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    """Surface text, lower-cased, to canonical value."""
    regexes: tuple[RegexFeature, ...] = ()
    lookups: tuple[LookupTable, ...] = ()


# --- Domain -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Intent:
    """An intent of the domain and the entities that policies see with it."""

    name: str
    used_entities: frozenset[str] = frozenset()
    """`use_entities` minus `ignore_entities`; all of the domain's by default."""
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity of the domain."""

    name: str
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    influence_conversation: bool = True
    location: Location = NOWHERE


MappingType = Literal["from_entity", "from_intent", "from_trigger_intent", "from_text", "custom"]


@dataclass(frozen=True, slots=True)
class MappingCondition:
    """One item of a mapping's `conditions`: all its parts must hold (rasa-compat section 4)."""

    active_loop: str | None = None
    """Name of the loop that must be active; None: no loop may be active."""
    requested_slot: str | None = None
    """Slot that the loop must be asking for; None: any."""


@dataclass(frozen=True, slots=True)
class SlotMapping:
    """One way to fill a slot from a user message."""

    type: MappingType
    entity: str | None = None
    role: str | None = None
    group: str | None = None
    value: Any = None
    intents: tuple[str, ...] = ()
    not_intents: tuple[str, ...] = ()
    action: str | None = None
    conditions: tuple[MappingCondition, ...] = ()
    location: Location = NOWHERE


SlotType = Literal["text", "bool", "categorical", "float", "list", "any"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of the domain."""

    name: str
    type: SlotType
    mappings: tuple[SlotMapping, ...] = ()
    initial_value: Any = None
    influence_conversation: bool = True
    values: tuple[str, ...] = ()
    """Categories of a categorical slot, lower-cased, `__other__` last."""
    min_value: float = 0.0
    max_value: float = 1.0
    location: Location = NOWHERE

    def fresh_value(self) -> Any:
        """The initial value, the caller's own."""
        return copy.copy(self.initial_value) if isinstance(self.initial_value, list | dict) else self.initial_value


@dataclass(frozen=True, slots=True)
class ResponseCondition:
    """A slot that must have a value for a variation to be used."""

    slot: str
    value: Any


@dataclass(frozen=True, slots=True)
class ResponseVariation:
    """One wording of a response."""

    content: Mapping[str, Any]
    """Rasa's keys as written, without `condition` and `channel`: text, buttons, image, custom, metadata, id…"""
    channel: str | None = None
    conditions: tuple[ResponseCondition, ...] = ()
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class Form:
    """A form: the slots that it asks for, in order."""

    name: str
    required_slots: tuple[str, ...] = ()
    ignored_intents: tuple[str, ...] = ()
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """How long a conversation may be silent before a new session starts."""

    expiration_minutes: float = 60.0
    """0: never."""
    carry_over_slots: bool = True


@dataclass(frozen=True, slots=True)
class Domain:
    """The world that the assistant knows; lists in the order of the files."""

    intents: Mapping[str, Intent] = field(default_factory=dict)
    """Those written and Rasa's five defaults (restart, back, out_of_scope, session_start, nlu_fallback)."""
    entities: Mapping[str, Entity] = field(default_factory=dict)
    slots: Mapping[str, Slot] = field(default_factory=dict)
    """Those written and Rasa's own (`requested_slot` when there are forms, `session_started_metadata`)."""
    responses: Mapping[str, tuple[ResponseVariation, ...]] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    """Custom actions listed (without responses, forms and default actions)."""
    forms: Mapping[str, Form] = field(default_factory=dict)
    session: SessionConfig = SessionConfig()
    suspended: frozenset[str] = frozenset()
    """Responses that are not said for the moment: a notice is, in their place. No file says so (`bot.execution.suspension`)."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """The merged files as plain JSON-able values, in Rasa's shape: what custom actions and GET /domain get."""


# --- Stories and rules --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IntentStep:
    """The user says something of this intent."""

    intent: str
    entities: tuple[Mapping[str, Any], ...] = ()
    """`{"entity", "value"?, "role"?, "group"?}` each; no `value`: any."""
    text: str | None = None
    """The sentence of an end-to-end test story."""
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class ActionStep:
    """The assistant does this."""

    action: str
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class BotStep:
    """The assistant says this text (end-to-end stories)."""

    text: str
    location: Location = NOWHERE


ANY_VALUE = "__any_value__"
"""Stands for the value in `- slot_was_set: [name]`: filled, whatever with."""


@dataclass(frozen=True, slots=True)
class SlotStep:
    """Slots have these values at this point; None: not set."""

    slots: tuple[tuple[str, Any], ...]
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class LoopStep:
    """This loop is active from here; None: no loop is."""

    loop: str | None
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class CheckpointStep:
    """Stories are joined here."""

    name: str
    slots: tuple[tuple[str, Any], ...] = ()
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class OrStep:
    """Any one of these steps."""

    choices: tuple[IntentStep | SlotStep, ...]
    location: Location = NOWHERE


Step = IntentStep | ActionStep | BotStep | SlotStep | LoopStep | CheckpointStep | OrStep


@dataclass(frozen=True, slots=True)
class Story:
    """A story, as written."""

    name: str
    steps: tuple[Step, ...]
    location: Location = NOWHERE
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, as written."""

    name: str
    steps: tuple[Step, ...]
    condition: tuple[SlotStep | LoopStep, ...] = ()
    conversation_start: bool = False
    wait_for_user_input: bool = True
    location: Location = NOWHERE
    metadata: Mapping[str, Any] = field(default_factory=dict)


# --- Configuration ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ComponentSpec:
    """A line of `pipeline` or `policies`: a name and its options."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class Config:
    """config.yml."""

    language: str = "fr"
    assistant_id: str = ""
    recipe: str = "default.v1"
    pipeline: tuple[ComponentSpec, ...] = ()
    policies: tuple[ComponentSpec, ...] = ()
    location: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class Endpoints:
    """endpoints.yml: each key's mapping as written, `${NAME}` replaced."""

    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Such as `{"action_endpoint": {"url": …}}`; a key with a null body is absent."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """credentials.yml: one key per channel, with its options."""

    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """A project: all that its files say."""

    root: Path
    config: Config
    domain: Domain
    nlu: NluData
    stories: tuple[Story, ...] = ()
    rules: tuple[Rule, ...] = ()
    files: tuple[str, ...] = ()
    """All project files read, relative to the root, sorted."""
