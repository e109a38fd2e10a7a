"""Administrative addresses and FASE numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

ADDRESS = re.compile(r"(?:ec|po)[0-9]{6}@adm\.cfwb\.be")
FASE_DIGITS = 6
"""A FASE number is padded to six digits in an address (circulaire 9563 of 20/08/2025)."""


def administrative_address(text: str | None) -> str | None:
    """A complete administrative address in lower case; None for anything else."""
    found = ADDRESS.fullmatch((text or "").strip().lower())
    return found[0] if found else None


def fase_number(text: str | None) -> str | None:
    """The one number of 1 to 6 digits in a text, padded to six; None when there is none or several."""
    groups = re.findall(r"[0-9]+", text or "")
    if len(groups) != 1 or len(groups[0]) > FASE_DIGITS or not int(groups[0]):
        return None
    return str(groups[0]).zfill(FASE_DIGITS)


def meant_numbers(found: Iterable[str], text: str) -> frozenset[str]:
    """The FASE numbers that a message may mean, padded.

    Args:
        found: the numbers that were recognised in it.
        text: the message; with a number right beside one of those (« 17 89 »), all its numbers may be meant.
    """
    found = list(found)
    beside = any(
        re.search(rf"[0-9][\s./-]+{re.escape(one)}(?![0-9])|(?<![0-9]){re.escape(one)}[\s./-]+[0-9]", text) for one in found
    )
    numbers = re.findall(r"[0-9]+", text) if beside else found
    return frozenset(number for one in numbers if (number := fase_number(one)))


def address_of(kind: str, fase: str) -> str:
    """The address of a FASE number: `kind` is `ec` for a school, `po` for a pouvoir organisateur."""
    return f"{kind}{fase}@adm.cfwb.be"
