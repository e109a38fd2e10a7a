"""The Bot Framework's keys: fetched when needed, kept when the key server is down."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.channels.teams.keys import KEPT, PAUSE, RETRY, KeySet, KeysUnavailable
from tests.api.channels.teams.microsoft import Microsoft, local_microsoft
from tests.servers import free_port


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Microsoft]:
    with local_microsoft(tmp_path) as found:
        yield found


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def url(microsoft: Microsoft) -> str:
    return f"http://127.0.0.1:{microsoft.port}/v1/.well-known/openidconfiguration"


async def test_keys_are_fetched_once_for_many_who_ask_at_once(own: Microsoft) -> None:
    keys = KeySet(url(own), Time())
    found = await asyncio.gather(*(keys.find("k1") for _ in range(20)))
    assert {key.endorsements for key in found if key} == {frozenset({"msteams"})}
    assert own.fetches == 1


async def test_an_unknown_key_is_looked_for_again_after_a_pause(own: Microsoft) -> None:
    time = Time()
    keys = KeySet(url(own), time)
    assert await keys.find("new") is None
    assert await keys.find("new") is None
    assert own.fetches == 1
    time.now += PAUSE
    assert await keys.find("new") is None
    assert own.fetches == 2


async def test_keys_are_kept_for_a_day_and_longer_when_they_cannot_be_fetched(tmp_path: Path) -> None:
    time = Time()
    with local_microsoft(tmp_path) as microsoft:
        keys = KeySet(url(microsoft), time)
        await keys.find("k1")
        time.now += KEPT - 1
        await keys.find("k1")
        assert microsoft.fetches == 1
        time.now += 1
        await keys.find("k1")
        assert microsoft.fetches == 2
    time.now += 2 * KEPT
    assert await keys.find("k1") is not None


async def test_without_any_key_it_says_so_and_tries_again_soon() -> None:
    time = Time()
    port = free_port()
    keys = KeySet(f"http://127.0.0.1:{port}/", time)
    for _ in range(2):
        with pytest.raises(KeysUnavailable):
            await keys.find("k1")
        time.now += RETRY


@pytest.mark.parametrize("path", ["/nothing", "/adfs/.well-known/openid-configuration"])
async def test_a_document_without_keys_is_no_key(own: Microsoft, path: str) -> None:
    keys = KeySet(f"http://127.0.0.1:{own.port}{path}", Time())
    with pytest.raises(KeysUnavailable):
        await keys.find("k1")
