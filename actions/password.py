"""The form for a lost password: which one fits is decided by what the conversation says of MODE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.conversation import canonical, entity_values, slot_text
from actions.links import links

NOT_IN_MODE = frozenset({"esahr", "dépaysement", "caf", "cta", "enseignement supérieur", "home", "internat", "cpms", "pse"})
"""Types that the official page lists as not known in MODE. No other type decides anything."""

Events = list[dict[str, Any]]


def said_status(tracker: Tracker) -> bool | None:
    """What the latest message says: known in MODE, not known, or nothing (or both)."""
    known = bool(entity_values(tracker, "dans_mode"))
    unknown = bool(entity_values(tracker, "pas_dans_mode"))
    if known != unknown:
        return known
    if known or not _decides(entity_values(tracker, "type_etablissement")):
        return None
    return False


def remembered_status(tracker: Tracker) -> bool | None:
    """What the conversation said before."""
    slot = slot_text(tracker, "connu_mode")
    if slot in ("oui", "non"):
        return bool(slot == "oui")
    return False if _decides([slot_text(tracker, "type_etablissement")]) else None


def _decides(types: Iterable[str | None]) -> bool:
    return any(canonical(value) in NOT_IN_MODE for value in types)


def give_form(dispatcher: CollectingDispatcher, known: bool, *, remember: bool = True) -> Events:
    """Say which form to complete; a status that was said is remembered (a type is its own slot already)."""
    name = "mode" if known else "hors_mode"
    dispatcher.utter_message(response=f"utter_mot_de_passe_{name}", formulaire=links().render(f"formulaire_{name}"))
    return [SlotSet("connu_mode", "oui" if known else "non")] if remember else []


class ActionMotDePasse(Action):
    """Password lost: the form that fits, or the MODE question."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_mot_de_passe"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer."""
        known = said_status(tracker)
        if known is None and not _contradicts(tracker):
            known = remembered_status(tracker)
        if known is None:
            dispatcher.utter_message(response="utter_ask_connu_mode")
            return []
        return give_form(dispatcher, known, remember=_status_is_said(tracker) or not _type_decides(tracker))


class ActionMotDePasseMode(Action):
    """Password lost, said to be known in MODE."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_mot_de_passe_mode"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer; words that say the contrary win over the intent."""
        known = said_status(tracker) is not False
        return give_form(dispatcher, known, remember=known or _status_is_said(tracker))


class ActionMotDePasseHorsMode(Action):
    """Password lost, said not to be known in MODE."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_mot_de_passe_hors_mode"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Answer; words that say the contrary win over the intent."""
        known = said_status(tracker) is True
        return give_form(dispatcher, known, remember=_status_is_said(tracker) or not _type_decides(tracker))


def _status_is_said(tracker: Tracker) -> bool:
    return bool(entity_values(tracker, "dans_mode") or entity_values(tracker, "pas_dans_mode"))


def _type_decides(tracker: Tracker) -> bool:
    """Whether a type, of this message or an earlier one, is all that speaks for "not in MODE"."""
    if _decides(entity_values(tracker, "type_etablissement")):
        return True
    return slot_text(tracker, "connu_mode") not in ("oui", "non") and _decides([slot_text(tracker, "type_etablissement")])


def _contradicts(tracker: Tracker) -> bool:
    return bool(entity_values(tracker, "dans_mode") and entity_values(tracker, "pas_dans_mode"))
