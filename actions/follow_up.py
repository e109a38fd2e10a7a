"""The action that answers a follow-up."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.conversation import entity_values, latest_intent, slot_text
from actions.doubt import clarify
from actions.request import FORM, completes_request
from actions.suites import TOPIC, give_answer, suites

ABOUT_A_TYPE = "dire_type"
KINDS = frozenset({"genre_ecole", "genre_po"})
"""« Et celle du PO ? » outside the form that asks for the kind: about a type too."""


class ActionSuite(Action):
    """Answers a follow-up by the last topic."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_suite"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer; « et pour… ? » that names no establishment is a doubt."""
        if completes_request(tracker):
            return [FollowupAction(FORM)]
        intent = latest_intent(tracker) or ""
        intent = ABOUT_A_TYPE if intent in KINDS else intent
        if intent == ABOUT_A_TYPE and not _names_an_establishment(tracker):
            return clarify(dispatcher, tracker, domain, without=ABOUT_A_TYPE)
        return give_answer(dispatcher, tracker, suites().answer(slot_text(tracker, TOPIC), intent))


def _names_an_establishment(tracker: Tracker) -> bool:
    if latest_intent(tracker) in KINDS:
        return True
    return bool(entity_values(tracker, "type_etablissement") or entity_values(tracker, "autre_etablissement"))
