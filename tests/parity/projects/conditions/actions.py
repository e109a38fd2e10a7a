"""Actions of the project « conditions »."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

Events = list[dict[str, Any]]


class Texte(Action):
    def name(self) -> str:
        return "action_texte"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(text="A {ville} as it is.")
        dispatcher.utter_message(text="With an image.", image="https://exemple.test/a.png")
        dispatcher.utter_message(attachment="https://exemple.test/a.pdf")
        return []


class Reponse(Action):
    """Says a response; values win over slots; some are empty."""

    def name(self) -> str:
        return "action_reponse"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(response="utter_ville", ville="Bruges")
        dispatcher.utter_message(response="utter_inconnu", personne="")
        dispatcher.utter_message(response="utter_ville", text="Another text, {ville}.")
        return []


class Boutons(Action):
    def name(self) -> str:
        return "action_boutons"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        buttons = [{"title": "More", "payload": "/saluer"}]
        dispatcher.utter_message(response="utter_menu", buttons=buttons)
        dispatcher.utter_message(text="Two\n\nparts.", buttons=buttons)
        return []


class Custom(Action):
    def name(self) -> str:
        return "action_custom"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(json_message={"carte": {"zoom": 2}})
        dispatcher.utter_message(text="Elements.", elements=[{"title": "One"}, {"title": "Two"}])
        return []


class Vide(Action):
    """Passes no value where a response has a placeholder, and names a response that does not exist."""

    def name(self) -> str:
        return "action_vide"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(response="utter_inconnu", personne=None)
        dispatcher.utter_message(response="utter_absente")
        dispatcher.utter_message(response="utter_sans")
        return []


class Case(Action):
    """Says a response with the slot that it sets."""

    def name(self) -> str:
        return "action_case"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(response="utter_ville")
        return [SlotSet("ville", "Gand")]


class Muet(Action):
    def name(self) -> str:
        return "action_muet"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return []


class Suivi(Action):
    """Extracts a slot, and speaks."""

    def name(self) -> str:
        return "action_suivi"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        if tracker.latest_message["intent"]["name"] != "reformuler":
            return []
        dispatcher.utter_message(text="Noted.")
        return [SlotSet("suivi", "oui")]
