"""What was said before makes some intents likelier: « pourquoi ? » is a follow-up only when there is something to follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bot.nlu.component import Stateless
from bot.nlu.message import Message, Options


class ContextPrior(Stateless):
    """Weighs the classifier's probabilities by the state of the conversation. Stands between classifier and fallback.

    Rasa's pipeline does not know the conversation: there this component is left out (config.rasa.yml).

    Of several weights for an intent the last one counts: topics in their order, then the topic itself, then forms.

    Options:
        slot: name of the slot that holds the last topic.
        without_topic: `{intents, weight}` while there is no topic.
        same_topic: `{intents, weight}` for the intent that is the last topic itself, when it is one of `intents`.
        topics: list of `{after, intents, weight}`: after a topic of the list `after`, these intents.
        forms: form to `{intents, weight, elsewhere}`: `weight` while the form waits for an answer, `elsewhere` otherwise.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {"slot": "sujet", "without_topic": {}, "same_topic": {}, "topics": [], "forms": {}}

    def __init__(self, options: Options) -> None:
        self._slot = str(options["slot"])
        self._without_topic = _weights(options["without_topic"])
        self._same_topic = _weights(options["same_topic"])
        self._after: dict[str, dict[str, float]] = {}
        for entry in options["topics"]:
            for topic in entry["after"]:
                self._after.setdefault(str(topic), {}).update(_weights(entry))
        self._forms = {str(form): _weights(entry) for form, entry in options["forms"].items()}
        self._elsewhere = {str(form): _weights(entry, "elsewhere") for form, entry in options["forms"].items()}

    def process(self, message: Message) -> None:
        """Weigh the ranking anew; nothing when the message came without its conversation."""
        if message.context is None or not message.ranking:
            return
        weights = self._weights_for(message.context.slots.get(self._slot), message.context.form)
        scores = [float(item["confidence"]) * weights.get(item["name"], 1.0) for item in message.ranking]
        total = sum(scores)
        if total <= 0 or not weights:
            return
        known = sum(float(item["confidence"]) for item in message.ranking)
        weighed = [{**item, "confidence": score * known / total} for item, score in zip(message.ranking, scores, strict=True)]
        message.ranking = sorted(weighed, key=lambda item: -item["confidence"])
        message.intent = dict(message.ranking[0])

    def _weights_for(self, topic: Any, form: str | None) -> dict[str, float]:
        weights = dict(self._without_topic)
        if topic is not None:
            weights = dict(self._after.get(str(topic), {}))
            if topic in self._same_topic:
                weights[topic] = self._same_topic[topic]
        for name, elsewhere in self._elsewhere.items():
            weights.update(self._forms[name] if name == form else elsewhere)
        return weights


def _weights(entry: Mapping[str, Any], key: str = "weight") -> dict[str, float]:
    return {str(intent): float(entry[key]) for intent in entry.get("intents", ())} if key in entry else {}
