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
    """What an action said: response, values for its placeholders, buttons as pairs; the slots it set, what it asked to follow."""

    response: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    followup: str | None = None


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
        intent: str | None = None,
        text: str | None = None,
        entities: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        slots: Mapping[str, Any] | None = None,
        ranking: Mapping[str, float] | None = None,
        asked: tuple[str, str] | None = None,
        before: Iterable[tuple[str, Iterable[str]]] = (),
        offered: Iterable[str] = (),
        domain: Any = domain,
    ) -> Said:
        """Run an action.

        `asked`: the active form and the slot that it asks for; `before`: past turns, each the user's intent and the
        names of the responses that followed; `offered`: payloads of the buttons that these had.
        """
        pairs = entities.items() if isinstance(entities, Mapping) else entities
        intents = [{"name": item, "confidence": confidence} for item, confidence in (ranking or {}).items()]
        message = {
            "text": f"/{intent}" if text is None else text,
            "intent": {"name": intent, "confidence": 1.0} if intent else (intents[0] if intents else {}),
            "entities": [{"entity": entity, "value": value} for entity, value in pairs],
            "intent_ranking": intents,
        }
        form, slot = asked or (None, None)
        tracker = {
            "sender_id": "x",
            "slots": {**(slots or {}), **({"requested_slot": slot} if slot else {})},
            "latest_message": message,
            "active_loop": {"name": form} if form else {},
            "events": [*_events(before, offered), {"event": "user", "parse_data": message}],
        }
        status, body = await protocol.answer(call(name, tracker=tracker, domain=domain))
        assert status == 200, body
        said = Said(
            slots={event["name"]: event["value"] for event in body["events"] if event["event"] == "slot"},
            followup=next((event["name"] for event in body["events"] if event["event"] == "followup"), None),
        )
        assert len(body["responses"]) <= 1
        for response in body["responses"]:
            assert response["text"] is None
            said.response = response["response"]
            said.values = {key: value for key, value in response.items() if key not in RASA_KEYS}
            said.buttons = [(button["title"], button["payload"]) for button in response["buttons"]]
        return said

    return run_named


def _events(turns: Iterable[tuple[str, Iterable[str]]], offered: Iterable[str]) -> Iterable[dict[str, Any]]:
    buttons = [{"title": payload, "payload": payload} for payload in offered]
    for intent, responses in turns:
        yield {"event": "user", "parse_data": {"intent": {"name": intent}}}
        for name in responses:
            yield {"event": "bot", "text": "…", "metadata": {"utter_action": name}, "data": {"buttons": buttons}}
