"""The console's screens: Jinja2 templates, their French from texts.yml."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ruamel.yaml import YAML

from api.assets import STYLE, Asset, assets, read_folder
from api.console.access import Visitor
from api.console.passwords import LEAST_CHARS, MOST_CHARS
from api.console.refusals import Refusal
from api.console.rights import Right, Role, may
from api.numbers import decimal, percent
from api.security import policy

HERE = Path(__file__).parent
BRUSSELS = ZoneInfo("Europe/Brussels")
SCREENS = (
    ("essayer", "", Right.TRY),
    ("boite", "boite", Right.READ),
    ("ameliorer", "ameliorer", Right.READ),
    ("chercher", "chercher", Right.READ),
    ("sigles", "sigles", Right.READ),
    ("prouver", "prouver", Right.READ),
    ("publier", "publier", Right.READ),
    ("suspendre", "suspendre", Right.READ),
    ("savoir", "savoir", Right.READ),
    ("comptes", "comptes", Right.ADMIN),
    ("journal", "journal", Right.ADMIN),
)
"""The menu: key of the texts, address under /console/, what it takes to see it."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": policy(trusted_types=False),  # htmx inserts fragments as HTML
    "Referrer-Policy": "same-origin",
}


@cache
def texts() -> dict[str, Any]:
    """The sentences of the console."""
    with (HERE / "texts.yml").open(encoding="utf-8") as stream:
        return dict(YAML(typ="safe", pure=True).load(stream))


@cache
def files() -> dict[str, Asset]:
    """What browsers load for the console: its style, its script, the libraries."""
    return read_folder(HERE / "static", "f")


@cache
def templates() -> Environment:
    """The templates, with the filters that they share."""
    found = Environment(
        loader=FileSystemLoader((HERE / "templates", HERE.parent / "templates")),  # answers look as on the page
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"moment": moment, "jour": day, "decimal": decimal, "pourcent": percent, "nombre": count}
    return found


def screen(request: Request, template: str, status: int = 200, *, section: str | None = None, **values: Any) -> HTMLResponse:
    """A whole page of the console.

    Args:
        request: what it answers.
        template: name of the template.
        status: HTTP status code.
        section: section of the texts, `t` in the template; the template's name by default.
        values: what the template shows.
    """
    section = section or template.removesuffix(".html")
    done = request.query_params.get("fait", "")
    common = {
        "t": texts().get(section, {}),
        "commun": texts()["commun"],
        "menu": _menu(request),
        "section": section,
        "base": base(request),
        "style": f"{base(request)}../{assets()[STYLE].address}",
        "files": files(),
        "visitor": _visitor(request),
        "home": home(visitor.role) if (visitor := _visitor(request)) else "",
        "csrf": _csrf(request),
        "notice": texts()["fait"].get(done, ""),
    }
    html = templates().get_template(template).render(common | values)
    return HTMLResponse(html, status, headers=HEADERS)


def fragment(request: Request, template: str, *, section: str, **values: Any) -> HTMLResponse:
    """A part of a page, for htmx; `t`, `commun`, `base` and `csrf` as in `screen`."""
    common = {
        "t": texts().get(section, {}),
        "commun": texts()["commun"],
        "section": section,
        "base": base(request),
        "visitor": _visitor(request),
        "csrf": _csrf(request),
    }
    return HTMLResponse(templates().get_template(template).render(common | values), headers=HEADERS)


def refused(request: Request, refusal: Refusal) -> HTMLResponse:
    """The page that says what is not done, and why."""
    roles = texts()["commun"]["roles"]
    details = {name: roles.get(value, value) if name == "role" else value for name, value in refusal.details.items()}
    sentence = texts()["refus"][refusal.reason].format(**details)
    response = screen(request, "refus.html", refusal.status, sentence=sentence)
    if "secondes" in refusal.details:
        response.headers["Retry-After"] = str(refusal.details["secondes"])
    return response


def is_htmx(request: Request) -> bool:
    """Whether a part of a page is asked for."""
    return request.headers.get("HX-Request") == "true"


def go(request: Request, address: str, **query: str) -> Response:
    """Send the browser to a screen after a change.

    Args:
        request: the one that changed something.
        address: under /console/, such as `boite`.
        query: such as `fait`, the key of the sentence that says what was done.
    """
    # "./" keeps an empty address from meaning the page itself
    target = f"{base(request)}{address}" or "./"
    return RedirectResponse(target + (f"?{urlencode(query)}" if query else ""), 303, headers={"Cache-Control": "no-store"})


def home(role: Role) -> str:
    """The first screen that a role may see; under /console/."""
    return next(address for _key, address, right in SCREENS if may(role, right))


def base(request: Request) -> str:
    """The relative way to /console/, so that a proxy may serve the console under any folder."""
    below = request.url.path.partition("/console/")[2]
    return "../" * below.count("/")


def password_problem(key: str) -> str:
    """The sentence that says what is wrong with a new password."""
    return str(texts()["mots_de_passe"][key]).format(least=LEAST_CHARS, most=MOST_CHARS)


def moment(seconds: float | None) -> str:
    """A time as 25/11/2026 13:05, in Brussels; empty for none."""
    return datetime.fromtimestamp(seconds, BRUSSELS).strftime("%d/%m/%Y %H:%M") if seconds else ""


def day(value: date) -> str:
    """A day as 25/11/2026."""
    return value.strftime("%d/%m/%Y")


def count(value: int) -> str:
    """A whole number with narrow no-break spaces between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def _menu(request: Request) -> list[tuple[str, str, str]]:
    visitor = _visitor(request)
    if visitor is None:
        return []
    names = texts()["menu"]
    return [(key, names[key], address) for key, address, right in SCREENS if visitor.may(right)]


def _visitor(request: Request) -> Visitor | None:
    return getattr(request.state, "visitor", None)


def _csrf(request: Request) -> str:
    visitor = _visitor(request)
    return visitor.csrf if visitor else ""
