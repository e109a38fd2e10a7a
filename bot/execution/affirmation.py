"""« Did you mean…? »: Rasa's affirmation question, with human titles in place of intent names."""

from __future__ import annotations

from bot.execution.texts import texts
from bot.nlu.fallback_classifier import NLU_FALLBACK
from bot.project.model import Domain
from bot.responses import BotMessage, respond, title_of
from bot.tracker import Tracker

ACTION_DEFAULT_ASK_AFFIRMATION = "action_default_ask_affirmation"
RESPONSE = "utter_ask_affirmation"
"""The project's own question; its buttons follow those of the intents."""
CHOICES = 3
LEAST_CONFIDENCE = 0.05
"""An intent less likely than this is not offered, the likeliest excepted."""
OUT_OF_SCOPE = "out_of_scope"


def ask_affirmation(tracker: Tracker, domain: Domain, channel: str) -> BotMessage:
    """Ask which intent is meant (Rasa's `ActionDefaultAskAffirmation` offers one, by its name, in English).

    Args:
        tracker: its latest message has the intents' ranking.
        domain: titles are the `metadata.titre` of the responses `utter_<intent>`; the intent's name in words otherwise.
        channel: name of the output channel.
    """
    offered = [{"title": _title(intent, domain), "payload": f"/{intent}"} for intent in _likeliest(tracker)]
    message = respond(RESPONSE, domain, tracker, channel, {"buttons": []})
    if message is None:
        own = texts()["affirmation"]
        message = BotMessage(None, own["question"], ({"title": own["non"], "payload": f"/{OUT_OF_SCOPE}"},))
    extra = {**message.extra, "utter_action": message.response or ACTION_DEFAULT_ASK_AFFIRMATION}
    return BotMessage(message.response, message.text, (*offered, *message.buttons), extra=extra)


def _likeliest(tracker: Tracker) -> list[str]:
    message = tracker.latest_message
    if message is None:
        return []
    ranking = message.parse_data.get("intent_ranking") or [message.parse_data.get("intent") or {}]
    known = [item for item in ranking if item.get("name") not in (None, NLU_FALLBACK, OUT_OF_SCOPE)]
    likely = [item for item in known[1:] if (item.get("confidence") or 0.0) >= LEAST_CONFIDENCE]
    return [str(item["name"]) for item in [*known[:1], *likely][:CHOICES]]


def _title(intent: str, domain: Domain) -> str:
    title = title_of(domain.responses.get(f"utter_{intent}", ()))
    return title or intent.replace("_", " ").replace("/", " : ").capitalize()
