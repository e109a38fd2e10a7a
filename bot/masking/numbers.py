"""Numbers that name a person: bank accounts, national register numbers, cards, phones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from bot.masking.canvas import KEPT, Span

_DIGITS = re.compile(r"[0-9]")
_EIGHT = re.compile(r"[0-9](?:[^0-9\n]{0,4}[0-9]){7}")
"""Cheap look before the rest: every number here has eight digits or more close together."""
_GAP = r"[ ./()_-]{0,3}"

_SUPPORT = re.compile(
    rf"(?<![0-9])(?:(?:\+|00){_GAP}32{_GAP}0?|0){_GAP}2{_GAP}8{_GAP}0{_GAP}0{_GAP}1{_GAP}0{_GAP}1{_GAP}0(?![0-9])",
)

_IBAN_LENGTHS = {
    name: int(size)
    for group in (
        "15:no 16:be 18:dk fi nl 19:mk si 20:at ba ee kz lt lu xk 21:ch hr li lv 22:bg de gb ge ie me rs 23:ae il tl",
        "24:ad cz es md pk ro sa se sk tn 25:pt 26:is tr 27:fr gr it mc sm 28:al cy hu lb pl az do gt ma dz",
    )
    for size, names in re.findall(r"(\d+):([a-z ]+)", group)
    for name in names.split()
}
"""Country to characters of its account numbers (ISO 13616 registry)."""
_IBAN = re.compile(r"(?<![a-z0-9.@])[a-z]{2}[ .-]?[0-9]{2}(?:[ ./-]{0,2}[a-z0-9]){11,24}+")
_OLD_ACCOUNT = re.compile(r"(?<![0-9-])[0-9]{3} ?- ?[0-9]{7} ?- ?[0-9]{2}(?![0-9-])")

_NATIONAL = re.compile(
    r"(?<![0-9+])(?P<yy>[0-9]{2})[ ./_-]{0,3}(?P<mm>[0-9]{2})[ ./_-]{0,3}(?P<dd>[0-9]{2})"
    r"[ ./_-]{0,3}[0-9]{3}[ ./_-]{0,3}[0-9]{2}(?![0-9])"
)
_ELEVEN = re.compile(r"(?<![0-9+])[0-9](?:[ ./_-]{0,2}[0-9]){10}(?![0-9])")
_SAID_NATIONAL = re.compile(
    r"(?:num(?:ero)?|no|n°|nr|registre)[ .]{0,2}(?:de |du )?(?:registre )?national|(?<![a-z])(?:niss|rrn|nrn|insz)(?![a-z])"
)
_SAID_CARD = re.compile(r"(?<![a-z])(?:carte|visa|mastercard|bancontact|maestro)(?![a-z])")
_SAID_PHONE = re.compile(
    r"(?<![a-z])(?:tel|telephone|gsm|portable|mobile|fax|whatsapp|joindre|joignable|appel\w{0,5}|rappel\w{0,5}|contact\w{0,6})(?![a-z])"
)
_LONG_NUMBER = re.compile(r"(?<![\w+])\+?[0-9](?:[ ./_()-]{0,3}[0-9]){7,18}(?![0-9])")

_DATE = r"[0-9]{1,2}[ ./-](?:0?[1-9]|1[0-2])[ ./-](?:19|20)[0-9]{2}(?![0-9])|[0-3][0-9]([./-])(?:0[1-9]|1[0-2])\1[0-9]{2}(?= )"
_PHONE_INTERNATIONAL = re.compile(r"(?<![\w+])(?:\+[ (]{0,2}|\(?00[ )./-]{0,2})[1-9](?:[ ./()-]{0,3}[0-9]){7,13}(?![0-9])")
_PHONE_NATIONAL = re.compile(rf"(?<!\w)(?!{_DATE})\(?0[1-9](?:[ ./()-]{{0,3}}[0-9]){{6,7}}[ ./()-]{{0,3}}[0-9](?![0-9])")
_INSIDE_NUMBER = re.compile(r"[0-9][.,:/-]$")
_FRENCH = re.compile(r"0[1-9](?:([ ./-]?)[0-9]{2}){4}")


def _bare(text: str) -> str:
    return "".join(_DIGITS.findall(text))


def find_support_phone(view: str) -> Iterator[Span]:
    """Protects the ETNIC support's number, +32 (0)2/800.10.10 on the official page, in all its spellings."""
    if "8" in view:
        for match in _SUPPORT.finditer(view):
            yield Span(*match.span(), KEPT)


def _iban_end(match: re.Match[str]) -> int:
    """Where the account number that starts a match ends, 0 when there is none: the country's length, mod 97 = 1 (ISO 7064)."""
    places = [place for place, char in enumerate(match[0]) if char.isalnum()]
    account = "".join(match[0][place] for place in places)
    length = _IBAN_LENGTHS.get(account[:2], 0)
    if not length or len(account) < length:
        return 0
    account = account[:length]
    if not account.isascii():
        return 0
    belgian = account.startswith("be") and account[2:].isdigit()
    if belgian or int("".join(str(int(char, 36)) for char in account[4:] + account[:4])) % 97 == 1:
        return match.start() + places[length - 1] + 1
    return 0


def find_accounts(view: str) -> Iterator[Span]:
    """Finds bank accounts: IBAN with right check digits, BE and 14 digits in any case, old Belgian numbers.

    Args:
        view: a canvas's view.

    Yields:
        Spans of kind `iban`.
    """
    if _EIGHT.search(view) is None:
        return
    for match in _IBAN.finditer(view):
        if end := _iban_end(match):
            yield Span(match.start(), end, "iban")
    for match in _OLD_ACCOUNT.finditer(view):
        yield Span(*match.span(), "iban")


def _is_national_number(digits: str) -> bool:
    """Whether check digits are right: 97 minus the first nine digits mod 97, with a 2 before them for births from 2000 on."""
    first, check = int(digits[:9]), int(digits[9:])
    return check in (97 - first % 97, 97 - (2_000_000_000 + first) % 97)


def _said(pattern: re.Pattern[str], view: str, sizes: range, kind: str) -> Iterator[Span]:
    """Long numbers at most 30 characters after a word that announces them."""
    for word in pattern.finditer(view):
        match = _LONG_NUMBER.search(view, word.end(), min(len(view), word.end() + 70))
        if match and match.start() - word.end() <= 30 and len(_bare(match[0])) in sizes:
            yield Span(*match.span(), kind)


def find_national_numbers(view: str) -> Iterator[Span]:
    """Finds national register numbers: written YY.MM.DD-NNN.CC, or eleven digits with right check digits, or announced.

    Args:
        view: a canvas's view.

    Yields:
        Spans of kind `national_number`.
    """
    if _EIGHT.search(view) is None:
        return
    for match in _NATIONAL.finditer(view):
        dated = int(match["mm"]) % 20 <= 12 and int(match["mm"]) <= 52 and int(match["dd"]) <= 31
        if (dated and len(match[0]) > 11) or _is_national_number(_bare(match[0])):
            yield Span(*match.span(), "national_number")
    for match in _ELEVEN.finditer(view):
        if _is_national_number(_bare(match[0])):
            yield Span(*match.span(), "national_number")
    yield from _said(_SAID_NATIONAL, view, range(9, 14), "national_number")


_CARD_RUN = re.compile(r"(?<![\w])[0-9](?:[ .-]{0,2}[0-9]){12,}+")
_GROUP = re.compile(r"[0-9]+")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _cards_in(view: str, start: int, end: int) -> Iterator[Span]:
    """Cards in a run of digits and separators: whole groups that make 13 to 19 digits; each Luhn sum in constant time."""
    groups = [match.span() for match in _GROUP.finditer(view, start, end)]
    digits = [int(digit) for group in groups for digit in view[slice(*group)]]
    sums = [
        list(accumulate((_DOUBLED[digit] if place % 2 == odd else digit for place, digit in enumerate(digits)), initial=0))
        for odd in (0, 1)
    ]
    ends = list(accumulate(stop - begin for begin, stop in groups))
    smallest = 1 if len(digits) <= 19 else 2
    done = -1
    for number, (begin, stop) in enumerate(groups):
        first = ends[number] - (stop - begin)
        if begin < done or stop - begin < smallest or digits[first] not in (2, 3, 4, 5, 6):
            continue
        for last in range(min(number + 8 if smallest > 1 else len(groups), len(groups)) - 1, number - 1, -1):
            total = sums[ends[last] % 2]
            if 13 <= ends[last] - first <= 19 and (total[ends[last]] - total[first]) % 10 == 0:
                done = groups[last][1]
                yield Span(begin, done, "card")
                break


def find_cards(view: str) -> Iterator[Span]:
    """Finds card numbers: 13 to 19 digits, separators allowed, with a right Luhn sum; or 12 to 19 after a word like "carte".

    Args:
        view: a canvas's view.

    Yields:
        Spans of kind `card`.
    """
    if _EIGHT.search(view) is None:
        return
    for match in _CARD_RUN.finditer(view):
        yield from _cards_in(view, *match.span())
    yield from _said(_SAID_CARD, view, range(12, 20), "card")


def _is_national_phone(text: str) -> bool:
    digits, written = _bare(text), text.strip("( ")
    if len(digits) == 10:
        return digits.startswith("04") or bool(_FRENCH.fullmatch(written))
    head = len(written) - len(written.lstrip("0123456789"))
    return head <= 4 or head == len(written)


def find_phones(view: str) -> Iterator[Span]:
    """Finds phone numbers: Belgian mobiles and fixed lines, French ones, `+` or `00` and a country, or announced ("mon gsm").

    Args:
        view: a canvas's view, the support's number painted over. Numbers of one to six digits (FASE) and dates are not phones.

    Yields:
        Spans of kind `phone`.
    """
    if _EIGHT.search(view) is None:
        return
    for match in _PHONE_INTERNATIONAL.finditer(view):
        yield Span(*match.span(), "phone")
    done = -1
    for match in _PHONE_NATIONAL.finditer(view):
        inside = match.start() - 1 != done and _INSIDE_NUMBER.search(view, max(match.start() - 2, 0), match.start())
        if not inside and _is_national_phone(match[0]):
            done = match.end()
            yield Span(*match.span(), "phone")
    for span in _said(_SAID_PHONE, view, range(8, 14), "phone"):
        if not re.match(_DATE, view[span.start : span.end + 1]):
            yield span
