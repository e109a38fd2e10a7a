"""The form for a lost password: which one fits is decided by what the conversation says of MODE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT, FormValidationAction
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.answers import ABOUT_ADDRESS, address_answer, say
from actions.conversation import (
    FALLBACK,
    canonical,
    deserves_a_repeat,
    entity_values,
    intent_ranking,
    is_asked,
    is_payload,
    last_turn,
    latest_intent,
    slot_text,
    times_said_since,
    values_outside,
    was_left,
)
from actions.request import FORM as REQUEST_FORM
from actions.request import completes_request

FORM = "mot_de_passe_form"
STATUS = "connu_mode"
TYPE = "type_etablissement"
TYPE_OF_STATUS = "type_du_statut"
NOT_MEANT = "type_hors_de_cause"

NOT_IN_MODE = frozenset({"esahr", "dépaysement", "caf", "cta", "enseignement supérieur", "home", "internat", "cpms", "pse"})
"""Types that the official page lists as not known in MODE. No other type decides anything."""
ANY_SCHOOL = "école"
KINDS_OF_SCHOOL = frozenset({ANY_SCHOOL, "athénée", "institut", "lycée", "collège"})
"""« École » may be said of each of these: it is no other type than they are."""
NO_SCHOOL_IN_GENERAL = KINDS_OF_SCHOOL - {ANY_SCHOOL} | {"po"}

SAYS_KNOWN = frozenset({"mot_de_passe_mode", "dire_dans_mode"})
SAYS_UNKNOWN = frozenset({"mot_de_passe_hors_mode", "dire_hors_mode"})
ANSWERS = frozenset({"dire_dans_mode", "dire_hors_mode"})
"""Those of them that need no word about MODE when the question was just asked: « oui, on l'utilise tous les jours »."""
YES, NO = SAYS_KNOWN | {"affirmation"}, SAYS_UNKNOWN | {"negation"}
SURE, MARGIN = 0.4, 0.2
"""Confidence of all ways to say yes, or no, and how far they must stand apart, when no single one stands out."""
ABOUT_PASSWORD = SAYS_KNOWN | SAYS_UNKNOWN | {"mot_de_passe", "dire_type", "correction", "genre_ecole", "genre_po"}
"""Messages that the form takes for an answer even when they decide nothing: it asks again."""
DOES_NOT_KNOW = frozenset({"mode_inconnu", "pas_compris"})
EXPLANATION, BOTH_FORMS = "utter_mode_inconnu", "utter_deux_formulaires"
OTHER_TOPICS = frozenset(
    {
        "definition_bma",
        "adresse_officielle",
        "format_adresse",
        "acces_webmail",
        "definition_mode",
        "support_etnic",
        "redirection",
        "capacite",
        "migration_quoi",
        "migration_pourquoi",
        "migration_adresse",
    }
)
"""A type of establishment named in such a question answers nothing."""

Events = list[dict[str, Any]]


def said_status(tracker: Tracker) -> bool | None:
    """What the latest message says: known in MODE, not known, or nothing (or both).

    A text says it only with words about MODE in it, whatever the classifier makes of the rest: the wrong form costs a
    school more than the question.
    """
    intent = latest_intent(tracker)
    if intent not in OTHER_TOPICS and _wonders(tracker):
        return False if _decides(_said_types(tracker)) else None
    known = bool(entity_values(tracker, "dans_mode"))
    unknown = bool(entity_values(tracker, "pas_dans_mode"))
    if known or unknown:
        return known if known != unknown else None
    if intent not in OTHER_TOPICS and _decides(_said_types(tracker)):
        return False
    asked = is_asked(tracker, FORM, STATUS)
    if intent in SAYS_KNOWN | SAYS_UNKNOWN:
        is_about_mode = is_payload(tracker) or entity_values(tracker, "parle_de_mode") or (asked and intent in ANSWERS)
        return intent in SAYS_KNOWN if is_about_mode else None
    return _answer_to_the_question(tracker) if asked else None


def _answer_to_the_question(tracker: Tracker) -> bool | None:
    """Yes or no, also when the classifier hesitates between ways to say the same."""
    intent = latest_intent(tracker)
    if intent in YES | NO:
        return intent in YES
    if intent != FALLBACK:
        return None
    yes, no = (sum(confidence for name, confidence in intent_ranking(tracker) if name in side) for side in (YES, NO))
    return yes > no if max(yes, no) >= SURE and abs(yes - no) >= MARGIN else None


def remembered_status(tracker: Tracker) -> bool | None:
    """What the conversation said before; taken back when the message corrects it."""
    slot = slot_text(tracker, STATUS)
    if slot in ("oui", "non"):
        return bool(slot == "oui") != _takes_back(tracker)
    return False if _decides([slot_text(tracker, TYPE)]) else None


def names_another(tracker: Tracker) -> bool:
    """Whether the message is about another establishment than the one whose status is remembered.

    A status that was given without a type is taken for a school's: the PO, or an athénée, is another; « notre école » is not.
    """
    if entity_values(tracker, "autre_etablissement"):
        return True
    types = [canonical(value) for value in _said_types(tracker)]
    before = canonical(slot_text(tracker, TYPE_OF_STATUS))
    if not types or types[-1] == before:
        return False
    if not before:
        return types[-1] in NO_SCHOOL_IN_GENERAL and slot_text(tracker, STATUS) is not None
    return not (ANY_SCHOOL in (types[-1], before) and {types[-1], before} <= KINDS_OF_SCHOOL)


def decided_status(tracker: Tracker) -> bool | None:
    """Which form fits: by the message, else by memory; None when it has to be asked."""
    said = said_status(tracker)
    if said is not None:
        return said
    contradicts = entity_values(tracker, "dans_mode") and entity_values(tracker, "pas_dans_mode")
    if (
        contradicts
        or _wonders(tracker)
        or entity_values(tracker, NOT_MEANT)
        or names_another(tracker)
        or latest_intent(tracker) in OTHER_TOPICS
    ):
        return None
    return remembered_status(tracker)


def _wonders(tracker: Tracker) -> bool:
    """Whether the message asks itself if the establishment is in MODE, which says neither yes nor no."""
    return bool(entity_values(tracker, "question_sur_mode"))


def _said_types(tracker: Tracker) -> list[str]:
    """Types of establishment in the message, without those that it denies or only asks about."""
    return values_outside(tracker, TYPE, NOT_MEANT)


def _decides(types: Iterable[str | None]) -> bool:
    return any(canonical(value) in NOT_IN_MODE for value in types)


def _takes_back(tracker: Tracker) -> bool:
    return latest_intent(tracker) == "correction"


def _gives_up(tracker: Tracker) -> bool:
    """Whether the message still does not know, although the question was explained, or given up just before.

    « Je n'ai pas compris » is worth a second explanation, in other words.
    """
    if latest_intent(tracker) not in DOES_NOT_KNOW and not _wonders(tracker):
        return False
    if is_asked(tracker, FORM, STATUS):
        explained = times_said_since(tracker, EXPLANATION, "action_mot_de_passe")
        return explained >= (2 if latest_intent(tracker) == "pas_compris" else 1)
    before = last_turn(tracker)
    return before is not None and any(one.response == BOTH_FORMS for one in before.said)


class ValidateMotDePasseForm(FormValidationAction):
    """Fills the one slot of the form: whether the establishment is known in MODE."""

    def name(self) -> str:
        """Name in the domain."""
        return f"validate_{FORM}"

    async def extract_connu_mode(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, str | None]:
        """Take the status from the message, else from memory; nothing for a message about something else."""
        known = decided_status(tracker)
        if known is not None:
            return {STATUS: "oui" if known else "non"}
        if _gives_up(tracker):
            return {STATUS: None}
        if _wonders(tracker) and is_asked(tracker, FORM, STATUS) and latest_intent(tracker) != "mode_inconnu":
            say(dispatcher, tracker, EXPLANATION)
            return {STATUS: None}
        asks_again = latest_intent(tracker) in ABOUT_PASSWORD or deserves_a_repeat(tracker)
        return {STATUS: None} if asks_again else {}

    async def validate_connu_mode(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Remember of which type the status is, and whether it comes from memory; forget what is another's.

        Who still does not know after an explanation is not asked again: no slot requested ends the form.
        """
        types = _said_types(tracker)
        if value is None:
            forgotten = {STATUS: None, TYPE_OF_STATUS: None, "mode_de_memoire": None, TYPE: types[-1] if types else None}
            return forgotten | ({REQUESTED_SLOT: None} if _gives_up(tracker) else {})
        from_memory = said_status(tracker) is None and not _takes_back(tracker)
        kept = {} if types or not names_another(tracker) else {TYPE: None}
        type_of_status = None if kept else slot_text(tracker, TYPE)
        return {STATUS: value, TYPE_OF_STATUS: type_of_status, "mode_de_memoire": from_memory, **kept}


class ActionMotDePasse(Action):
    """The form to complete, once the status is known; a request that was left for it is taken up again."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_mot_de_passe"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer; a status that nobody knows gets both forms and the human contact."""
        response = {"oui": "utter_mot_de_passe_mode", "non": "utter_mot_de_passe_hors_mode"}
        say(dispatcher, tracker, response.get(slot_text(tracker, STATUS) or "", BOTH_FORMS))
        return [FollowupAction(REQUEST_FORM)] if was_left(tracker, REQUEST_FORM) else []


class ActionCorrection(Action):
    """The user takes back what was said: the other form at once, if a form was given; the address of another number."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_correction"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer."""
        if completes_request(tracker):
            return [FollowupAction(REQUEST_FORM)]
        if slot_text(tracker, STATUS) in ("oui", "non") and slot_text(tracker, "sujet") == "mot_de_passe":
            return [FollowupAction(FORM)]
        if slot_text(tracker, "sujet") in ABOUT_ADDRESS:
            say(dispatcher, tracker, address_answer(tracker))
            return []
        say(dispatcher, tracker, "utter_precision")
        return []
