"""The form that prepares a request to the ETNIC support. Nothing personal is asked, nothing is sent."""

from __future__ import annotations

from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.addresses import administrative_address, fase_number, meant_numbers
from actions.answers import say
from actions.conversation import (
    FALLBACK,
    OUT_OF_SCOPE,
    asks_something,
    canonical,
    deserves_a_repeat,
    entity_values,
    intent_ranking,
    is_asked,
    latest_intent,
    likeliest_intent,
    message_text,
    slot_text,
)
from actions.doubt import likely_answers
from actions.password import KINDS_OF_SCHOOL
from actions.request import ADDRESS, FORM, KIND, NO_ADDRESS, PROBLEM, READY, template, wants_a_person, written_request

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
CONTACT = "support_etnic"
"""A wish for a person, or a problem told in other words."""
TELLS_KIND = frozenset({"genre_ecole", "genre_po", "dire_type", "donner_fase", "correction", "affirmation", "negation"})
"""Messages in which a type of establishment is an answer."""
GIVES_ANOTHER = frozenset({"donner_fase", "correction"})
"""Messages that change the address although something else is asked."""

Slots = dict[str, Any]


def _kind_of(types: list[str]) -> str | None:
    """`ec` or `po`, when all types say the same; None otherwise."""
    kinds = {"po" if canonical(name) == "po" else "ec" if canonical(name) in KINDS_OF_SCHOOL else None for name in types}
    return kinds.pop() if len(kinds) == 1 else None


def _named_kind(tracker: Tracker) -> str | None:
    """The kind that the latest message names; a question names none."""
    return None if asks_something(tracker) else _kind_of(entity_values(tracker, "type_etablissement"))


def _answered_kind(tracker: Tracker) -> str | None:
    """The kind that the latest message gives as an answer."""
    meant = likeliest_intent(tracker)
    if meant not in TELLS_KIND or asks_something(tracker):
        return None
    return _named_kind(tracker) or {"genre_ecole": "ec", "genre_po": "po"}.get(meant)


def _known_kind(tracker: Tracker) -> str | None:
    """The kind that the conversation has said before the request."""
    return _named_kind(tracker) or _kind_of([slot_text(tracker, "type_etablissement") or ""])


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
        is_awaited = is_asked(tracker, FORM, ADDRESS) or latest_intent(tracker) in GIVES_ANOTHER
        if asks_something(tracker) and not is_awaited and latest_intent(tracker) != START:
            return {}
        for value in reversed(entity_values(tracker, "adresse_administrative")):
            if address := administrative_address(value):
                return {ADDRESS: address}
        numbers = meant_numbers(entity_values(tracker, "numero_fase"), message_text(tracker))
        if len(numbers) == 1:
            kind = _named_kind(tracker)
            return {ADDRESS: next(iter(numbers)), **({KIND: kind} if kind else {})}
        if numbers and is_awaited:
            say(dispatcher, tracker, "utter_plusieurs_numeros")
            return {ADDRESS: None}
        if latest_intent(tracker) == START:
            known = (slot_text(tracker, name) for name in ("adresse_administrative", ADDRESS))
            address = next((found for text in known if (found := administrative_address(text))), None)
            return {ADDRESS: address or fase_number(slot_text(tracker, "numero_fase")), KIND: _known_kind(tracker)}
        if not is_asked(tracker, FORM, ADDRESS):
            return {}
        text = message_text(tracker)
        number = fase_number(text) if "@" not in text else None
        if number:
            return {ADDRESS: number}
        if latest_intent(tracker) in SKIP:
            return {ADDRESS: NO_ADDRESS}
        if any(mark in text for mark in ("@", MASKED_MAIL)) or any(char.isdigit() for char in text):
            say(dispatcher, tracker, "utter_adresse_non_valable")
            return {ADDRESS: None}
        return _asked_again(tracker, ADDRESS)

    async def extract_genre_adresse(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        """School or pouvoir organisateur, when the message answers it; what it only asks or mentions changes nothing."""
        if latest_intent(tracker) == START:
            return {}
        kind = _answered_kind(tracker)
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
        if not is_asked(tracker, FORM, PROBLEM):
            return {}
        if intent in SKIP | {"autre_chose"}:
            return {PROBLEM: OTHER_PROBLEM}
        meant = likeliest_intent(tracker)
        if meant in PROBLEMS or (meant == CONTACT and not wants_a_person(message_text(tracker))):
            likeliest = next((name for name, _ in intent_ranking(tracker) if name in PROBLEMS), None)
            return {PROBLEM: PROBLEMS[likeliest] if likeliest else OTHER_PROBLEM}
        if intent == FALLBACK and any(item.answer == OUT_OF_SCOPE for item in likely_answers(tracker)[:1]):
            return {}
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
        say(dispatcher, tracker, READY, buttons=[button])
        return []
