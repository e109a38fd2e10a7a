"""Responses: from a response's name to what is said (Rasa 3.6, `rasa/core/nlg/`).

Differences from Rasa, on purpose: an empty slot prints nothing instead of "None"; `channel: rest` means the REST
channel (Rasa calls it `collector`; both are understood); among equal variations the choice is the same each time
the same conversation reaches the same point, and never a wording of this turn or the one before while there is another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from bot import events as ev
from bot.project.model import Domain, ResponseVariation
from bot.tracker import Tracker

CHANNEL_ALIASES = {"collector": "rest"}
NOTICE = "utter_reponse_suspendue"
"""Response that is said in place of a suspended one."""
SUSPENDED = "suspended_response"
"""Key of the notice's event metadata: name of the response that it stands for."""
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}\n]+)\}")


@dataclass(frozen=True, slots=True)
class BotMessage:
    """One thing to say, before a channel renders it."""

    response: str | None
    """Name of the response it comes from; None for a text that no response names."""
    text: str | None = None
    buttons: tuple[Mapping[str, Any], ...] = ()
    image: str | None = None
    custom: Mapping[str, Any] | None = None
    attachment: Any = None
    elements: tuple[Mapping[str, Any], ...] = ()
    quick_replies: tuple[Mapping[str, Any], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Other keys of the variation (`id`, `metadata`…): they go to the event's metadata."""

    def to_event(self) -> ev.BotUttered:
        """The event that records the message."""
        data = {
            key: list(value) if isinstance(value, tuple) else value for key in ev.BOT_DATA_KEYS if (value := getattr(self, key))
        }
        if self.image and not self.attachment:
            data["attachment"] = self.image  # as in Rasa, for those who read attachments only
        metadata = dict(self.extra)
        if self.response:
            metadata["utter_action"] = self.response
        return ev.BotUttered(text=self.text, data=data, metadata=metadata)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (
            self.text or self.buttons or self.image or self.custom or self.attachment or self.elements or self.quick_replies
        )


RASA_KEYS = ("text", "image", "custom", "attachment", "buttons", "elements", "quick_replies", "response", "template")
"""Keys of what an action says that are no values of placeholders."""
_KNOWN = RASA_KEYS[:-2]


def message_of(content: Mapping[str, Any], response: str | None) -> BotMessage:
    """A message from Rasa's keys (`text`, `buttons`, …)."""
    return BotMessage(
        response=response,
        text=content.get("text"),
        image=content.get("image"),
        custom=content.get("custom"),
        attachment=content.get("attachment"),
        buttons=tuple(content.get("buttons") or ()),
        elements=tuple(content.get("elements") or ()),
        quick_replies=tuple(content.get("quick_replies") or ()),
        extra={key: value for key, value in content.items() if key not in _KNOWN and value is not None},
    )


def respond(
    name: str, domain: Domain, tracker: Tracker, channel: str, given: Mapping[str, Any] | None = None
) -> BotMessage | None:
    """Say a response.

    Args:
        name: the response's name (`utter_…`).
        domain: where the responses are.
        tracker: slots fill the placeholders and decide conditions.
        channel: name of the output channel.
        given: what an action passes: values for placeholders; Rasa's keys (`text`, `image`, …) replace the
            variation's, `buttons` are added to them.

    Returns:
        The message, or None when the domain has no usable variation. Of a suspended response it is the notice, under the
        notice's own name, and without what the action adds.
    """
    if name in domain.suspended:
        notice = respond(NOTICE, domain, tracker, channel)
        return replace(notice, extra={**notice.extra, SUSPENDED: name}) if notice else None
    given = dict(given or {})
    values = {**tracker.slots, **given}
    variation = choose(domain.responses.get(name, ()), tracker, channel, values)
    if variation is None:
        return None
    content = fill(dict(variation.content), values)
    content["buttons"] = [*(content.get("buttons") or ()), *(given.pop("buttons", None) or ())]
    content.update({key: value for key, value in given.items() if value not in (None, "", [], {}) and key != "buttons"})
    return message_of(content, name)


def choose(
    variations: Sequence[ResponseVariation], tracker: Tracker, channel: str, values: Mapping[str, Any]
) -> ResponseVariation | None:
    """Choose a variation: condition and channel first, then channel, then condition, then the others.

    A variation whose text has just been said gives way to another one of its group.

    Args:
        variations: all of a response.
        tracker: decides conditions; what it has just said is avoided.
        channel: name of the output channel.
        values: of the placeholders.
    """
    wanted = CHANNEL_ALIASES.get(channel, channel)
    groups: dict[tuple[bool, bool], list[ResponseVariation]] = {}
    for variation in variations:
        own = CHANNEL_ALIASES.get(variation.channel or "", variation.channel)
        if own not in (None, wanted) or not all(
            _holds(condition.slot, condition.value, tracker) for condition in variation.conditions
        ):
            continue
        groups.setdefault((own is not None, bool(variation.conditions)), []).append(variation)
    group = next((groups[key] for key in ((True, True), (True, False), (False, True), (False, False)) if key in groups), [])
    if len(group) < 2:
        return group[0] if group else None
    said = _just_said(tracker)
    ordered = _turned(group, tracker)
    return next((item for item in ordered if fill(item.content.get("text"), values) not in said), ordered[0])


def _turned(group: Sequence[ResponseVariation], tracker: Tracker) -> list[ResponseVariation]:
    """Equal variations, beginning with the one whose turn it is in this conversation."""
    said = tracker.bots_before + sum(isinstance(event, ev.BotUttered) for event in tracker.events)
    start = (crc32(tracker.sender_id.encode()) + said) % len(group)
    return [*group[start:], *group[:start]]


def _just_said(tracker: Tracker) -> frozenset[str]:
    """Texts of this turn and of the one before."""
    texts: set[str] = set()
    turns = 0
    for event in reversed(tracker.events):
        if isinstance(event, ev.UserUttered):
            turns += 1
            if turns == 2:
                break
        elif isinstance(event, ev.BotUttered) and event.text:
            texts.add(event.text)
    return frozenset(texts)


def _holds(slot: str, value: Any, tracker: Tracker) -> bool:
    actual = tracker.slots.get(slot)
    if isinstance(actual, str) and isinstance(value, str):
        return actual.casefold() == value.casefold()
    return bool(actual == value)


def fill(content: Any, values: Mapping[str, Any]) -> Any:
    """Replace `{name}` in every string of a content by its value; `{{` and `}}` give literal braces.

    A string with a name that nobody knows stays as it is, as in Rasa.
    """
    match content:
        case str():
            return _fill_text(content, values)
        case Mapping():
            return {key: fill(value, values) for key, value in content.items()}
        case list() | tuple():
            return [fill(value, values) for value in content]
        case _:
            return content


def _fill_text(text: str, values: Mapping[str, Any]) -> str:
    if "{" not in text and "}" not in text:
        return text
    if not all(name in values for name in placeholders(text)):
        return text

    def replacement(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        value = values[found[1]]
        return "" if value is None else str(value)

    return _PLACEHOLDER.sub(replacement, text)


def title_of(variations: Iterable[ResponseVariation]) -> str:
    """What a button says that offers a response: the first `metadata.titre` of its variations; empty when none has one."""
    titles = (str((variation.content.get("metadata") or {}).get("titre") or "") for variation in variations)
    return next(filter(None, titles), "")


def placeholders(text: str) -> list[str]:
    """Names of the placeholders in a text."""
    return [name for name in _PLACEHOLDER.findall(text) if name]


def pieces(messages: Iterable[BotMessage]) -> list[dict[str, Any]]:
    """Messages as Rasa's output channels send them, one JSON object each, in Rasa's order.

    A text without buttons is cut at blank lines; custom, image, attachment and elements follow on their own, quick
    replies as buttons, elements as texts. Every piece carries `metadata.utter_action`, the response that it comes from.
    """
    sent: list[dict[str, Any]] = []
    for message in messages:
        tag = {"metadata": {"utter_action": message.response}} if message.response else {}
        if message.quick_replies or message.buttons:
            sent.append({"text": message.text or "", "buttons": list(message.quick_replies or message.buttons), **tag})
        elif message.text:
            sent.extend({"text": part, **tag} for part in message.text.strip().split("\n\n") if part.strip())
        if message.custom:
            sent.append({"custom": message.custom, **tag})
        if message.image:
            sent.append({"image": message.image, **tag})
        if message.attachment:
            sent.append({"attachment": message.attachment, **tag})
        sent.extend({**_element(element), **tag} for element in message.elements)
    return sent


def _element(element: Mapping[str, Any]) -> dict[str, Any]:
    buttons = list(element.get("buttons") or ())
    text = f"{element.get('title', '')} : {element.get('subtitle', '')}"
    return {"text": text, "buttons": buttons} if buttons else {"text": text}
