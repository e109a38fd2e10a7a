"""The projects, their scenarios and where their recordings are.

Read by Rasa's own Python too (3.10): standard library and ruamel.yaml only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
ROOT = HERE.parents[1]
HOUSE = "maison"
"""The repository's own project, for Rasa with its config.rasa.yml."""


@dataclass(frozen=True)
class Step:
    """One message of the user."""

    message: str
    wait: float = 0.0
    """Minutes of silence before it."""
    intent: str | None = None
    """What it means, where it is no payload; `base/key` with the answer that a ResponseSelector would choose."""
    confidence: float = 1.0
    ranking: Mapping[str, float] = field(default_factory=dict)
    """Confidence of each intent; the meant one alone by default."""

    def parsed(self) -> dict[str, Any] | None:
        """Rasa's parse result where the scenario gives it; None for payloads."""
        if self.intent is None:
            return None
        base, _, key = self.intent.partition("/")
        chosen = {"intent_response_key": self.intent, "utter_action": f"utter_{self.intent}", "confidence": 1.0, "responses": []}
        selector = {"all_retrieval_intents": [base], base: {"response": chosen, "ranking": []}} if key else {}
        ranking = self.ranking or {base: self.confidence}
        return {
            "text": self.message,
            "intent": {"name": base, "confidence": self.confidence},
            "entities": [],
            "intent_ranking": [{"name": name, "confidence": value} for name, value in ranking.items()],
            "response_selector": selector,
        }


@dataclass(frozen=True)
class Scenario:
    """A conversation: what the user says, message after message."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Case:
    """A project and its scenarios."""

    name: str
    folder: Path
    config: str
    scenarios: tuple[Scenario, ...]
    texts: bool
    """Whether the wording of responses is compared; it changes often in the house's own project."""


def all_cases() -> list[Case]:
    """All projects that have scenarios."""
    return [_case(path) for path in sorted((HERE / "scenarios").glob("*.yml"))]


def _case(path: Path) -> Case:
    items = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    scenarios = tuple(Scenario(item["name"], tuple(_step(step) for step in item["steps"])) for item in items)
    if path.stem == HOUSE:
        return Case(path.stem, ROOT, "config.rasa.yml", scenarios, texts=False)
    return Case(path.stem, HERE / "projects" / path.stem, "config.yml", scenarios, texts=True)


def _step(step: str | dict[str, Any]) -> Step:
    return Step(step) if isinstance(step, str) else Step(**step)


def fingerprint(case: Case) -> str:
    """Hash of a project's files, so that a recording of older files is noticed; empty for the house's own."""
    if case.name == HOUSE:
        return ""
    total = hashlib.sha256()
    for path in sorted(case.folder.rglob("*")):
        if path.suffix in (".yml", ".py"):
            total.update(path.relative_to(case.folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]
