"""All routes of the console, from the application itself: a new screen is tested without a word here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from api.app import create_app
from api.console.access import Allowed
from api.console.rights import Right
from api.settings import Settings

PREFIX = "/console/"
GIVEN = {"name": "console.css"}
"""Values of parameters that are no ids."""


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    guards: tuple[Allowed, ...]

    @property
    def right(self) -> Right | None:
        assert len(self.guards) == 1, f"{self}: one `allow` or `public`, and only one"
        return self.guards[0].right

    def addresses(self, *ids: str) -> list[str]:
        """With these ids; by default one that exists, or may, and some that do not."""
        if "{" not in self.path:
            return [self.path]

        def filled(value: str) -> str:
            return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: GIVEN.get(found[1], value), self.path)

        return [filled(value) for value in ids or ("1", "0", "987654321")]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes() -> list[Route]:
    """Every route under /console/, each method by itself."""
    app = create_app(Settings(_env_file=None))
    found = [
        Route(method, route.path, tuple(_guards(route.dependant)))
        for route in _walk(app)
        if route.path.startswith(PREFIX)
        for method in sorted(route.methods - {"HEAD"})
    ]
    assert len(found) > 10
    return found


def _walk(app: FastAPI) -> Iterator[Any]:
    def down(candidates: Any) -> Iterator[Any]:
        for route in candidates:
            if hasattr(route, "effective_candidates"):
                yield from down(route.effective_candidates())
            elif hasattr(route, "methods"):
                yield route

    yield from down(app.routes)


def _guards(dependant: Any) -> Iterator[Allowed]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Allowed):
            yield inner.call
        yield from _guards(inner)
