"""What the console does not do, and the page that says so."""

from __future__ import annotations


class Refusal(Exception):
    """A request that is not done: a page with a French sentence.

    Args:
        status: HTTP status code.
        reason: key of the sentence, in `refus` of texts.yml.
        details: what the sentence names.
    """

    def __init__(self, status: int, reason: str, **details: object) -> None:
        self.status = status
        self.reason = reason
        self.details = details
        super().__init__(reason)


class LoginNeeded(Exception):
    """Nobody is logged in, or not any more."""
