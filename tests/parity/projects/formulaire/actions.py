"""Actions of the project « formulaire »."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

SERVICES = ("urbanisme", "passeports")


class ValidateRdvForm(FormValidationAction):
    def name(self) -> str:
        return "validate_rdv_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        return [*domain_slots, "telephone"] if tracker.slots.get("rappel") else domain_slots

    def validate_service(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        if str(value).lower() in SERVICES:
            return {"service": str(value).lower()}
        dispatcher.utter_message(response="utter_service_inconnu", demande=value)
        return {"service": None}

    def validate_jour(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        if value == "dimanche":
            dispatcher.utter_message(response="utter_ferme")
            return {"jour": None}
        return {"jour": value}


class ValidateAvisForm(Action):
    """A validation written without FormValidationAction: it may refuse, or end the form."""

    def name(self) -> str:
        return "validate_avis_form"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        note = tracker.slots.get("note")
        if note is not None and float(note) > 10:
            return [ActionExecutionRejected("avis_form")]
        if note is not None and float(note) == 0:
            dispatcher.utter_message(response="utter_avis_abandonne")
            return [SlotSet("note", None), ActiveLoop(None)]
        if tracker.latest_message["intent"]["name"] == "recommencer":
            return [SlotSet("note", None), SlotSet("requested_slot", "note")]
        return []


class AskRappel(Action):
    def name(self) -> str:
        return "action_ask_rdv_form_rappel"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_rappel")
        return []


class Preparer(Action):
    """Sets a form's slot outside the form."""

    def name(self) -> str:
        return "action_preparer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="Another service.")
        return [SlotSet("service", "urbanisme")]
