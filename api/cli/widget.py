"""`bma widget`: what the webmaster of a site needs."""

from __future__ import annotations

from api.assets import snippet as embed_code
from api.pages import texts
from api.settings import Settings


def snippet(settings: Settings, url: str | None) -> str:
    """The embed code.

    Args:
        settings: where the assistant listens, when no address is given.
        url: address under which browsers reach the assistant.
    """
    return embed_code(url or f"http://{settings.host}:{settings.port}", texts()["demo"]["lien"])
