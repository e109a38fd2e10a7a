"""What to say in doubt: ask which topic is meant, or say that the page does not answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.answers import say
from actions.conversation import FALLBACK, intent_ranking, past_turns
from actions.password import FORM as PASSWORD_FORM

OUT_OF_SCOPE = "hors_sujet"
OTHER = "autre_chose"
MISSES = frozenset({"utter_clarification", "utter_autre_chose", "utter_clarification_contact"})
"""Answers that gave the user nothing yet: after one of them no question is asked any more."""
CHOICES = 3
LEAST_CONFIDENCE = 0.05
"""A topic less likely than this is not offered."""
PASSWORD_INTENTS = frozenset({"mot_de_passe", "mot_de_passe_mode", "mot_de_passe_hors_mode"})
SURE = 0.55
"""Confidence of the password's intents together that leaves no doubt about the topic."""
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
        title = title_of(intent, domain) if intent != OTHER else ""
        if title and (confidence >= LEAST_CONFIDENCE or len(buttons) < sure_of):
            buttons.append({"title": title, "payload": f"/{intent}"})
    return buttons[:CHOICES]


def title_of(intent: str, domain: Mapping[str, Any]) -> str:
    """The human title of an intent's answer; empty when it has none."""
    return _first(RESPONSE_OF.get(intent, f"utter_{intent}"), domain, _title)


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
        say(dispatcher, tracker, "utter_hors_sujet", buttons=topic_buttons(tracker, domain))
        return []


class ActionClarification(Action):
    """In doubt between topics: one question with buttons, once; when out of scope is likeliest, say so."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_clarification"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        if _is_about_a_password(tracker):
            return [FollowupAction(PASSWORD_FORM)]
        ranked = [name for name, _ in intent_ranking(tracker) if name != FALLBACK]
        buttons = topic_buttons(tracker, domain, sure_of=2)
        if not buttons or (ranked and ranked[0] == OUT_OF_SCOPE):
            say(dispatcher, tracker, "utter_hors_sujet", buttons=topic_buttons(tracker, domain))
        elif _missed_before(tracker):
            say(dispatcher, tracker, "utter_clarification_contact", buttons=buttons)
        else:
            other = {"title": title_of(OTHER, domain), "payload": f"/{OTHER}"}
            say(dispatcher, tracker, "utter_clarification", buttons=[*buttons, other])
        return []


def _is_about_a_password(tracker: Tracker) -> bool:
    """Whether the doubt is only about MODE: the password form asks exactly that."""
    ranked = [(name, confidence) for name, confidence in intent_ranking(tracker) if name != FALLBACK]
    together = sum(confidence for name, confidence in ranked if name in PASSWORD_INTENTS)
    return bool(ranked) and ranked[0][0] in PASSWORD_INTENTS and together >= SURE


def _missed_before(tracker: Tracker) -> bool:
    """Whether the message before was not understood either."""
    before = past_turns(tracker)[:1]
    return any(turn.intent == FALLBACK or any(one.response in MISSES for one in turn.said) for turn in before)
