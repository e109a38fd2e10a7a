"""« Bonjour Madame, … Cordialement, J. Martin, directrice »: what a letter begins and ends with is no part of its question."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any, ClassVar

from bot.nlu.component import Stateless
from bot.nlu.message import Message, Options
from bot.nlu.parts import any_of, folded_text, trimmed

_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"(?:[ \t]+(?:[A-ZÀ-Þ][\w'’.-]*|de|den|der|du|le|la|et|van|von)){1,5}[ \t]*(?=[,\n!])")
"""A name after an opening (« Bonjour Madame Van den Berg, »): words with a capital, up to a comma or the line's end."""
_AFTER = re.compile(r"[\s,.;:!…–—-]*")
_LONGEST_SIGNATURE = 12
"""Words of one line of a signature, at most."""
_LINE = re.compile(r"\n+")


class CourtesyTrimmer(Stateless):
    """Finds the body of a letter (`message.body`), which is all that the following components read. Stands first.

    A message that is only courtesy keeps its whole text as its body: there the greeting is what is said. So does one that says
    no more besides than that something was heard (« D'accord, bonne soirée »).

    Options (words are compared without case nor accents; `*` stands for any letters):
        openings: words that a letter begins with, and those that follow them.
        closings: first words of its end: they and what comes after them is left out, unless a question stands there.
        signatures: words of a line that only says who writes (« Secrétaire », « École »).
        acknowledgements: words that only say that something was heard (« d'accord »).
        longest_closing: words of an end, at most.
        least_words: words of a body that no punctuation cuts from its courtesy, at least.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "openings": (),
        "closings": (),
        "signatures": (),
        "acknowledgements": (),
        "longest_closing": 45,
        "least_words": 5,
    }

    def __init__(self, options: Options) -> None:
        self._opening = re.compile(rf"{_AFTER.pattern}{any_of(options['openings'])}")
        closings = any_of(options["closings"])
        self._closing = re.compile(rf"(?:(?<=[.!?…;:,)\n])|(?<=\s[-–—])|\A)\s*{closings}")
        self._last_words = re.compile(rf"\s{closings}(?:\W+\w+){{0,2}}\W*\Z")
        self._signature = re.compile(any_of(options["signatures"]))
        self._heard = re.compile(any_of(options["acknowledgements"]))
        self._longest = int(options["longest_closing"])
        self._least = int(options["least_words"])

    def process(self, message: Message) -> None:
        """Find the body."""
        text, folded = message.text, folded_text(message.text)
        start = self._after_opening(text, folded)
        end = self._before_signature(text, folded, start, self._before_closing(text, folded, start))
        body = trimmed(text, (start, end))
        message.body = body if self._is_a_body(text, folded, body, start) else (0, len(text))

    def _after_opening(self, text: str, folded: str) -> int:
        at = 0
        while (found := self._opening.match(folded, at)) and found.end() > at:
            at = found.end()
            if name := _NAME.match(text, at):
                at = name.end()
        return _AFTER.match(text, at).end() if at else 0  # type: ignore[union-attr]

    def _before_closing(self, text: str, folded: str, start: int) -> int:
        question, words = text.rfind("?"), [word.start() for word in _WORD.finditer(text, start)]
        for found in self._closing.finditer(folded, start):
            if found.end() > question and len(words) - bisect_left(words, found.end()) <= self._longest:
                return found.start()
        last = self._last_words.search(folded, start)
        return last.start() if last and len(_WORD.findall(text, start, last.start())) >= self._least else len(text)

    def _before_signature(self, text: str, folded: str, start: int, end: int) -> int:
        """Leave out the last lines while they only say who writes."""
        for line in reversed([found.end() for found in _LINE.finditer(text, start, end)]):
            if not self._says_who_writes(text[line:end], folded[line:end]):
                break
            end = line
        return end

    def _says_who_writes(self, line: str, folded: str) -> bool:
        words = _WORD.findall(line)
        if "?" in line or len(words) > _LONGEST_SIGNATURE:
            return False
        names = 0 if line.isupper() else sum(word[:1].isupper() or word.isdigit() for word in words)
        return names == len(words) or (3 * names >= len(words) and self._signature.search(folded) is not None)

    def _is_a_body(self, text: str, folded: str, body: tuple[int, int], start: int) -> bool:
        words = len(_WORD.findall(text[slice(*body)]))
        if words < self._least and not _WORD.search(self._heard.sub(" ", folded[slice(*body)])):
            return False
        is_apart = start == 0 or re.search(r"[,.;:!…\n–—-]", text[max(0, start - 2) : start]) is not None
        return words >= self._least or (words > 0 and is_apart)
