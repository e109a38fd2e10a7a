"""Answers with a link or a fact of the conversation in them."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.conversation import entity_values
from actions.links import links

ADDRESS = re.compile(r"(?:ec|po)\d{6}@adm\.cfwb\.be")
FASE_DIGITS = 6
"""A FASE number is padded to six digits in an address (circulaire 9563 of 20/08/2025)."""


class ActionAccesWebmail(Action):
    """Where the mails are read."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_acces_webmail"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        dispatcher.utter_message(response="utter_acces_webmail", webmail=links().render("webmail"))
        return []


class ActionCerbere(Action):
    """Cerbère identifiers forgotten."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_cerbere"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        dispatcher.utter_message(response="utter_cerbere", infographie=links().render("infographie_cerbere"))
        return []


class ActionSupportEtnic(Action):
    """ETNIC's contact, with what to specify; the address is named when the conversation knows it."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_support_etnic"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        address = administrative_address(tracker.get_slot("adresse_administrative"))
        dispatcher.utter_message(response="utter_support_etnic", adresse=f" ({address})" if address else "")
        return []


class ActionAdresse(Action):
    """The administrative address of a FASE number, or how it is written."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_adresse"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        number = fase_number([*entity_values(tracker, "numero_fase"), tracker.get_slot("numero_fase")])
        if number is None:
            dispatcher.utter_message(response="utter_format_adresse")
        else:
            dispatcher.utter_message(
                response="utter_adresse_fase",
                fase=number,
                adresse_ec=f"ec{number}@adm.cfwb.be",
                adresse_po=f"po{number}@adm.cfwb.be",
            )
        return []


def administrative_address(slot: Any) -> str | None:
    """The latest administrative address of a slot, in lower case; None when it holds none."""
    latest = slot[-1] if isinstance(slot, list) and slot else slot
    found = ADDRESS.fullmatch(str(latest or "").strip().lower())
    return found[0] if found else None


def fase_number(candidates: list[Any]) -> str | None:
    """The first usable FASE number, padded to six digits; None when there is none."""
    for candidate in candidates:
        digits = "".join(char for char in str(candidate or "") if char in "0123456789")
        if 1 <= len(digits) <= FASE_DIGITS and int(digits):
            return digits.zfill(FASE_DIGITS)
    return None
