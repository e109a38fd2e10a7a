"""Actions of the project « oubli »."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker, ValidationAction
from rasa_sdk.executor import CollectingDispatcher


class ValidateSlotMappings(ValidationAction):
    """Checks slots that no form asks for."""

    def validate_nom(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        if str(value).isdigit():
            dispatcher.utter_message(text="Not a name.")
            return {"nom": None}
        return {"nom": str(value).title()}

    def validate_prenom(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        dispatcher.utter_message(response="utter_prenom")
        return {"prenom": value}
