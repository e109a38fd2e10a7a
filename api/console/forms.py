"""Forms that browsers send to the console."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request

from api.console.refusals import Refusal
from api.errors import ApiError
from api.requests import read_body
from api.settings import Settings

MAX_FIELDS = 1_000


class Form:
    """The fields of a form, in the order in which they were sent.

    Args:
        pairs: names and values.
    """

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def get(self, name: str, default: str = "") -> str:
        """The last value of a field, without spaces around it; `default` when it was not sent."""
        return next((value.strip() for key, value in reversed(self._pairs) if key == name), default)

    def exact(self, name: str) -> str:
        """The last value of a field as it was typed, such as a password; empty when it was not sent."""
        return next((value for key, value in reversed(self._pairs) if key == name), "")

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for key, value in self._pairs if key == name]

    def number(self, name: str) -> int:
        """A field that is a number, such as an id.

        Raises:
            Refusal: 400, it is none.
        """
        value = self.get(name)
        if not value.isascii() or not value.isdigit() or len(value) > 18:
            raise Refusal(400, "champ", champ=name)
        return int(value)

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self._pairs)


async def read_form(request: Request, settings: Settings) -> Form:
    """The form of a request; read once, then kept with the request.

    Raises:
        Refusal: 413 too large, 400 no form.
    """
    kept = getattr(request.state, "form", None)
    if isinstance(kept, Form):
        return kept
    try:
        raw = await read_body(request, settings)
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ApiError as error:
        raise Refusal(error.status, "trop_grand") from error
    except ValueError as error:
        raise Refusal(400, "formulaire") from error
    form = Form([(name, value.replace("\0", "")) for name, value in pairs])
    request.state.form = form
    return form
