"""Clients that take their time, or thousands that say nothing, keep nobody else waiting and do not stay for ever."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from api.patience import BODY, HEADERS
from tests.servers import assistant

pytestmark = pytest.mark.slow
IDLE = 2_000
REST = b"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with assistant(tmp_path_factory.mktemp("slow")) as url:
        yield url


def asked(url: str) -> float:
    """Seconds that a message takes."""
    start = time.perf_counter()
    body = {"sender": "pressé", "message": "bonjour"}
    assert httpx.post(f"{url}/webhooks/rest/webhook", json=body, trust_env=False, timeout=20).status_code == 200
    return time.perf_counter() - start


async def connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))


async def test_two_thousand_idle_connections(url: str) -> None:
    links = [await connected(url) for _ in range(IDLE)]
    taken = sorted([await asyncio.to_thread(asked, url) for _ in range(10)])
    assert taken[5] < 1.0
    async with asyncio.timeout(3 * HEADERS):
        ends = await asyncio.gather(*(reader.read() for reader, _ in links))
    assert ends == [b""] * IDLE
    for _, writer in links:
        writer.close()
    assert await asyncio.to_thread(asked, url) < 1.0


async def trickle(writer: asyncio.StreamWriter, data: bytes) -> None:
    """One byte a fifth of a second, until nobody listens."""
    for place in range(len(data)):
        writer.write(data[place : place + 1])
        try:
            await writer.drain()
        except ConnectionError:
            return
        await asyncio.sleep(0.2)


HEADERS_WITHOUT_END = REST + b"X-A: " + b"a" * 10_000
SLOW = {
    "headers": (b"", HEADERS_WITHOUT_END),
    "headers after a request": (b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n", HEADERS_WITHOUT_END),
    "a body of known length": (REST + b"Content-Length: 60000\r\n\r\n", b"x" * 60_000),
    "a body in chunks": (REST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 60_000),
}
"""What a slow client sends: at once, then byte by byte."""


async def answered(url: str, at_once: bytes, slowly: bytes) -> bytes:
    """All that a slow client gets before its connection is closed."""
    reader, writer = await connected(url)
    writer.write(at_once)
    sending = asyncio.create_task(trickle(writer, slowly))
    found = b""
    async with asyncio.timeout(2 * BODY):
        with suppress(ConnectionError):  # what comes after an answer is a reset, since nobody read the rest
            while part := await reader.read(1000):
                found += part
    sending.cancel()
    return found


@pytest.fixture(scope="module")
def answers(url: str) -> dict[str, bytes]:
    """What each of them gets; they wait together."""

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(answered(url, *sent) for sent in SLOW.values()))

    return dict(zip(SLOW, asyncio.run(all_of_them()), strict=True))


def test_headers_that_do_not_end(answers: dict[str, bytes]) -> None:
    assert answers["headers"] == b""
    assert answers["headers after a request"].count(b"HTTP/1.1 ") == 1
    assert answers["headers after a request"].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("body", ["a body of known length", "a body in chunks"])
def test_a_body_that_does_not_end(url: str, answers: dict[str, bytes], body: str) -> None:
    assert answers[body].startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answers[body].lower()
    assert asked(url) < 1.0


async def test_many_slow_ones_at_once(url: str) -> None:
    links = [await connected(url) for _ in range(300)]
    sending = [asyncio.create_task(trickle(writer, REST + b"Content-Length: 60000\r\n\r\n" + b"x" * 1000)) for _, writer in links]
    await asyncio.sleep(1)
    assert await asyncio.to_thread(asked, url) < 2.0
    for task in sending:
        task.cancel()
    for _, writer in links:
        writer.close()


async def test_headers_without_measure_are_refused(url: str) -> None:
    reader, writer = await connected(url)
    writer.write(b"GET /version HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 1_000_000 + b"\r\n\r\n")
    async with asyncio.timeout(20):
        answer = await reader.read(100)
    assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 200"))
    assert await asyncio.to_thread(asked, url) < 1.0
