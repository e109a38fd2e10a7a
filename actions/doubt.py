"""What to say in doubt: ask which topic is meant, or say that the page does not answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.conversation import intent_ranking

OUT_OF_SCOPE = "hors_sujet"
FALLBACK = "nlu_fallback"
CHOICES = 3
LEAST_CONFIDENCE = 0.05
"""A topic less likely than this is not offered."""
RESPONSE_OF = {"mot_de_passe": "utter_ask_connu_mode"}
"""Responses that are not named after their intent."""


def topic_buttons(tracker: Tracker, domain: Mapping[str, Any], *, sure_of: int = 0) -> list[dict[str, str]]:
    """Buttons for the likeliest topics that have a title (`metadata.titre` of their response).

    Args:
        tracker: the conversation.
        domain: where the responses are.
        sure_of: how many are offered however unlikely they are; the others need LEAST_CONFIDENCE.
    """
    buttons: list[dict[str, str]] = []
    for intent, confidence in intent_ranking(tracker):
        title = _first(RESPONSE_OF.get(intent, f"utter_{intent}"), domain, _title)
        if title and (confidence >= LEAST_CONFIDENCE or len(buttons) < sure_of):
            buttons.append({"title": title, "payload": f"/{intent}"})
    return buttons[:CHOICES]


def _first(response: str, domain: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Any]) -> str:
    """What `read` finds in the first variation of a response that has it; empty when none has."""
    responses = domain.get("responses")
    variations = responses.get(response) if isinstance(responses, Mapping) else None
    for variation in variations if isinstance(variations, list | tuple) else ():
        found = read(variation) if isinstance(variation, Mapping) else None
        if isinstance(found, str) and found:
            return found
    return ""


def _title(variation: Mapping[str, Any]) -> Any:
    metadata = variation.get("metadata")
    return metadata.get("titre") if isinstance(metadata, Mapping) else None


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
        ranked = [name for name, _ in intent_ranking(tracker) if name != FALLBACK]
        if ranked and ranked[0] == OUT_OF_SCOPE:
            dispatcher.utter_message(response="utter_hors_sujet", buttons=topic_buttons(tracker, domain))
            return []
        buttons = topic_buttons(tracker, domain, sure_of=2)
        if not buttons:
            dispatcher.utter_message(response="utter_hors_sujet", buttons=[])
            return []
        other = {"title": _first("utter_autre_chose", domain, lambda item: item.get("text")), "payload": f"/{OUT_OF_SCOPE}"}
        dispatcher.utter_message(response="utter_clarification", buttons=[*buttons, other])
        return []
