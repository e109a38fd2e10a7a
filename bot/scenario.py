"""A rehearsed conversation as a test story: Rasa's end-to-end format, as `bma test dialogues` plays it.

Everything that is written is what `bot.training.dialogue_test` compares, cut at the same moments, so that the story holds
with the model that was rehearsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from bot.nlu.interpreter import read_payload
from bot.project.entity_annotation import bracketed, read_annotations
from bot.project.model import NOWHERE, Domain
from bot.project.nlu_reader import MAX_EXAMPLE
from bot.project.problems import Problems
from bot.project.yaml_file import NO_TEXTS, scalar_value
from bot.rehearsal import Rehearsed
from bot.tracker import Tracker
from bot.training.dialogue_test import Segment, cut

INTERNAL_SLOTS = frozenset({"requested_slot", "session_started_metadata"})
"""Rasa's own slots, of which stories do not speak."""
_PLAIN = re.compile(r"[^\W\d][\w/'’-]*(?: [\w/'’-]+)*")
_UNPRINTABLE = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML takes only escaped, or takes for a line break."""

Obstacle = Literal["payload", "too_long", "apology"]


class NotATestError(ValueError):
    """A conversation that a story cannot tell.

    Args:
        reason: `payload`: a message is no button of the model, but would be one where tests are played; `too_long`: a message
            is longer than a sentence of a project file; `apology`: an action failed.
        number: which message, from 1.
    """

    def __init__(self, reason: Obstacle, number: int) -> None:
        self.reason: Obstacle = reason
        self.number = number
        super().__init__(f"message {number}: {reason}")


def story_file(turns: Sequence[Rehearsed], domain: Domain, name: str, comments: Iterable[str] = ()) -> str:
    """A test file with one story.

    Args:
        turns: the rehearsal, of the model that the story is to hold with.
        domain: that model's.
        name: of the story.
        comments: lines that stand above it.

    Returns:
        The text of a file such as tests/test_faq.yml.

    Raises:
        NotATestError: the story would not hold.
    """
    lines = [f"# {' '.join(comment.split())}" for comment in comments]
    lines += ["stories:", f"  - story: {_written(name)}", "    steps:"]
    after = Tracker("scenario", domain.slots)
    for number, turn in enumerate(turns, 1):
        before = after.copy()
        for event in turn.events:
            after.update(event)
        heard, done = cut(before, after)
        if any(segment.apology is not None for segment in done):
            raise NotATestError("apology", number)
        lines += _message(turn, heard.intent or turn.understood.intent, heard.entities, domain, number)
        slots: Mapping[str, Any] = before.slots
        loop = before.active_loop.name if before.active_loop else None
        for segment in done:
            lines += _deeds(segment, slots, loop, domain)
            slots, loop = segment.slots, segment.loop
    return "\n".join([*lines, ""])


def _message(turn: Rehearsed, intent: str, entities: Iterable[Mapping[str, Any]], domain: Domain, number: int) -> list[str]:
    text = turn.text
    found: Sequence[Mapping[str, Any]] = ()  # a button's are in its text
    if not turn.is_payload:
        found = [item for item in entities if item["entity"] in domain.entities]
    if text.startswith("/"):
        if not turn.is_payload and read_payload(text, domain) is not None:
            raise NotATestError("payload", number)
        said = text
    else:
        said, found = _annotated(text, found)
        if len(said) > MAX_EXAMPLE:
            raise NotATestError("too_long", number)
    lines = [f"      - user: {_quoted(said)}"]
    if not _UNPRINTABLE.search(said.replace("\n", "")):
        lines = ["      - user: |", *(f"          {line}" if line else "" for line in said.split("\n"))]
    lines.append(f"        intent: {_written(intent)}")
    if found:
        lines.append("        entities:")
    for item in found:
        lines.append(f"          - {_written(item['entity'])}: {_written(str(item['value']))}")
        lines += (f"            {part}: {_written(item[part])}" for part in ("role", "group") if item.get(part) is not None)
    return lines


def _annotated(text: str, found: Sequence[Mapping[str, Any]]) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """A text with its entities marked; or, where marks would say something else, with those that have to be listed."""
    pieces: list[str] = []
    end = 0
    in_order = sorted(found, key=lambda item: int(item["start"]))
    for item in in_order:
        pieces += (text[end : item["start"]], f"[{text[item['start'] : item['end']]}]({item['entity']})")
        end = item["end"]
    marked = "".join([*pieces, text[end:]])
    read, entities = read_annotations(marked, NOWHERE, Problems())
    wanted = [(item["start"], item["end"], item["entity"], item.get("role"), item.get("group")) for item in in_order]
    if read == text and [(each.start, each.end, each.entity, each.role, each.group) for each in entities] == wanted:
        return marked, ()
    return bracketed(text), found


def _deeds(segment: Segment, slots: Mapping[str, Any], loop: str | None, domain: Domain) -> Iterable[str]:
    """An action, the form that it leaves and the slots that it changed; of a segment without action, what the message changed."""
    if segment.action is not None:
        yield f"      - action: {_written(segment.action)}"
    if segment.loop != loop or segment.action in domain.forms:
        yield f"      - active_loop: {_written(segment.loop)}"
    changed = {name: value for name, value in segment.slots.items() if name not in INTERNAL_SLOTS and value != slots.get(name)}
    if changed:
        yield "      - slot_was_set:"
    for name, value in changed.items():
        yield f"          - {_written(name)}: {_written(value)}"


def _written(value: Any) -> str:
    """A value in one line of YAML."""
    if not isinstance(value, str):
        return _quoted(value)
    plain = _PLAIN.fullmatch(value) and value.lower() not in NO_TEXTS and scalar_value(value) == value
    return value if plain and not _UNPRINTABLE.search(value) else _quoted(value)


def _quoted(value: Any) -> str:
    """A value as JSON, which is YAML too, without what YAML wants escaped."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, default=list))
