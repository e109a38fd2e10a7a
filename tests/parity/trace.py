"""What both sides keep of a conversation, and how it is compared.

Read by Rasa's own Python too (3.10): standard library only.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

OWN_METADATA = ("model_id", "assistant_id", "template", "condition", "channel")
"""Metadata of what was said that repeats what the domain says, or the name of the response (Rasa's leftovers)."""


def normalised(event: Mapping[str, Any], *, texts: bool = True) -> Json:
    """An event without what differs from run to run: times, ids of messages and models, the rest of the parse result.

    Args:
        event: in Rasa's JSON.
        texts: whether the wording of what the assistant says is kept.
    """
    kind = event["event"]
    if kind == "user":
        parsed = event.get("parse_data") or {}
        body = {
            "text": event.get("text"),
            "intent": (parsed.get("intent") or {}).get("name"),
            "confidence": _rounded((parsed.get("intent") or {}).get("confidence")),
            "entities": [_present(item, ("entity", "value", "role", "group")) for item in parsed.get("entities") or ()],
            "input_channel": event.get("input_channel"),
        }
    elif kind == "bot":
        metadata = {key: value for key, value in (event.get("metadata") or {}).items() if key not in OWN_METADATA}
        if not texts:
            metadata = _present(metadata, ("utter_action",))
        body = _without_wording({"text": event.get("text"), **(event.get("data") or {})}, texts) | {"metadata": metadata}
    elif kind == "action":
        body = {key: event.get(key) for key in ("name", "policy", "action_text", "hide_rule_turn")}
        body["confidence"] = _rounded(event.get("confidence"))
    else:
        dropped = ("event", "timestamp", "metadata", "use_text_for_featurization")
        body = {key: _rounded(value) for key, value in event.items() if key not in dropped}
        return {"event": kind, **body}
    return {"event": kind, **{key: value for key, value in body.items() if value not in (None, False, [], {})}}


def sent(message: Mapping[str, Any]) -> Json:
    """A message as the REST channel sends it, without whom it is for."""
    return {key: value for key, value in message.items() if key not in ("recipient_id", "metadata") and value not in (None, [])}


def state(tracker: Mapping[str, Any]) -> Json:
    """What a tracker's JSON says of the conversation after a turn: slots that are set, loop, pause, follow-up."""
    loop = tracker.get("active_loop") or {}
    return {
        "slots": {name: value for name, value in sorted(tracker["slots"].items()) if value is not None},
        "active_loop": _present(loop, ("name", "is_interrupted", "rejected")),
        "paused": bool(tracker.get("paused")),
        "followup_action": tracker.get("followup_action"),
        "latest_action_name": tracker.get("latest_action_name"),
    }


def lines(turn: Mapping[str, Any]) -> list[str]:
    """A turn as lines: its events, what was sent, the state after it."""
    told = [_line(event["event"], event) for event in turn["events"]]
    told += [_line("> sent", message) for message in turn["sent"]]
    told += [
        f"> state {key} {_sorted_json(value)}" for key, value in sorted(turn["state"].items()) if value not in (None, False, {})
    ]
    return told


def difference(rasas: Sequence[str], ours: Sequence[str]) -> list[str]:
    """What is in one list of lines only: `- ` Rasa's, `+ ` ours, in order."""
    found: list[str] = []
    for tag, start, end, our_start, our_end in difflib.SequenceMatcher(None, rasas, ours, autojunk=False).get_opcodes():
        if tag != "equal":
            found += [f"- {line}" for line in rasas[start:end]]
            found += [f"+ {line}" for line in ours[our_start:our_end]]
    return found


def dump(recorded: Mapping[str, Any]) -> str:
    """A recording as JSON, one event a line."""
    parts: list[str] = []
    for name, turns in recorded["scenarios"].items():
        shown = ",\n".join(_turn(turn) for turn in turns)
        parts.append(f"  {_json(name)}: [\n{shown}\n  ]")
    head = "".join(f" {_json(key)}: {_json(value)},\n" for key, value in recorded.items() if key != "scenarios")
    return "{\n" + head + ' "scenarios": {\n' + ",\n".join(parts) + "\n }\n}\n"


def _turn(turn: Mapping[str, Any]) -> str:
    keys = []
    for key, value in turn.items():
        if isinstance(value, list) and value:
            keys.append(f'    "{key}": [\n' + ",\n".join(f"     {_json(item)}" for item in value) + "\n    ]")
        else:
            keys.append(f'    "{key}": {_json(value)}')
    return "   {\n" + ",\n".join(keys) + "\n   }"


def _line(head: str, body: Mapping[str, Any]) -> str:
    return " ".join([head, *(f"{key}={_sorted_json(value)}" for key, value in sorted(body.items()) if key != "event")])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sorted_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


def _present(body: Mapping[str, Any], keys: Iterable[str]) -> Json:
    return {key: body[key] for key in keys if body.get(key) not in (None, False)}


def _without_wording(body: Mapping[str, Any], texts: bool) -> Json:
    kept = {key: value for key, value in body.items() if value not in (None, "", [], {})}
    if not texts:
        kept.pop("text", None)
        if "buttons" in kept:
            kept["buttons"] = [button.get("payload") for button in kept["buttons"]]
    return kept
