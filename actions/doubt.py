"""What to say in doubt: ask which topic is meant, or say that the page does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.conversation import latest_intent

OUT_OF_SCOPE = "hors_sujet"
FALLBACK = "nlu_fallback"
CHOICES = 3
LEAST_CONFIDENCE = 0.05
"""A topic less likely than this is not offered."""
RESPONSE_OF = {"mot_de_passe": "utter_ask_connu_mode"}
"""Responses that are not named after their intent."""


def ranking(tracker: Tracker) -> list[tuple[str, float]]:
    """Intents and confidences of the latest message, likeliest first, without the fallback."""
    found = tracker.latest_message.get("intent_ranking") or []
    return [(str(item["name"]), float(item["confidence"])) for item in found if item.get("name") != FALLBACK]


def topic_buttons(tracker: Tracker, domain: Mapping[str, Any]) -> list[dict[str, str]]:
    """A button for each of the likeliest topics that has a title (`metadata.titre` of its response)."""
    buttons = []
    for intent, confidence in ranking(tracker):
        title = _title(RESPONSE_OF.get(intent, f"utter_{intent}"), domain)
        if title and confidence >= LEAST_CONFIDENCE:
            buttons.append({"title": title, "payload": f"/{intent}"})
    return buttons[:CHOICES]


def _title(response: str, domain: Mapping[str, Any]) -> str | None:
    for variation in (domain.get("responses") or {}).get(response) or ():
        title = (variation.get("metadata") or {}).get("titre")
        if title:
            return str(title)
    return None


def _text(response: str, domain: Mapping[str, Any]) -> str:
    variations = (domain.get("responses") or {}).get(response) or [{}]
    return str(variations[0].get("text") or "")


class ActionHorsSujet(Action):
    """The page does not answer: the human contact, and the likeliest topics."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_hors_sujet"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        dispatcher.utter_message(response="utter_hors_sujet", buttons=topic_buttons(tracker, domain))
        return []


class ActionClarification(Action):
    """In doubt between topics: one question with buttons; when out of scope is likeliest, say so."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_clarification"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        ranked = ranking(tracker)
        buttons = topic_buttons(tracker, domain)
        if not buttons or (latest_intent(tracker) == FALLBACK and ranked and ranked[0][0] == OUT_OF_SCOPE):
            dispatcher.utter_message(response="utter_hors_sujet", buttons=buttons)
            return []
        other = {"title": _text("utter_autre_chose", domain), "payload": f"/{OUT_OF_SCOPE}"}
        dispatcher.utter_message(response="utter_clarification", buttons=[*buttons, other])
        return []
