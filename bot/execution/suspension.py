"""A domain in which some responses are not said for the moment, and a notice is in their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.execution.performer import APOLOGY
from bot.execution.texts import texts
from bot.project.model import Domain, ResponseVariation
from bot.responses import NOTICE

OWN = frozenset({NOTICE, APOLOGY, "utter_default", "utter_restart", "utter_back", "utter_ask_rephrase", "utter_ask_affirmation"})
"""Responses that the engine itself says: without them it would have nothing to say."""


def without(domain: Domain, responses: Iterable[str]) -> Domain:
    """The domain without these responses.

    Args:
        domain: a model's; it stays as it is.
        responses: names of those that are suspended. The engine's own, and those that the domain does not
            have, count for nothing.
    """
    suspended = frozenset(responses) & domain.responses.keys() - OWN
    if not suspended:
        return domain
    return replace(domain, suspended=suspended, responses={**domain.responses, NOTICE: notice_of(domain)})


def notice_of(domain: Domain) -> tuple[ResponseVariation, ...]:
    """The wordings of what is said in place of a suspended response; the engine's own where the project has none."""
    return domain.responses.get(NOTICE) or (ResponseVariation({"text": texts()["suspension"]}),)
