"""Passwords and user names: after words that announce them, or by their shape."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from bot.masking.canvas import KEPT_PAINT, PAINT, Span
from bot.masking.shapes import CLOSERS, OPENERS, SHORTEST_MIXED, Shape, shape_of
from bot.masking.words import CLOSERS as CLOSING_WORDS
from bot.masking.words import ORDINARY

_NEAR = 80
"""Characters between a word that speaks of a password and a token that may be one."""

_JUDGED = 64
"""Characters of a token that tell its shape; longer tokens are masked whole all the same."""

_SPEAKS = re.compile(
    r"(?<![a-z0-9_])(?:(?P<password>mots? ?(?:de?|2)?[ -]?pass?(?:e?s?)(?: word)?|mots?-de-pass?es?|mdps?|pswd|pwd|pin|wachtwoord"
    r"|phrases? (?:secrete?s?|de passe)|pass(?:word|wd|code|phrase|e ?word)?s?|credentials?"
    r"|c(?:ode|le)s? (?:secrete?|pin|wifi|perso(?:nnel)?|(?:d'|de )(?:acces|connexion|securite|validation|verification)))"
    r"|(?P<code>codes?)"
    r"|(?P<user>identifiants?|logins?|user ?names?|users?|utilisateurs?|noms? d'?utilisateur|pseudo|id)"
    r"|(?P<verb>essay\w{1,4}|tent(?:e|er)|tap(?:e|er|ant)|encod(?:e|er|ant)|introdui\w{1,3}|saisi\w{0,3}|utilis(?:e|er|ant)"
    r"|connect\w{1,4}|avec))(?![a-z0-9_])"
)
_QUALIFIERS = re.compile(
    r"(?:[ ,]{1,2}(?:[ld]'|n°|qu')?(?:de|du|des|la|le|les|ma|mon|mes|notre|nos|votre|ce|cette|bma|mode|cerbere|edu|perso|boite"
    r"|mail|email|messagerie|webmail|adresse|acces|actuel|ancien|nouveau|provisoire|temporaire|initial|outlook|compte|ecole|wifi|pc|office"
    r"|etablissement|administrative|personnel|session|windows|ordinateur|direct(?:eur|rice)|secretariat|secretaire|connexion|recu"
    r"|choisi|pour|j'ai|je|on|nous|avons|utilise|m'a|a|ete|donne|utilisateur|po|itsme|smartschool|qu'on|que|qui|internat|collegue"
    r"|teams|gmail|portable|precedent|premier|d'avant)(?![a-z0-9_'])){0,9}+"
)
# No group inside a possessive repeat: Python 3.11 then reports wrong spans or fails.
_LINK = re.compile(
    r"(?: {0,2}(?:[:=>]|->|=>|--?)| {1,2}(?:c'? ?(?:est|etait)|ct|n'(?:est|etait) (?:pas|plus)|est|etait|sera|serait|is|was"
    r"|devient|vaut|soit|donc|a savoir|toujours|bien|encore|maintenant|actuellement|tjs|normalement"
    r"|simplement|juste|le suivant|celui-ci"
    r"|pourtant|aussi|reste|s'ecrit|s'appelle|commence par|finit par|se termine par)(?= |:|$|\")){1,5}+"
)
_NUMBERED = re.compile(r"pins?|c(?:ode|le)s? (?:secret|pin|wifi|d'|de )")
"""Announcements that short numbers follow; elsewhere these are FASE numbers."""
_MAX_PHRASE = 6
"""Words of a passphrase, at most."""
_SIGN = re.compile(r"[:=>-]")
_FAILS = re.compile(r"[\"')]? (?:ne |n'|est (?:refuse|faux|incorrect|invalide|bloque)|marche|fonctionne)")
_AND = re.compile(
    r" {0,2}(?:(?P<or>,? (?:ou|puis)(?: bien| alors| encore)? |[,/] ?)"
    r"|(?:,? (?:et(?: aussi| apres| puis)?|ensuite|mdp|mot de passe) |[;&+] ?))"
)
_QUOTED = re.compile(r" {0,2}(?:([\"'])(?P<text>[^\"\n]{2,64}?)\1|\((?P<inside>[^\s()]{2,64})\))(?!\w)")
_TOKEN = re.compile(r"[^\s]+")
_WORD_END = re.compile(r"[\s.,;:!?']")
_URL = re.compile(r"(?:https?://|www\.)|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:be|com|org|net|eu|fr)(?:[/?:]|$)")
_SECRET_IN_URL = re.compile(
    r"[?&;#](?:pass(?:word|wd)?|pwd|mdp|token|secret|key|session|sid|user(?:name)?|login)=([^&#\s]{1,200})"
)
_BEFORE = re.compile(
    r"(?<!\S)(\S{3,63}[^\s,;:.]) (?:(?:est|c'est|etait) (?:mon|notre|le|l'ancien|mon ancien|mon nouveau)|comme) "
    r"(?=mdp|mot de passe|password|code d'acces)"
)
_PAIR = re.compile(
    r"(?<![a-z0-9_])(?:login|user(?:name)?|identifiant)s? {1,2}(\S{3,64}),? {0,2}(?:/|et|,|-)? {0,2}"
    r"(?:mdp|mot de passe|pass(?:word)?|pwd) {1,2}(\S{3,64})"
)
_SHAPED = re.compile(r"[0-9#$*^~§|\\@!_%]")
_NAMED = re.compile(r"[^\w\s]{0,2}([a-z]{1,12})[:=]")
_NUMBER_TALK = re.compile(r"(?<![a-z])(?:fase|ecole|etablissement|postal|erreur)(?![a-z])")


def _trim(view: str, start: int, end: int) -> tuple[int, int]:
    """A token's bounds without quotes, brackets and sentence punctuation around it."""
    while start < end and view[start] in OPENERS:
        start += 1
    while end > start and view[end - 1] in CLOSERS:
        end -= 1
    return start, end


class _Reader:
    """Reads one message: where it speaks of secrets, and which tokens are some."""

    def __init__(self, text: str, view: str) -> None:
        self.text = text
        self.view = view
        self.tokens = [match.span() for match in _TOKEN.finditer(view)]
        self.ends = [end for _, end in self.tokens]
        self.shapes: dict[tuple[str, str], Shape] = {}
        """Shapes found in this message: who repeats a token ten thousand times has it judged once."""

    def token_at(self, place: int, across: bool = False) -> tuple[int, int]:
        """Bounds of the trimmed token at or after a place, empty at the end; on the same line, or `across` one line end."""
        rank = bisect_right(self.ends, place)
        if rank == len(self.ends):
            return place, place
        first, end = self.tokens[rank]
        if first > place:
            if self.view[place:first].strip(" \n" if across else " "):
                return place, place
            place = first
        end = first + len(self.view[first:end].rstrip(CLOSERS))
        while place < end and self.view[place] in OPENERS:
            place += 1
        return place, max(place, end)

    def shape(self, start: int, end: int) -> Shape:
        """Shape of a token, by its first characters; one that is painted over, or holds a URL, is none."""
        end = min(end, start + _JUDGED)
        plain = self.view[start:end]
        token = self.text[start:end]
        known = self.shapes.get((token, plain))
        if known is None:
            is_none = plain.strip(PAINT) == "" or KEPT_PAINT in plain or _URL.match(plain)
            known = self.shapes[token, plain] = Shape.NONE if is_none else shape_of(token, plain)
        return known

    def closes(self, end: int) -> bool:
        """Whether a clause can end at a place: nothing, punctuation or a closing word follows."""
        rest = self.view[end : end + 24].lstrip("!\"'")
        if not rest.strip() or rest[0] in "\n.,;:?)]" or not rest.lstrip()[0].isalnum():
            return True
        word = _WORD_END.split(rest.strip(), maxsplit=1)[0]
        return word in CLOSING_WORDS

    def announced(self, speaks: re.Match[str]) -> Iterator[Span]:
        """Secrets after a word that announces them."""
        group = speaks.lastgroup
        place = speaks.end()
        if group != "verb" and (qualified := _QUALIFIERS.match(self.view, place)):
            place = qualified.end()
        link = _LINK.match(self.view, place) if group != "verb" else None
        place = link.end() if link else place
        quoted = _QUOTED.match(self.view, place)
        if quoted and self.is_quoted_secret(quoted, bool(link)):
            yield Span(*quoted.span(quoted.lastgroup or 0), "password")
            yield from self.chain(quoted.end())
            return
        if link is None and self.view[place : place + 1] != " ":
            return
        signed = bool(link and _SIGN.search(link[0]))
        start, end = self.token_at(place, across=signed)
        if group == "password" and signed and (phrase := self.phrase_end(start)):
            yield Span(start, phrase, "password")
            yield from self.chain(phrase)
            return
        found = self.is_announced(group or "", link, start, end) or (
            link is None and self.shape(start, end) == Shape.DIGITS and end - start >= 4 and bool(_NUMBERED.match(speaks[0]))
        )
        if found:
            yield Span(start, end, "password")
        if found or (start < end and self.view[start] in PAINT):
            yield from self.chain(end)

    def phrase_end(self, start: int) -> int:
        """Where a passphrase that begins at a place ends: several words, none of them ordinary, that end a clause; else 0."""
        end = place = start
        count = 0
        while count < _MAX_PHRASE:
            first, last = self.token_at(place)
            if self.shape(first, last) < Shape.WORD and not (count and self.view[first:last].isdigit()):
                break
            count, end, place = count + 1, last, last
            if self.view[last : last + 1] != " ":
                break
        return end if count > 1 and self.closes(end) else 0

    def is_quoted_secret(self, quoted: re.Match[str], linked: bool) -> bool:
        """Whether what stands between quotes after an announcement is a secret."""
        start, end = quoted.span(quoted.lastgroup or 0)
        words = self.view[start:end].split()
        if len(words) == 1:
            return self.shape(*self.token_at(start)) >= Shape.WORD
        return linked and len(words) <= 5 and not all(word.strip(".,!?") in ORDINARY for word in words)

    def is_announced(self, group: str, link: re.Match[str] | None, start: int, end: int) -> bool:
        """Whether the token after an announcement, with or without "est" or ":" between, is a secret."""
        shape = self.shape(start, end)
        if group == "verb" or link is None:
            if group == "password" and end - start >= 4 and shape in (Shape.WORD, Shape.DIGITS):
                return end - start > 6 if shape == Shape.DIGITS else bool(_FAILS.match(self.view, end))
            return shape >= Shape.MIXED
        if shape == Shape.DIGITS:
            length = end - start
            return group == "password" or (group == "code" and length >= 4 and not _NUMBER_TALK.search(self.view)) or length > 6
        if shape == Shape.WORD:
            if end - start < 3 or (group == "code" and not self.closes(end)):
                return False
            return any(map(str.isalpha, link[0])) or self.closes(end)
        return shape >= Shape.MIXED

    def chain(self, place: int) -> Iterator[Span]:
        """Secrets that follow a secret: "X ou Y", "X et Y", "X, Y"."""
        for _ in range(8):
            while place < len(self.view) and self.view[place] in "\"'":
                place += 1
            link = _AND.match(self.view, place)
            if link is None:
                return
            start, end = self.token_at(link.end())
            shape = self.shape(start, end)
            if shape >= Shape.MIXED or (link["or"] and shape == Shape.WORD and end - start >= 4 and self.closes(end)):
                yield Span(start, end, "password")
            elif start == end or self.view[start] not in PAINT:
                return
            place = end

    def shaped(self, spoken: list[int]) -> Iterator[Span]:
        """Tokens with the shape of a password: a clear one anywhere, a less clear one near words that speak of passwords."""
        if _SHAPED.search(self.view) is None:
            return
        for first, last in self.tokens:
            if last - first < SHORTEST_MIXED or _SHAPED.search(self.view, first, last) is None:
                continue
            named = _NAMED.match(self.view, first, last)
            start, end = _trim(self.view, named.end() if named and named[1] in ORDINARY else first, last)
            shape = self.shape(start, end)
            if shape == Shape.PASSWORD or (shape == Shape.MIXED and _is_near(spoken, start)):
                yield Span(start, end, "password")


def _is_near(places: list[int], place: int) -> bool:
    rank = bisect_right(places, place)
    return any(abs(near - place) <= _NEAR for near in places[max(rank - 1, 0) : rank + 1])


def find_passwords(text: str, view: str) -> list[Span]:
    """Finds passwords and the user names beside them.

    Args:
        text: the text as typed.
        view: its canvas's view, other secrets painted over.

    Returns:
        Spans of kind `password`, in order; they can cover painted parts of a token.
    """
    reader = _Reader(text, view)
    spans: list[Span] = []
    spoken: list[int] = []
    done = 0
    for speaks in _SPEAKS.finditer(view):
        if speaks.lastgroup != "verb" or speaks[0] != "avec":
            spoken.append(speaks.start())
        if speaks.start() >= done:
            spans.extend(reader.announced(speaks))
            done = max(done, spans[-1].end) if spans else done
    if spoken:
        for match in _BEFORE.finditer(view):
            start, end = _trim(view, *match.span(1))
            if reader.shape(start, end) >= Shape.WORD:
                spans.append(Span(start, end, "password"))
        for match in _PAIR.finditer(view):
            bounds = [_trim(view, *match.span(part)) for part in (1, 2)]
            if all(reader.shape(*bound) >= Shape.WORD for bound in bounds):
                spans.extend(Span(*bound, "password") for bound in bounds)
    if "=" in view:
        spans.extend(Span(*match.span(1), "password") for match in _SECRET_IN_URL.finditer(view))
    spans.extend(reader.shaped(spoken))
    return _united(spans)


def _united(spans: list[Span]) -> list[Span]:
    united: list[Span] = []
    for span in sorted(spans):
        if united and span.start < united[-1].end:
            last = united.pop()
            span = Span(last.start, max(last.end, span.end), span.kind)
        united.append(span)
    return united
