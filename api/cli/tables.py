"""Tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.texts import text


def show_parse(result: Mapping[str, Any], out: Console) -> None:
    """Intents with their confidence as bars, and entities."""
    out.print(text("masked", text=result["text"]), markup=False)
    ranking = Table(text("intent"), text("confidence"), "")
    for item in result["intent_ranking"]:
        ranking.add_row(Text(item["name"]), f"{item['confidence']:.3f}", "█" * round(20 * item["confidence"]))
    out.print(ranking)
    if result["entities"]:
        entities = Table(text("entity"), text("value"), text("where"))
        for entity in result["entities"]:
            surface = result["text"][entity["start"] : entity["end"]]
            entities.add_row(Text(entity["entity"]), Text(str(entity["value"])), Text(surface))
        out.print(entities)
