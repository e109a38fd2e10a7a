"""Training sentences as a model carries them: text, intent and place, packed until somebody asks why it understood so."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from bot.project.model import Example, Location

MAX_BYTES = 256 * 1024 * 1024
"""Unpacked."""


def pack(examples: Sequence[Example]) -> bytes:
    """Pack sentences: 28 bytes each instead of the 600 that they take in memory; their entities are left out."""
    groups: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for example in examples:
        groups.setdefault((example.intent, example.location.file), []).append((example.location.line, example.text))
    body = [{"intent": intent, "file": file, "sentences": found} for (intent, file), found in groups.items()]
    return zlib.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def unpack(packed: bytes) -> tuple[Example, ...]:
    """The sentences that were packed, by intent and file; none for no bytes.

    Raises:
        ValueError: these are no packed sentences.
    """
    if not packed:
        return ()
    try:
        return tuple(
            Example(text, group["intent"], location=Location(group["file"], line))
            for group in json.loads(zlib.decompressobj().decompress(packed, MAX_BYTES))
            for line, text in group["sentences"]
        )
    except (zlib.error, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no packed sentences ({type(error).__name__})") from error
