"""The form that prepares a request to the ETNIC support. Nothing personal is asked, nothing is sent."""

from __future__ import annotations

from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.addresses import administrative_address, fase_number
from actions.answers import say
from actions.conversation import (
    FALLBACK,
    canonical,
    deserves_a_repeat,
    entity_values,
    intent_ranking,
    is_asked,
    latest_intent,
    message_text,
    slot_text,
)
from actions.password import KINDS_OF_SCHOOL
from actions.request import ADDRESS, KIND, NO_ADDRESS, PROBLEM, template, written_request

FORM = "demande_form"
START = "preparer_demande"
SKIP = frozenset({"passer", "mode_inconnu", "negation"})
"""Answers that mean « I cannot or will not say »."""
PROBLEMS = {
    "probleme_connexion": "connexion",
    "probleme_messages": "messages",
    "probleme_autre": "autre",
}
OTHER_PROBLEM = "autre"
NO_KIND = "aucun"
MASKED_MAIL = "[mail]"
"""What masking leaves of a private address."""
TOLD_AS_A_PROBLEM = frozenset({"support_etnic", "mot_de_passe", "autre_chose", FALLBACK})
"""Free answers to « which problem? » : the likeliest of the list is taken."""

Slots = dict[str, Any]


def _kind(tracker: Tracker) -> str | None:
    """`ec` or `po`, as the message says or the conversation has said; None otherwise."""
    by_intent = {"genre_ecole": "ec", "genre_po": "po"}.get(latest_intent(tracker) or "")
    if by_intent:
        return by_intent
    types = entity_values(tracker, "type_etablissement") or [slot_text(tracker, "type_etablissement") or ""]
    return "po" if canonical(types[-1]) == "po" else "ec" if canonical(types[-1]) in KINDS_OF_SCHOOL else None


def _asked_again(tracker: Tracker, slot: str) -> Slots:
    """No value, which makes the form ask again, if this slot's question got an answer that did not fit."""
    return {slot: None} if is_asked(tracker, FORM, slot) and deserves_a_repeat(tracker) else {}


class ValidateDemandeForm(FormValidationAction):
    """Fills the slots of the form."""

    def name(self) -> str:
        """Name in the domain."""
        return f"validate_{FORM}"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        """School or PO is asked only of a FASE number alone: a complete address says it."""
        if fase_number(slot_text(tracker, ADDRESS)) and not administrative_address(slot_text(tracker, ADDRESS)):
            return domain_slots
        return [slot for slot in domain_slots if slot != KIND]

    async def extract_adresse_demande(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        """An address or a FASE number, of the message or, when the form starts, of the conversation."""
        for value in reversed(entity_values(tracker, "adresse_administrative")):
            if address := administrative_address(value):
                return {ADDRESS: address}
        for value in reversed(entity_values(tracker, "numero_fase")):
            if number := fase_number(value):
                kind = _kind(tracker)
                return {ADDRESS: number, **({KIND: kind} if kind else {})}
        if latest_intent(tracker) == START:
            known = (slot_text(tracker, name) for name in ("adresse_administrative", ADDRESS))
            address = next((found for text in known if (found := administrative_address(text))), None)
            return {ADDRESS: address or fase_number(slot_text(tracker, "numero_fase")), KIND: _kind(tracker)}
        if not is_asked(tracker, FORM, ADDRESS):
            return {}
        number = fase_number(message_text(tracker)) if "@" not in message_text(tracker) else None
        if number:
            return {ADDRESS: number}
        if latest_intent(tracker) in SKIP:
            return {ADDRESS: NO_ADDRESS}
        if any(mark in message_text(tracker) for mark in ("@", MASKED_MAIL)) or any(
            char.isdigit() for char in message_text(tracker)
        ):
            say(dispatcher, tracker, "utter_adresse_non_valable")
            return {ADDRESS: None}
        return _asked_again(tracker, ADDRESS)

    async def extract_genre_adresse(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        """School or pouvoir organisateur."""
        kind = _kind(tracker)
        if kind is None and is_asked(tracker, FORM, KIND) and latest_intent(tracker) in SKIP:
            kind = NO_KIND
        return {KIND: kind} if kind else _asked_again(tracker, KIND)

    async def extract_probleme(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        """The kind of problem; asked anew for each request."""
        intent = latest_intent(tracker) or ""
        if intent == START:
            return {PROBLEM: None}
        if intent in PROBLEMS:
            return {PROBLEM: PROBLEMS[intent]}
        if is_asked(tracker, FORM, PROBLEM) and intent in SKIP | TOLD_AS_A_PROBLEM:
            likeliest = next((name for name, _ in intent_ranking(tracker) if name in PROBLEMS), None)
            return {PROBLEM: PROBLEMS[likeliest] if likeliest and intent in TOLD_AS_A_PROBLEM else OTHER_PROBLEM}
        return _asked_again(tracker, PROBLEM)

    async def validate_adresse_demande(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        """Taken as extracted."""
        return {ADDRESS: value}

    async def validate_genre_adresse(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        """Taken as extracted."""
        return {KIND: value}

    async def validate_probleme(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        """Taken as extracted."""
        return {PROBLEM: value}


class ActionDemandeEtnic(Action):
    """The request, as a text to copy and as a link that opens the user's own mail program."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_demande_etnic"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        mailto = written_request(tracker).mailto
        button = {"title": template().button, "type": "web_url", "url": mailto, "payload": mailto}
        say(dispatcher, tracker, "utter_demande_etnic", buttons=[button])
        return []
