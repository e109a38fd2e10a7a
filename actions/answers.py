"""Answers with a link or a fact of the conversation in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.addresses import address_of, administrative_address, fase_number
from actions.conversation import entity_values, last_turn, message_text, slot_text
from actions.links import links
from actions.request import FORM, completes_request, written_request

ABOUT_ADDRESS = frozenset({"format_adresse", "adresse_officielle"})
SHORT = 10
"""Words of a message whose number is the one that was asked for."""


def say(dispatcher: CollectingDispatcher, tracker: Tracker, response: str, **more: Any) -> None:
    """Say a response with the values that its placeholders need, whoever says it."""
    value = VALUES.get(response)
    given: dict[str, Any] = {**(value(tracker) if value else {}), **more}
    dispatcher.utter_message(response=response, **given)


def _support(tracker: Tracker) -> dict[str, str]:
    address = administrative_address(slot_text(tracker, "adresse_administrative"))
    return {"adresse": f" ({address})" if address else ""}


def _address(tracker: Tracker) -> dict[str, str]:
    number = said_fase_number(tracker) or ""
    return {"fase": number, "adresse_ec": address_of("ec", number), "adresse_po": address_of("po", number)}


VALUES: Mapping[str, Callable[[Tracker], dict[str, str]]] = {
    "utter_acces_webmail": lambda _: {"webmail": links().render("webmail")},
    "utter_adresse_fase": _address,
    "utter_cerbere": lambda _: {"infographie": links().render("infographie_cerbere")},
    "utter_demande_etnic": lambda tracker: {"demande": written_request(tracker).text},
    "utter_mot_de_passe_hors_mode": lambda _: {"formulaire": links().render("formulaire_hors_mode")},
    "utter_mot_de_passe_mode": lambda _: {"formulaire": links().render("formulaire_mode")},
    "utter_support_etnic": _support,
}
"""What the placeholders of a response are, besides slots."""


class ActionAccesWebmail(Action):
    """Where the mails are read."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_acces_webmail"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        say(dispatcher, tracker, "utter_acces_webmail")
        return []


class ActionCerbere(Action):
    """Cerbère identifiers forgotten."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_cerbere"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        say(dispatcher, tracker, "utter_cerbere")
        return []


class ActionSupportEtnic(Action):
    """ETNIC's contact, with what to specify; the address is named when the conversation knows it."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_support_etnic"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        say(dispatcher, tracker, "utter_support_etnic")
        return []


class ActionAdresse(Action):
    """The administrative address of a FASE number, or how it is written."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_adresse"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer; an address after a request that was just written makes it again."""
        if completes_request(tracker):
            return [FollowupAction(FORM)]
        say(dispatcher, tracker, address_answer(tracker))
        number = said_fase_number(tracker)
        return [SlotSet("numero_fase", number)] if number != fase_number(slot_text(tracker, "numero_fase")) else []


def said_fase_number(tracker: Tracker) -> str | None:
    """The FASE number of the latest message, else of the conversation, padded; None when there is none or several.

    After an answer about the address, the one number of a short message is a FASE number, however short.
    """
    said = entity_values(tracker, "numero_fase")
    if said:
        return fase_number(said[-1])
    return answered_number(tracker) or fase_number(slot_text(tracker, "numero_fase"))


def answered_number(tracker: Tracker) -> str | None:
    """The number of a short message that follows an answer about the address, padded."""
    words = message_text(tracker).split()
    return fase_number(" ".join(words)) if len(words) <= SHORT and _spoke_of_address(tracker) else None


def _spoke_of_address(tracker: Tracker) -> bool:
    before = last_turn(tracker)
    about = {*ABOUT_ADDRESS, "adresse_fase"}
    return before is not None and any(one.response.removeprefix("utter_") in about for one in before.said)


def address_answer(tracker: Tracker) -> str:
    """The response for the address: complete with a FASE number, else how it is written."""
    return "utter_adresse_fase" if said_fase_number(tracker) else "utter_format_adresse"
