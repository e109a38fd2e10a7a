"""A request's id: a trusted proxy's, or a new one."""

import asyncio
import re
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from api import request_ids
from api.request_ids import RequestIds

NEW = re.compile(r"[0-9a-f]{16}")
GIVEN = b"girafe-0123"
Headers = list[tuple[bytes, bytes]]


async def asked(headers: Headers, *, peer: str | None = "10.0.0.9", trusted: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the application saw of a request, and the id of its answer."""
    seen: dict[str, Any] = {}

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        seen.update(id=request_ids.current(), client=scope["client"], scheme=scope["scheme"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})

    async def send(message: Any) -> None:
        seen["answer"] = dict(message["headers"])[b"x-request-id"].decode()

    async def receive() -> Any:
        raise AssertionError

    client = (peer, 1) if peer is not None else None
    await RequestIds(app, trusted)({"type": "http", "headers": headers, "client": client, "scheme": "http"}, receive, send)
    assert seen["answer"] == seen["id"]
    assert request_ids.current() is None, "outside the request there is none"
    return seen


async def test_every_request_gets_its_own() -> None:
    found = {(await asked([]))["id"] for _ in range(100)}
    assert len(found) == 100
    assert all(NEW.fullmatch(item) for item in found)


async def test_requests_at_the_same_time_keep_theirs() -> None:
    found = await asyncio.gather(*(asked([]) for _ in range(50)))
    assert len({item["id"] for item in found}) == 50


@pytest.mark.parametrize("trusted", ["10.0.0.9", "10.0.0.0/8", "*"])
async def test_a_trusted_proxys_id_is_kept(trusted: str) -> None:
    headers = [(b"x-request-id", GIVEN), (b"x-forwarded-for", b"192.0.2.7"), (b"x-forwarded-proto", b"https")]
    seen = await asked(headers, trusted=(trusted,))
    assert seen == {"id": GIVEN.decode(), "answer": GIVEN.decode(), "client": ("192.0.2.7", 0), "scheme": "https"}


@pytest.mark.parametrize("peer", ["192.0.2.7", "127.0.0.1", None, "unix:"])
async def test_anybody_elses_is_not(peer: str | None) -> None:
    seen = await asked([(b"x-request-id", GIVEN), (b"x-forwarded-for", b"10.0.0.9")], peer=peer, trusted=("10.0.0.0/8",))
    assert NEW.fullmatch(seen["id"])
    assert seen["client"] == ((peer, 1) if peer else None)


async def test_without_trusted_proxies_nobodys_is() -> None:
    seen = await asked([(b"x-request-id", GIVEN), (b"x-forwarded-for", b"192.0.2.7")], peer="127.0.0.1")
    assert NEW.fullmatch(seen["id"])
    assert seen["client"] == ("127.0.0.1", 1)


@pytest.mark.parametrize(
    "given", [b"", b"seven-7", b"x" * 65, b"with space", b"a\nINFO forged", b"\xc3\xa9" * 5, b"-12345678", b"<b>12345</b>"]
)
async def test_what_is_not_well_formed_is_replaced(given: bytes) -> None:
    assert NEW.fullmatch((await asked([(b"x-request-id", given)], trusted=("10.0.0.9",)))["id"])


async def test_two_ids_are_none() -> None:
    headers = [(b"x-request-id", GIVEN), (b"x-request-id", GIVEN)]
    assert NEW.fullmatch((await asked(headers, trusted=("10.0.0.9",)))["id"])
