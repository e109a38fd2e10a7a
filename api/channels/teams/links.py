"""What may be a link in a card, and where links are in a text.

Only http, https, mailto and tel, and never a URL with a user part: the page prints the webmail's address so, and mail
filters take it for phishing. Such an address stays text, whole: no part of it becomes a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from actions.links import may_be_shown

OWN_MAILBOXES = "@adm.cfwb.be"
"""Addresses of schools are given to be read and copied; nobody writes to his own."""
_FOUND = re.compile(
    r"(?P<url>\b[a-z][a-z0-9+.-]{0,20}://[^\s<>«»]+)"
    r"|(?P<mail>(?<![\w.@/+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<phone>(?<![\w+])\+\d[\d ()./-]{7,20}\d)",
    re.I,
)
_TITLED = re.compile(r"(?P<title>[^\n:]{3,120}?)\s*:\s*(?P<url>https?://\S+)")
_TRAILING = ".,;:!?)"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a line."""

    text: str
    url: str | None = None
    """Where it leads."""


def runs(line: str) -> list[Run]:
    """A line cut where links begin and end; « title : URL » becomes the linked title."""
    titled = _TITLED.fullmatch(line.strip())
    if titled and may_be_shown(titled["url"]):
        return [Run(titled["title"], titled["url"])]
    return list(_runs(line))


def _runs(line: str) -> Iterator[Run]:
    done = 0
    for found in _FOUND.finditer(line):
        shown = found[0] if found["phone"] else found[0].rstrip(_TRAILING)
        url = _url_of(found, shown)
        if url is None:
            continue
        if found.start() > done:
            yield Run(line[done : found.start()])
        yield Run(shown, url)
        done = found.start() + len(shown)
    if done < len(line):
        yield Run(line[done:])


def _url_of(found: re.Match[str], shown: str) -> str | None:
    if found["mail"]:
        url = None if shown.lower().endswith(OWN_MAILBOXES) else f"mailto:{shown}"
    elif found["phone"]:
        url = "tel:+" + re.sub(r"\D", "", shown.replace("(0)", ""))
    else:
        url = shown
    return url if url is not None and may_be_shown(url) else None
