"""What to say in doubt: ask which topic is meant, or say that the page does not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.answers import answered_number, say
from actions.conversation import FALLBACK, OUT_OF_SCOPE, intent_ranking, last_turn, slot_text
from actions.suites import ADDRESS, PASSWORD, TOPIC, give_answer, suites

OTHER = "autre_chose"
CLARIFICATIONS = frozenset({"utter_clarification", "utter_clarification_contact"})
MISSES = CLARIFICATIONS | {"utter_autre_chose"}
"""Answers that gave the user nothing yet: after one of them no question is asked any more."""
SMALL_TALK = frozenset({"salutation", "au_revoir", "remerciement", "bien_recu"})
"""In doubt between these and others nothing is asked: « Je vous remercie. Bonne fin de journée » wants no question."""
CHOICES = 3
LEAST_CONFIDENCE = 0.05
"""An answer less likely than this is not offered."""
SAME_ANSWER = {
    "mot_de_passe_mode": PASSWORD,
    "mot_de_passe_hors_mode": PASSWORD,
    "mecontentement": "support_etnic",
    "probleme_connexion": PASSWORD,
    "probleme_messages": "support_etnic",
    "probleme_autre": "support_etnic",
}
"""Intents whose difference is no reason to ask: the password form decides; a human is a human."""
STATUS = frozenset({"dire_dans_mode", "dire_hors_mode", "dire_type", "correction"})
"""After the password, ways to tell the status: its answer decides."""
SURE, MARGIN = 0.35, 0.12
"""An answer so likely, and so much likelier than the next, is given: the doubt was only between ways to ask for it."""
RESPONSE_OF = {"mot_de_passe": "utter_ask_connu_mode"}
"""Responses that are not named after their intent."""


@dataclass(frozen=True, slots=True)
class Likely:
    """An answer that a message may ask for."""

    answer: str
    confidence: float
    """Of all intents that lead to it."""
    intents: int
    """How many these are."""


def likely_answers(tracker: Tracker, without: str | None = None) -> list[Likely]:
    """Answers that the message may ask for, likeliest first; `without` one intent that cannot be meant.

    A follow-up stands for the answer that it would get after the last topic; the password's intents for its form.
    """
    table, topic = suites(), slot_text(tracker, TOPIC)
    found: dict[str, list[float]] = {}
    for intent, confidence in intent_ranking(tracker):
        if intent not in (FALLBACK, without):
            answer = table.answer(topic, intent) if intent in table.intents() else intent
            if topic == PASSWORD and intent in STATUS:
                answer = PASSWORD
            found.setdefault(SAME_ANSWER.get(answer, answer), []).append(confidence)
    likely = [Likely(answer, sum(confidences), len(confidences)) for answer, confidences in found.items()]
    return sorted(likely, key=lambda item: -item.confidence)


def topic_buttons(likely: Sequence[Likely], domain: Mapping[str, Any], *, sure_of: int = 0) -> list[dict[str, str]]:
    """Buttons for the likeliest answers that have a title (`metadata.titre` of their response).

    Args:
        likely: what the message may ask for, likeliest first.
        domain: where the responses are.
        sure_of: how many are offered however unlikely they are; the others need LEAST_CONFIDENCE.
    """
    buttons: list[dict[str, str]] = []
    for item in likely:
        title = title_of(item.answer, domain) if item.answer != OTHER else ""
        if title and (item.confidence >= LEAST_CONFIDENCE or len(buttons) < sure_of):
            buttons.append({"title": title, "payload": f"/{item.answer}"})
    return buttons[:CHOICES]


def title_of(intent: str, domain: Mapping[str, Any]) -> str:
    """The human title of an intent's answer, the first that a variation has; empty when none has."""
    responses = domain.get("responses")
    variations = responses.get(RESPONSE_OF.get(intent, f"utter_{intent}")) if isinstance(responses, Mapping) else None
    for variation in variations if isinstance(variations, list | tuple) else ():
        metadata = variation.get("metadata") if isinstance(variation, Mapping) else None
        title = metadata.get("titre") if isinstance(metadata, Mapping) else None
        if isinstance(title, str) and title:
            return title
    return ""


class ActionHorsSujet(Action):
    """The page does not answer: the human contact, and the likeliest topics."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_hors_sujet"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        say(dispatcher, tracker, "utter_hors_sujet", buttons=topic_buttons(likely_answers(tracker), domain, sure_of=3))
        return []


class ActionClarification(Action):
    """In doubt between topics: one question with buttons, once; when out of scope is likeliest, say so."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_clarification"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        return clarify(dispatcher, tracker, domain)


def clarify(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict, *, without: str | None = None
) -> list[dict[str, Any]]:
    """Give the answer that stands out, or ask which is meant; after a miss a human, without asking.

    Args:
        dispatcher: says it.
        tracker: the conversation.
        domain: where the titles are.
        without: an intent that cannot be meant.
    """
    likely = likely_answers(tracker, without)
    if answered_number(tracker):
        return give_answer(dispatcher, tracker, ADDRESS)
    if is_clear(likely):
        return give_answer(dispatcher, tracker, likely[0].answer)
    if likely and likely[0].answer in SMALL_TALK:
        say(dispatcher, tracker, f"utter_{likely[0].answer}")
        return []
    buttons = topic_buttons(likely, domain, sure_of=3)
    if not buttons or likely[0].answer == OUT_OF_SCOPE:
        say(dispatcher, tracker, "utter_hors_sujet", buttons=topic_buttons(likely, domain, sure_of=3))
    elif _missed_before(tracker):
        say(dispatcher, tracker, "utter_clarification_contact", buttons=buttons)
    else:
        other = {"title": title_of(OTHER, domain), "payload": f"/{OTHER}"}
        say(dispatcher, tracker, "utter_clarification", buttons=[*buttons, other])
    return []


class ActionOui(Action):
    """« Oui »: to a clarification, its first choice; to nothing, an invitation to ask."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_oui"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        choices = _offered(tracker)
        if choices and choices[0] in suites().topics:
            return give_answer(dispatcher, tracker, choices[0])
        say(dispatcher, tracker, "utter_affirmation")
        return []


class ActionNon(Action):
    """« Non »: to a clarification, none of its choices; to nothing, noted."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_non"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        """Answer."""
        say(dispatcher, tracker, f"utter_{OTHER}" if _offered(tracker) else "utter_negation")
        return []


def _offered(tracker: Tracker) -> list[str]:
    """Intents of the choices that the message before was answered with; empty unless that was a clarification."""
    before = last_turn(tracker)
    asked = [one for one in (before.said if before else ()) if one.response in CLARIFICATIONS]
    return [str(button.get("payload", "")).removeprefix("/") for one in asked[-1:] for button in one.buttons]


def is_clear(likely: Sequence[Likely]) -> bool:
    """Whether one answer, a topic's, stands out although no intent does: several intents lead to it."""
    if not likely or likely[0].intents < 2 or likely[0].answer not in suites().topics or likely[0].answer == OUT_OF_SCOPE:
        return False
    next_best = likely[1].confidence if len(likely) > 1 else 0.0
    return likely[0].confidence >= SURE and likely[0].confidence - next_best >= MARGIN


def _missed_before(tracker: Tracker) -> bool:
    """Whether the message before was not understood either."""
    before = last_turn(tracker)
    return before is not None and (before.intent == FALLBACK or any(one.response in MISSES for one in before.said))
