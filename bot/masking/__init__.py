"""Secrets typed by users, replaced before anything else sees the text.

`mask` runs after `bot.text.clean_text`. Rules come in one order, each painting over what it found: the addresses
and the support's number that the official page gives are protected; then mails, accounts, national numbers, cards, phones;
then passwords.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.masking.addresses import find_addresses
from bot.masking.canvas import PLACEHOLDERS, Canvas, count_placeholders
from bot.masking.numbers import find_accounts, find_cards, find_national_numbers, find_phones, find_support_phone
from bot.masking.passwords import find_passwords

_MAX_PASSES = 4
"""Passes until nothing more is found. Sentences need one or two; what needs more was made to hide something, and goes whole."""

__all__ = ["PLACEHOLDERS", "Masked", "mask"]


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its secrets."""

    text: str
    """The text, with a placeholder for each secret."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many placeholders of each kind (a key of `PLACEHOLDERS`) `text` holds."""


def mask(text: str) -> Masked:
    """Replaces what a user should not have typed: passwords, national numbers, cards, accounts, private phones and mails.

    Args:
        text: a cleaned text; placeholders in it stay.

    Returns:
        The masked text. Masking it again changes nothing. `ec…`/`po…` and other `@adm.cfwb.be` addresses, FASE numbers
        (1 to 6 digits) and the ETNIC support's address and number stay. A text that still gives secrets after several passes was
        made to; it goes whole.
    """
    for _ in range(_MAX_PASSES):
        masked = _mask_once(text)
        if masked == text:
            return Masked(text, count_placeholders(text))
        text = masked
    return Masked(PLACEHOLDERS["password"], {"password": 1})


def _mask_once(text: str) -> str:
    canvas = Canvas(text)
    for find in (find_support_phone, find_addresses, find_accounts, find_national_numbers, find_cards, find_phones):
        canvas.paint(find(canvas.view))
    canvas.paint(find_passwords(canvas.text, canvas.view))
    return canvas.render()
