"""The shape of one token: does it look like a password?"""

from __future__ import annotations

import re
from enum import IntEnum

from bot.masking.words import ORDINARY, STEMS


class Shape(IntEnum):
    """How much a token looks like a password, from not at all to surely."""

    NONE = 0
    """Ordinary whatever stands before it: official local parts, small numbers, error codes, punctuation."""
    ORDINARY = 1
    """A word that shows no password stands here, or a date, a version, a class, a price."""
    WORD = 2
    """A word that nothing tells from a password but its place."""
    DIGITS = 3
    """Four digits or more."""
    MIXED = 4
    """Letters with digits or specials: a password beside words that speak of one."""
    PASSWORD = 5
    """A password wherever it stands."""


SHORTEST_MIXED = 5
"""Characters of a token that is MIXED or PASSWORD, at least; shorter ones need no look."""
OPENERS = "\"'([{<*«“‘`"
CLOSERS = "\"')]}>.,;:?…»”’`"

_NEVER = re.compile(r"(?:ec|po)[0-9x]{1,6}|(?:n°|nr?)?[0-9]{1,3}|0x[0-9a-f]+|kb[0-9]{6,8}|[0-9]\.[0-9]\.[0-9]{1,2}")
_USUAL = re.compile(
    r"""(?:[0-9]{1,2}(?:e|eme|er|ere|re|nd|nde)?[a-z]{0,2}[0-9]?   # 5eB, 1C, 3TQ, 2DE
    |[a-z]{1,2}[0-9]{1,3}[a-z]?                     # P1, D1, B204
    |[a-z]{2,3}[0-9][a-z]{1,2}                      # CE1D
    |v?[0-9]{1,5}(?:[.,][0-9]{1,6}){1,4}            # versions, prices
    |[0-9]{1,2}[h:][0-9]{0,2}(?:min|m)?             # hours
    |[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}       # dates
    |(?:19|20)[0-9]{2}[/-](?:(?:19|20)?[0-9]{2})    # school years
    |[0-9]{1,6}(?:[.,][0-9]{1,2})?(?:[€$%°]|eur|euros?|[gmkt]o|[gmkt]b|fois|boites?|mails?|ans?|min|sec|s|j|jours?|mois|km|m2?|x|px|k)
    |[\w.()-]+\.(?:pdf|docx?|xlsx?|pptx?|jpe?g|png|gif|zip|msg|eml|csv|txt|html?|php|be|com|org|net|eu|fr|exe|pst|ost)
    )""",
    re.VERBOSE,
)
_ELISION = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu|aujourd)'")
_TAIL_WORDS = frozenset(
    ["je", "tu", "il", "elle", "on", "nous", "vous", "ils", "elles", "ce", "ci", "la", "moi", "toi", "le", "les", "y", "en", "t"]
)
_PARTICIPLE = re.compile(r"\w+é(?:e|s|es)?")
_STEM = re.compile(r"([a-z]+)[#°._:/=-]{0,2}[0-9][0-9a-z]{0,7}")
_STRONG = re.compile(r"[#$*^~§|\\@!_&+%]")
_PASSWORD = (
    re.compile(r"(?=.{0,40}[a-z])(?=.{0,40}[0-9]).*[^\W_][#$*^~§|\\@!][^\W_]"),  # a special between letters or digits
    re.compile(r"[^\W_]{5,}[#$*^~§@!]{1,4}"),  # a special at the end
    re.compile(r"(?=.{0,40}[0-9])[#$*^~§@!][^\W_]{6,}[#$*^~§@!]"),
)
_DOTTED = re.compile(r"([a-z]{4,})\.([0-9]{3,6})!?")
_RANDOM = re.compile(r"[A-Z]+[a-z]+[A-Z]|[a-z]+[A-Z]+|[a-zA-Z][0-9]+[a-zA-Z]")
_SEPARATED = re.compile(r"[a-z]{3,}[._'/&+%-][0-9]{2,}|[0-9]{2,}[._&+%-][a-z]{3,}|[a-z0-9]+(?:_[a-z0-9]+)+")


def _is_ordinary_word(token: str, plain: str) -> bool:
    if plain in ORDINARY or _ELISION.match(plain) or _PARTICIPLE.fullmatch(token.lower()):
        return True
    if plain.endswith(("ement", "able", "ible", "ables", "ibles")):
        return True
    if plain.endswith(("s", "e", "x")) and plain[:-1] in ORDINARY:
        return True
    if "-" in plain or "/" in plain:
        parts = re.split(r"[-/]", plain)
        return parts[0] in ORDINARY or parts[-1] in _TAIL_WORDS
    return False


def shape_of(token: str, plain: str) -> Shape:
    """The shape of a token.

    Args:
        token: as typed, without quotes or sentence punctuation around it.
        plain: the same part of the canvas's view.

    Returns:
        Its shape; time grows with the token's length only.
    """
    letters = sum(map(str.isalpha, plain))
    digits = sum(map(str.isdigit, plain))
    if not letters and not digits:
        return Shape.NONE
    core = plain.rstrip("!")
    if _NEVER.fullmatch(core):
        return Shape.NONE
    if not digits:
        return _shape_without_digits(token, plain, letters)
    if not letters:
        return Shape.DIGITS if core.isdigit() or not _USUAL.fullmatch(core) else Shape.ORDINARY
    if _USUAL.fullmatch(core) or core in ORDINARY:
        return Shape.ORDINARY
    stem = _STEM.fullmatch(core)
    if stem and (stem[1] in STEMS or len(stem[1]) < 2):
        return Shape.ORDINARY
    if _is_password(token, plain, letters):
        return Shape.PASSWORD
    if letters + digits >= 5 and letters >= 2 and (_SEPARATED.fullmatch(core) or core.isalnum() or _STRONG.search(plain)):
        return Shape.MIXED
    return Shape.ORDINARY if _ELISION.match(plain) else Shape.WORD


def _shape_without_digits(token: str, plain: str, letters: int) -> Shape:
    core = plain.strip("!*")
    if _is_ordinary_word(token.strip("!*"), core):
        return Shape.ORDINARY
    if letters >= 4 and re.search(r"[^\W_][#$*^~§|\\@%_][^\W_]|[^\W_]{4}[#$^~§]$", plain):
        return Shape.MIXED
    return Shape.WORD


def _is_password(token: str, plain: str, letters: int) -> bool:
    if letters < 3:
        return False
    if any(pattern.match(plain) for pattern in _PASSWORD):
        return True
    dotted = _DOTTED.fullmatch(plain)
    if dotted:
        return dotted[1] not in ORDINARY and not (1900 <= int(dotted[2]) < 2040 and token.islower())
    if not token.isalnum() or len(token) < 8 or token.isupper() or token.islower():
        return False
    return len(_RANDOM.findall(token)) >= 2
