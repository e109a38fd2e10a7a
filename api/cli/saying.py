"""How the terminal shows what the assistant says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from api.cli.texts import text


def show(messages: Sequence[Mapping[str, Any]], out: Console) -> list[Mapping[str, Any]]:
    """Print what the assistant says; returns the buttons, in the order of their numbers. A link is shown, not numbered."""
    buttons: list[Mapping[str, Any]] = []
    for message in messages:
        if message.get("text"):
            out.print(Text(f"{text('shell_bot')} : ", style="bold green"), Text(str(message["text"])), soft_wrap=True)
        for button in message.get("buttons") or ():
            if button.get("url"):
                out.print(Text(f"  {button['title']} : {button['url']}", style="cyan"), soft_wrap=True)
                continue
            buttons.append(button)
            out.print(Text(f"  {len(buttons)}. {button['title']}", style="cyan"))
    return buttons
