"""What the OpenAPI description says of bodies, answers and refusals, beyond what FastAPI reads from types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

Declared = dict[int | str, dict[str, Any]]
Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
OBJECT: Schema = {"type": "object"}
JSON = "application/json"
REFUSAL: Schema = {"$ref": "#/components/schemas/Refusal"}
_WHY = {
    400: "The request does not say what is needed.",
    401: "No token, or a wrong one.",
    403: "Not allowed from here.",
    404: "Nothing is known under this address.",
    409: "A message id came again with another text.",
    413: "Too large.",
    415: "Not JSON.",
    429: "Too many; `Retry-After` says how many seconds to wait.",
    503: "Not now; `Retry-After` says when.",
}


class Refusal(BaseModel):
    """Why a request was not answered."""

    version: str
    status: Literal["failure"]
    message: str
    """A French sentence for users."""
    reason: str
    """For programs."""
    code: int
    """The HTTP status."""


def refusals(*statuses: int, is_page: bool = False) -> Declared:
    """Declarations of refusals.

    Args:
        statuses: HTTP status codes.
        is_page: whether they are pages.
    """
    if is_page:
        return {status: {"description": _WHY[status], "content": {"text/html": {"schema": TEXT}}} for status in statuses}
    return {status: {"description": _WHY[status], "model": Refusal} for status in statuses}


def answers(description: str, content: Mapping[str, Schema] | None = None, status: int = 200) -> Declared:
    """The declaration of an answer.

    Args:
        description: what it says.
        content: schemas by media type.
        status: HTTP status code.
    """
    media = {name: {"schema": schema} for name, schema in (content or {}).items()}
    return {status: {"description": description, "content": media} if media else {"description": description}}


def body(schema: Schema, media: str = "application/json") -> dict[str, Any]:
    """The declaration of a request's body, which the route reads itself."""
    return {"requestBody": {"required": True, "content": {media: {"schema": schema}}}}


def shape(required: tuple[str, ...], **properties: Schema) -> Schema:
    """The schema of an object."""
    return {"type": "object", "required": list(required), "properties": properties}


def install(app: FastAPI) -> None:
    """Describe the application: FastAPI's own 422 is never answered, `api.errors` makes it a 400 like any other."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, routes=app.routes)
            for methods in found["paths"].values():
                for operation in methods.values():
                    operation["responses"].pop("422", None)
            for name in ("HTTPValidationError", "ValidationError"):
                found.get("components", {}).get("schemas", {}).pop(name, None)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]
