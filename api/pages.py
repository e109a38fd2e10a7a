"""Pages: Jinja2 templates, and their French sentences from pages.yml."""

from __future__ import annotations

import logging
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ruamel.yaml import YAML

from actions.data_files import DataFileError
from actions.links import links
from api.assets import STYLE, assets

HERE = Path(__file__).parent
log = logging.getLogger("bma.api")


@cache
def texts() -> dict[str, Any]:
    """The sentences of the pages."""
    with (HERE / "pages.yml").open(encoding="utf-8") as stream:
        return dict(YAML(typ="safe", pure=True).load(stream))


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page; its links are relative, so that a proxy may serve it under any folder.

    Args:
        name: the template.
        status: HTTP status code.
        values: what the template shows.
    """
    common = {
        "t": texts(),
        "root": "",
        "style": assets()[STYLE].address,
        "official": _official(),
    }
    html = _templates().get_template(name).render(common | values)
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})


def _official() -> str | None:
    """Address of the official page; None when nobody gave it, and while its table cannot be used: pages do not wait for it."""
    try:
        found = links().get("page_bma")
    except DataFileError as error:
        _say(str(error))
        return None
    return found.url if found else None


@lru_cache(maxsize=1)
def _say(problem: str) -> None:
    """Tell the operator, once, not with every page."""
    log.error("pages go without their link to the official page: %s", problem)
