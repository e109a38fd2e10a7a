"""Entities marked inside an example: `[text](type)`, `[text](type:value)`, `[text]{json}`, `[text][{json}, {json}]`.

As in Rasa 3.6 (`rasa/shared/nlu/training_data/entities_parser.py`): there is no escape character, a bracket that opens
no complete annotation is ordinary text, and the first `}` ends the JSON. `[[][]` is a bracket that opens none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.project.model import AnnotatedEntity, Location
from bot.project.nodes import unstorable
from bot.project.problems import Problems, did_you_mean

_ANNOTATION = re.compile(
    r"\[(?P<text>[^\]]+)\]"
    r"(?:\((?P<type>[^:)]+)(?::(?P<value>[^)]+))?\)"
    r"|\{(?P<json>[^}]+)\}"
    r"|\[(?P<list>.*?)\])"
)
_JSON_OBJECT = re.compile(r"\{[^}]+\}")
_KEYS = ("entity", "role", "group", "value")
_BRACKET = "[[][]"
"""An opening bracket, annotated with nothing: the one way to write a bracket that opens no annotation."""


def read_annotations(example: str, location: Location, problems: Problems) -> tuple[str, tuple[AnnotatedEntity, ...]]:
    """Take the annotations out of an example.

    Args:
        example: one line as written, without its dash.
        location: its place, for problems.
        problems: gets annotations that cannot be understood.

    Returns:
        The sentence without annotations, and the entities in it; offsets count characters, end excluded.
    """
    if "](" not in example and "]{" not in example and "][" not in example:
        return example, ()
    pieces: list[str] = []
    entities: list[AnnotatedEntity] = []
    length = copied = 0
    for found in _ANNOTATION.finditer(example):
        text = found["text"]
        before = example[copied : found.start()]
        start = length + len(before)
        length = start + len(text)
        copied = found.end()
        pieces += (before, text)
        if found["type"]:
            entities.append(AnnotatedEntity(found["type"], found["value"] or text, start, length))
            continue
        objects = [found[0][len(text) + 2 :]] if found["json"] else _JSON_OBJECT.findall(found["list"])
        if not objects and found[0] != _BRACKET:
            problems.warning("annotation_without_entity", location, annotation=found[0])
        for source in objects:
            entity = _from_json(source, text, start, location, problems)
            if entity is not None:
                entities.append(entity)
    pieces.append(example[copied:])
    return "".join(pieces), tuple(entities)


def bracketed(text: str) -> str:
    """A sentence written so that `read_annotations` finds it again, and no annotation in it.

    Args:
        text: any text, which may look annotated.
    """
    return text.replace("[", _BRACKET) if _ANNOTATION.search(text) else text


def _from_json(source: str, text: str, start: int, location: Location, problems: Problems) -> AnnotatedEntity | None:
    try:
        body: Mapping[str, Any] = json.loads(source)
    except (ValueError, RecursionError):
        problems.error("annotation_json", location, json=source, text=text)
        return None
    for key in body:
        if key not in _KEYS:
            problems.error("annotation_key", location, key=key, suggestion=did_you_mean(key, _KEYS), known=", ".join(_KEYS))
    name = body.get("entity")
    if not isinstance(name, str) or not name:
        problems.error("annotation_entity", location, json=source, text=text)
        return None
    for key in ("role", "group"):
        if not isinstance(body.get(key, ""), str):
            problems.error("annotation_not_text", location, key=key, found=json.dumps(body[key], ensure_ascii=False))
            return None
    value = body.get("value", text)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        problems.error("annotation_not_text", location, key="value", found=json.dumps(value, ensure_ascii=False))
        return None
    for text_value in (name, value, body.get("role", ""), body.get("group", "")):
        if character := unstorable(str(text_value)):
            problems.error("control_character", location, character=character)
            return None
    role, group = body.get("role") or None, body.get("group") or None
    return AnnotatedEntity(name, str(value), start, start + len(text), role, group)
