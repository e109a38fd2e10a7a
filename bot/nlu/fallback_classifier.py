"""Rasa's FallbackClassifier: `nlu_fallback` when in doubt (`rasa/nlu/classifiers/fallback_classifier.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bot.nlu.component import Stateless
from bot.nlu.message import Message, Options

NLU_FALLBACK = "nlu_fallback"


class FallbackClassifier(Stateless):
    """Puts `nlu_fallback` first when the best intent is below `threshold` or too close to the second.

    Options:
        threshold: least confidence of the best intent.
        ambiguity_threshold: least difference between the best and the second.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {"threshold": 0.3, "ambiguity_threshold": 0.1}

    def __init__(self, options: Options) -> None:
        self.threshold = float(options["threshold"])
        self.ambiguity = float(options["ambiguity_threshold"])

    def process(self, message: Message) -> None:
        """Replace the intent when in doubt; the former best becomes second of the ranking."""
        if not self._doubtful(message):
            return
        message.intent = {"name": NLU_FALLBACK, "confidence": self.threshold}
        message.ranking = [dict(message.intent), *message.ranking]

    def _doubtful(self, message: Message) -> bool:
        best = float(message.intent["confidence"])
        if message.intent["name"] is None or best < self.threshold:
            return True
        return len(message.ranking) > 1 and best - float(message.ranking[1]["confidence"]) < self.ambiguity
