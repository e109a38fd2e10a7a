"""Actions of the project « sessions »: each returns one kind of event."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import (
    ActionExecuted,
    ActionReverted,
    AllSlotsReset,
    ConversationPaused,
    ConversationResumed,
    FollowupAction,
    ReminderScheduled,
    Restarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

Events = list[dict[str, Any]]


class Suivre(Action):
    def name(self) -> str:
        return "action_suivre"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return [FollowupAction("utter_suite")]


class SuivreInconnu(Action):
    def name(self) -> str:
        return "action_suivre_inconnu"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return [FollowupAction("utter_qui_n_existe_pas")]


class Oublier(Action):
    def name(self) -> str:
        return "action_oublier"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(text="Forgotten.")
        return [UserUtteranceReverted()]


class Annuler(Action):
    def name(self) -> str:
        return "action_annuler"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return [SlotSet("etape", "annulee"), ActionReverted(), FollowupAction("utter_merci")]


class Effacer(Action):
    def name(self) -> str:
        return "action_effacer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(text="All gone.")
        return [AllSlotsReset()]


class Pause(Action):
    def name(self) -> str:
        return "action_pause"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(text="Silent now.")
        return [ConversationPaused()]


class Reprise(Action):
    def name(self) -> str:
        return "action_reprise"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return [ConversationPaused(), ConversationResumed()]


class Refuser(Action):
    def name(self) -> str:
        return "action_refuser"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        raise ActionExecutionRejection(self.name(), "refus")


class Rater(Action):
    def name(self) -> str:
        return "action_rater"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(text="Never said.")
        raise ValueError("broken")


class Redire(Action):
    """Takes the message for another one."""

    def name(self) -> str:
        return "action_redire"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        parsed = {
            "intent": {"name": "dire_nom", "confidence": 1.0},
            "entities": [{"entity": "nom", "value": "Dupont", "start": 0, "end": 6}],
            "text": "/dire_nom",
        }
        return [ActionExecuted("action_listen"), UserUttered("/dire_nom", parsed)]


class Relancer(Action):
    def name(self) -> str:
        return "action_relancer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return [Restarted()]


class Rappeler(Action):
    def name(self) -> str:
        return "action_rappeler"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        date = datetime(2099, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 (Rasa's Python is 3.10)
        return [ReminderScheduled("merci", date, name="rappel")]


class Noter(Action):
    """Sets slots, one of them unknown, and one twice."""

    def name(self) -> str:
        return "action_noter"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(text="Noted.")
        return [SlotSet("etape", "milieu"), SlotSet("nom", None), SlotSet("inconnue", 3), SlotSet("etape", None)]


class Payer(Action):
    def name(self) -> str:
        return "action_payer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return [SlotSet("paye", tracker.slots.get("nom") is not None)]


class Tourner(Action):
    """Asks for itself to follow, without end."""

    def name(self) -> str:
        return "action_tourner"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return [FollowupAction(self.name())]
