"""Running one action of the project on a hand-made conversation, through rasa-sdk's protocol."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from actions.protocol import ActionProtocol

PROJECT = Path(__file__).parents[2]
RASA_KEYS = ("text", "buttons", "elements", "custom", "template", "response", "image", "attachment")


def call(name: Any = "action_cerbere", **changes: Any) -> dict[str, Any]:
    """A request's body; `...` takes a key away."""
    body = {
        "next_action": name,
        "sender_id": "x",
        "tracker": {"sender_id": "x"},
        "domain": {"responses": {}},
        "version": "3.6.21",
    }
    return {key: value for key, value in (body | changes).items() if value is not ...}


@dataclass
class Said:
    """What an action said: response, values for its placeholders, buttons as pairs; and the slots it set."""

    response: str
    values: dict[str, Any] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="session")
def domain() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((PROJECT / "domain.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(autouse=True)
def _project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BMA_PROJECT_DIR", str(PROJECT))


@pytest.fixture(scope="session")
def protocol() -> ActionProtocol:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BMA_PROJECT_DIR", str(PROJECT))
        return ActionProtocol()


@pytest.fixture
def run(protocol: ActionProtocol, domain: dict[str, Any]) -> Callable[..., Any]:
    async def run_named(
        name: str,
        *,
        entities: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        slots: Mapping[str, Any] | None = None,
        ranking: Mapping[str, float] | None = None,
        domain: Any = domain,
    ) -> Said:
        pairs = entities.items() if isinstance(entities, Mapping) else entities
        intents = [{"name": intent, "confidence": confidence} for intent, confidence in (ranking or {}).items()]
        message = {
            "text": "…",
            "intent": intents[0] if intents else {},
            "entities": [{"entity": entity, "value": value} for entity, value in pairs],
            "intent_ranking": intents,
        }
        tracker = {"sender_id": "x", "slots": dict(slots or {}), "latest_message": message, "events": []}
        status, body = await protocol.answer(call(name, tracker=tracker, domain=domain))
        assert status == 200, body
        (response,) = body["responses"]
        assert response["text"] is None
        return Said(
            response=response["response"],
            values={key: value for key, value in response.items() if key not in RASA_KEYS},
            buttons=[(button["title"], button["payload"]) for button in response["buttons"]],
            slots={event["name"]: event["value"] for event in body["events"]},
        )

    return run_named
