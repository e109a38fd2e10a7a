"""Adaptive Cards 1.5 from what the assistant says: pure functions from Rasa's message objects to JSON.

Texts are RichTextBlocks: a TextRun is shown as it is, so that nothing in a text is read as Markdown or made a link.
Each button has a row of its own, so that its title is whole on a phone. Clients that cannot show cards get `fallbackText`.
Schema: microsoft/AdaptiveCards, schemas/1.5.0/adaptive-card.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actions.links import may_be_shown
from api.channels.teams.links import runs
from api.channels.teams.texts import text as said

VERSION = "1.5"
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
MAX_BYTES = 24_000
"""Of one card's JSON in UTF-16. Teams' documented limits are 28 KB in older pages, about 100 KB in newer ones."""
MAX_LINE = 2_000
"""Characters of one text block; longer lines are cut at a space."""
MAX_SUMMARY = 200
"""Characters of what a notification shows."""

NBSP = "\N{NO-BREAK SPACE}"
_FRENCH_SPACE = re.compile(r" (?=[?!:;»])|(?<=«) ")

Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One message to send."""

    card: Element
    summary: str
    """What notifications show."""


@dataclass(frozen=True, slots=True)
class _Block:
    """An element with the words that it stands for."""

    element: Element
    words: str


def parts(messages: Sequence[Mapping[str, Any]], question: str) -> list[Part]:
    """Cards for an answer: one, or several when it is long.

    Args:
        messages: Rasa's message objects (`text`, `buttons`, `image`, `attachment`).
        question: id of the message that is answered; buttons carry it back, so that a double click is known as such.

    Returns:
        At least one: an answer that cannot be shown is an apology with the human contact.
    """
    blocks = list(_blocks(messages, question)) or list(_text_blocks(said("erreur")))
    return [_card(group, is_first=place == 0) for place, group in enumerate(_groups(blocks))]


def _blocks(messages: Iterable[Mapping[str, Any]], question: str) -> Iterator[_Block]:
    before: str | None = None
    for number, message in enumerate(messages):
        response = (message.get("metadata") or {}).get("utter_action")
        for place, block in enumerate(_message_blocks(message, question)):
            if number and not place:
                is_other = response is None or response != before
                yield _Block({**block.element, "spacing": "Medium", "separator": is_other}, block.words)
            else:
                yield block
        before = response


def _message_blocks(message: Mapping[str, Any], question: str) -> Iterator[_Block]:
    yield from _text_blocks(str(message.get("text") or ""))
    image = message.get("image")
    if isinstance(image, str) and may_be_shown(image) and image.startswith("https:"):
        yield _Block({"type": "Image", "url": image, "altText": said("image")}, image)
    attachment = message.get("attachment")
    if isinstance(attachment, str) and attachment != image:
        yield from _text_blocks(attachment)
    for button in message.get("buttons") or ():
        yield from _button(button, question)


def _text_blocks(text: str) -> Iterator[_Block]:
    for line in text.splitlines():
        for piece in _cut(line.strip()):
            inlines = [_inline(run.text, run.url) for run in runs(piece)]
            yield _Block({"type": "RichTextBlock", "inlines": inlines, "spacing": "Small"}, piece)


def _inline(text: str, url: str | None) -> Element:
    is_phone = url is not None and url.startswith("tel:")
    run: Element = {"type": "TextRun", "text": text.replace(" ", NBSP) if is_phone else _unbroken(text)}
    if url is not None:
        run |= {"color": "Accent", "underline": True, "selectAction": {"type": "Action.OpenUrl", "url": url, "title": text}}
    return run


def _unbroken(text: str) -> str:
    """French spaces that no line may begin or end at: « so », and before ; : ! ?"""
    return _FRENCH_SPACE.sub(NBSP, text)


def _cut(line: str) -> Iterator[str]:
    while len(line) > MAX_LINE:
        at = line.rfind(" ", MAX_LINE // 2, MAX_LINE)
        at = at if at > 0 else MAX_LINE
        yield line[:at]
        line = line[at:].lstrip()
    if line:
        yield line


def _button(button: Mapping[str, Any], question: str) -> Iterator[_Block]:
    title, payload = str(button.get("title") or ""), str(button.get("payload") or "")
    url = button.get("url")
    if url is not None or button.get("type") == "web_url":
        link = str(url or payload)
        if may_be_shown(link):
            yield _row({"type": "Action.OpenUrl", "title": title, "url": link}, f"{title} : {link}")
        else:
            yield from _text_blocks(f"{title} : {link}")
    elif title and payload:
        yield _row(submit(title, payload, question), f"- {title}")


def submit(title: str, payload: str, question: str) -> Element:
    """A button that says a payload.

    Args:
        title: what the user reads.
        payload: what is said, such as `/redirection`.
        question: id of the message whose answer shows the button.
    """
    return {"type": "Action.Submit", "title": title, "data": {"payload": payload, "question": question}}


def _row(action: Element, words: str) -> _Block:
    return _Block({"type": "ActionSet", "actions": [action], "spacing": "Small"}, words)


def _groups(blocks: Sequence[_Block]) -> Iterator[list[_Block]]:
    """Blocks that fit into one card together, in order."""
    group: list[_Block] = []
    size = 0
    for block in blocks:
        own = _size(block.element) + 2 * len(block.words.encode("utf-16-le"))
        if group and size + own > MAX_BYTES - 2_000:
            yield group
            group, size = [], 0
        group.append(block)
        size += own
    if group:
        yield group


def _size(element: Element) -> int:
    return len(json.dumps(element, ensure_ascii=False).encode("utf-16-le"))


def _card(blocks: Sequence[_Block], *, is_first: bool) -> Part:
    label = said("etiquette") if is_first else f"{said('etiquette')} {said('suite')}"
    words = "\n".join(block.words for block in blocks)
    first, *others = blocks
    top = {key: value for key, value in first.element.items() if key != "separator"}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": VERSION,
        "fallbackText": f"{label}\n{words}",
        "body": [
            {"type": "TextBlock", "text": label, "size": "Small", "weight": "Bolder", "isSubtle": True, "wrap": True},
            top,
            *(block.element for block in others),
        ],
    }
    flat = " ".join(words.split())
    return Part(card, flat if len(flat) <= MAX_SUMMARY else flat[: MAX_SUMMARY - 1] + "…")
