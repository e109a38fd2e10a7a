"""The closed subset of an answer's text: paragraphs, lists, bold, links. Everything else is text.

`widget/src/answer-text.ts` is the same in TypeScript; tests/data/answer_text.yml holds both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from actions.links import may_be_shown

Kind = Literal["paragraph", "bullets", "numbers"]
BULLET = re.compile(r"^\s*[-•]\s+(\S.*)$")
NUMBER = re.compile(r"^\s*[0-9]{1,2}[.)]\s+(\S.*)$")
TOKEN = re.compile(
    r"\[(?P<title>[^\[\]\n]{1,200})\]\((?P<target>[^\s()]{1,2000})\)"
    r"|\*\*(?=\S)(?P<bold>[^*\n]{1,500})(?<=\S)\*\*"
    r"|(?P<url>[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s<>\"]{1,2000})"
    r"|(?<![\w.%+@:/-])(?P<mail>[A-Za-z0-9_.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})(?![\w@])"
    r"|(?<![\w+])(?P<phone>\+[0-9]{2}[0-9 ()./-]{6,20}[0-9])(?![0-9])"
)
LOOKS_LIKE_AN_ADDRESS = re.compile(r"://|@|www\.", re.I)
PLACEHOLDER = re.compile(r"^[wW]{3}\.|X{3}")
ENDING = ".,;:!?…»”’'*]"
"""Characters at the end of a URL that belong to the sentence."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A piece of a line."""

    text: str
    bold: bool = False
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, which has one line, or a list, which has one a item."""

    kind: Kind
    lines: tuple[tuple[Inline, ...], ...]


def parse_answer(text: str) -> list[Block]:
    """The blocks of a text."""
    blocks: list[Block] = []
    for line in re.split(r"\r?\n", text):
        if not line.strip():
            continue
        bullet, number = BULLET.match(line), NUMBER.match(line)
        item = bullet or number
        kind: Kind = "bullets" if bullet else "numbers" if number else "paragraph"
        inlines = parse_line(item[1] if item else line)
        if blocks and kind != "paragraph" and blocks[-1].kind == kind:
            blocks[-1] = Block(kind, (*blocks[-1].lines, inlines))
        else:
            blocks.append(Block(kind, (inlines,)))
    return blocks


def parse_line(written: str) -> tuple[Inline, ...]:
    """The pieces of a line, with the unbreakable spaces of French punctuation."""
    line = re.sub(" (?=[:;!?»%])", "\u00a0", written).replace("« ", "«\u00a0")
    found: list[Inline] = []
    end = 0
    for match in TOKEN.finditer(line):
        read = _read(match)
        if read is None:
            continue
        inline, taken = read
        if match.start() > end:
            found.append(Inline(line[end : match.start()]))
        found.append(inline)
        end = match.start() + taken
    if end < len(line):
        found.append(Inline(line[end:]))
    return tuple(found)


def _read(match: re.Match[str]) -> tuple[Inline, int] | None:
    """What a match becomes, and how many characters it takes; None when it stays text."""
    taken = len(match[0])
    if match["title"] is not None:
        title, target = match["title"], match["target"]
        # A title that looks like another address is a trick: it stays text.
        honest = title == target or not LOOKS_LIKE_AN_ADDRESS.search(title)
        return (Inline(title, href=target), taken) if honest and may_be_shown(target) else None
    if match["bold"] is not None:
        return Inline(match["bold"], bold=True), taken
    if match["url"] is not None:
        url = _without_ending(match["url"])
        return (Inline(url, href=url), len(url)) if may_be_shown(url) else None
    if match["mail"] is not None:
        # « ecXXXXXX@… » is a model of an address, « www.…@… » the page's misprinted webmail: nobody's mailbox.
        return None if PLACEHOLDER.search(match["mail"]) else (Inline(match["mail"], href=f"mailto:{match['mail']}"), taken)
    number = re.sub(r"[^0-9+]", "", match["phone"].replace("(0)", ""))
    return Inline(match["phone"], href=f"tel:{number}"), taken


def _without_ending(url: str) -> str:
    """An address without the punctuation of the sentence around it."""
    clean = url.rstrip(ENDING)
    return _without_ending(clean[:-1]) if clean.endswith(")") and "(" not in clean else clean
