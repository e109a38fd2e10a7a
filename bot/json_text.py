"""JSON as it is stored: compact, letters as they are."""

from __future__ import annotations

import json
from typing import Any

import orjson


def json_text(value: Any) -> str:
    """A value as JSON.

    orjson takes a fifth of the time of the standard library, which knows what it refuses: numbers of more than 64 bits.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
