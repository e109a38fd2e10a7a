"""Rasa's EntitySynonymMapper: canonical values for entities (`rasa/nlu/extractors/entity_synonyms.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bot.nlu.component import Saved
from bot.nlu.message import Message, Options, TrainingSet


class EntitySynonymMapper:
    """Replaces an entity's value by its canonical form, found by the lower-cased surface text."""

    OPTIONS: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, options: Options) -> None:
        self._canonical: dict[str, str] = {}

    def train(self, data: TrainingSet) -> None:
        """Collect synonyms of the files and of annotations whose value differs from their text."""
        self._canonical = {surface.lower(): value for surface, value in data.nlu.synonyms.items()}

    def process(self, message: Message) -> None:
        """Replace values and name this component among the processors."""
        for entity in message.entities:
            canonical = self._canonical.get(str(entity["value"]).lower())
            if canonical is not None and canonical != entity["value"]:
                entity["value"] = canonical
                entity["processors"] = [*entity.get("processors", ()), "EntitySynonymMapper"]

    def save(self) -> Saved:
        """The synonyms."""
        return Saved({"synonyms": self._canonical})

    def load(self, saved: Saved) -> None:
        """Take the synonyms again."""
        self._canonical = dict(saved.json["synonyms"])
