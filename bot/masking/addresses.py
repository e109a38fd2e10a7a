"""Mail addresses and user parts of URLs: official ones stay, private ones are found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.masking.canvas import KEPT, Span

_LOCAL = r"[\w.%+#!$*~&-]"
_USER_PART = re.compile(r"(?<=://)(?P<user>[^\s/?#@\"<>]{1,128}(?:@[^\s/?#@\"<>]{1,64}){0,3})@(?P<host>[\w.-]{1,128})")
_MAIL = re.compile(rf"(?<!{_LOCAL})(?P<local>{_LOCAL}++) ?@ ?(?P<domain>[\w-]{{1,63}}+(?:\.[\w-]{{1,63}}+){{0,6}}+)")
_SPELT_AT = re.compile(r"(?<![a-z])(?:at|arobase|arobas|arrobase|arobaze)(?![a-z])")
_DOT = r"(?: ?[(\[{]?(?<![a-z])(?:dot|point)(?![a-z])[)\]}]? ?|\.)"
_SPELT = re.compile(
    rf"(?<![\w.-])(?P<local>[\w+-]{{1,64}}+(?:{_DOT}[\w+-]{{1,64}}+){{0,5}})"
    rf" ?[(\[{{]? ?(?:@|(?<![a-z])(?:at|arobase|arobas|arrobase|arobaze)) ?[)\]}}]? ?"
    rf"(?P<domain>[\w-]{{1,63}}+(?:{_DOT}[\w-]{{1,63}}+){{1,5}})"
)
_SPELT_DOT = re.compile(_DOT)
_OFFICIAL_LOCAL = re.compile(r"(?:ec|po)(?:\d{1,6}|x{1,8})")
_NOT_AT_THE_END = frozenset(
    ("je", "tu", "il", "on", "ne", "le", "la", "les", "du", "des", "et", "ou", "un", "une", "mais", "car", "si", "que", "qui")
)
"""Words that follow a spelt "point" in a sentence; no domain that users type ends so."""
_PROVIDERS = frozenset(
    (
        "gmail",
        "googlemail",
        "hotmail",
        "outlook",
        "live",
        "msn",
        "yahoo",
        "icloud",
        "skynet",
        "proximus",
        "voo",
        "telenet",
        "belgacom",
    )
)


def _is_official(local: str, domain: str) -> bool:
    """Addresses of the official page, and `ec…`/`po…` at a mistyped domain of the administration."""
    if domain == "adm.cfwb.be" or domain.startswith("adm.cfwb.be."):
        return True
    if (local, domain) == ("support", "etnic.be"):
        return True
    return bool(_OFFICIAL_LOCAL.fullmatch(local)) and ("adm" in domain or "cfwb" in domain or "." not in domain)


def _judge(match: re.Match[str], local: str, domain: str) -> Span | None:
    start = match.start("local") + len(match["local"]) - len(match["local"].lstrip(".-"))
    if _is_official(local.strip(".-"), domain):
        return Span(start, match.end(), KEPT)
    if " @" in match[0] and local.isalpha() and domain.split(".")[0] not in _PROVIDERS:
        return None
    if domain in _PROVIDERS or ("." in domain and domain[-2:].isalpha()):
        return Span(start, match.end(), "mail")
    if len(local) > 3 and len(domain) > 3 and "." in local and domain.isalpha():
        return Span(start, match.end(), "mail")
    return None


def find_addresses(view: str) -> Iterator[Span]:
    """Finds mail addresses, spelt ones too ("jean point dupont arobase gmail point com"), and user parts of URLs.

    Args:
        view: a canvas's view.

    Yields:
        Spans of kind `mail`, `password` for the user part of a URL, or `KEPT` for what the official page gives
        (anything at adm.cfwb.be, support@etnic.be).
    """
    taken = -1
    if "@" in view:
        for match in _USER_PART.finditer(view):
            if not match["host"].startswith("adm.cfwb.be") or ":" in match["user"]:
                yield Span(*match.span("user"), "password")
                taken = match.end()
        for match in _MAIL.finditer(view):
            if match.start() >= taken and (span := _judge(match, match["local"], match["domain"])):
                yield span
    if _SPELT_AT.search(view):
        for match in _SPELT.finditer(view):
            local, domain = (_SPELT_DOT.sub(".", match[part]) for part in ("local", "domain"))
            if domain.rpartition(".")[2] in _NOT_AT_THE_END:
                continue
            if span := _judge(match, local, domain):
                yield span
