"""Answers with a link or a fact of the conversation in them."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.conversation import entity_values, slot_text
from actions.links import links

ADDRESS = re.compile(r"(?:ec|po)[0-9]{6}@adm\.cfwb\.be")
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
        address = administrative_address(slot_text(tracker, "adresse_administrative"))
        dispatcher.utter_message(response="utter_support_etnic", adresse=f" ({address})" if address else "")
        return []


class ActionAdresse(Action):
    """The administrative address of a FASE number, or how it is written."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_adresse"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        said = entity_values(tracker, "numero_fase")
        number = fase_number(said[-1] if said else slot_text(tracker, "numero_fase"))
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
