"""Actions of the project « deux_temps »."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


class AskAffirmation(Action):
    """Asks in French, as projects do."""

    def name(self) -> str:
        return "action_default_ask_affirmation"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        buttons = [{"title": "Hours", "payload": "/horaires"}, {"title": "No", "payload": "/out_of_scope"}]
        dispatcher.utter_message(text="Opening hours?", buttons=buttons)
        return []
