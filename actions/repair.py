"""« Je n'ai pas compris », « redites » : the last answer again, in other words; a human when that was not enough."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.answers import say
from actions.conversation import last_turn, latest_intent

SIMPLER = "reformuler"
NOT_UNDERSTOOD = "pas_compris"
QUESTIONS = "utter_ask_"
"""Names of responses that are a form's questions begin so; the form asks them again itself."""


class ActionReformuler(Action):
    """Makes the next answer a simpler one."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_reformuler"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Set the slot by which variations of an answer are chosen."""
        return [SlotSet(SIMPLER, True), SlotSet("mode_de_memoire", None)]


class ActionRedire(Action):
    """Says the last answer again."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_redire"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        before = last_turn(tracker)
        again = [one for one in (before.said if before else ()) if not one.response.startswith(QUESTIONS)]
        if latest_intent(tracker) == NOT_UNDERSTOOD and before and before.intent == NOT_UNDERSTOOD:
            say(dispatcher, tracker, "utter_contact_humain")
        elif not again and (tracker.active_loop or {}).get("name"):
            pass  # the form asks its question again
        elif not again:
            say(dispatcher, tracker, "utter_precision")
        else:
            for one in again:
                own = _buttons_of(one.response, domain)
                say(dispatcher, tracker, one.response, buttons=[item for item in one.buttons if item.get("payload") not in own])
        return [SlotSet(SIMPLER, None)]


def _buttons_of(response: str, domain: DomainDict) -> set[Any]:
    """Payloads of the buttons that the response brings itself."""
    variations = domain.get("responses", {}).get(response) or ()
    return {button.get("payload") for variation in variations for button in variation.get("buttons") or ()}
