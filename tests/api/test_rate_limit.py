"""How many messages a minute, and of whom."""

import pytest
from fastapi import Request

from api.errors import ApiError
from api.rate_limit import DAY, RateLimits
from api.settings import Settings
from bot.identity import ConversationKey


def request_from(address: str) -> Request:
    return Request({"type": "http", "headers": [], "client": (address, 1)})


def limits(rate: str) -> RateLimits:
    return RateLimits(Settings(_env_file=None, rate_limit=rate))


def test_one_conversation_too_fast_leaves_the_others() -> None:
    counted = limits("3,100")
    fast, slow = (ConversationKey("rest", name) for name in ("fast", "slow"))
    for _ in range(3):
        counted.count(request_from("192.0.2.1"), fast)
    with pytest.raises(ApiError) as refused:
        counted.count(request_from("192.0.2.1"), fast)
    assert refused.value.status == 429
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 60
    assert refused.value.headers["Retry-After"] in refused.value.sentence
    counted.count(request_from("192.0.2.1"), slow)


def test_one_address_too_fast_leaves_the_others() -> None:
    counted = limits("100,3")
    for number in range(3):
        counted.count(request_from("192.0.2.1"), ConversationKey("rest", str(number)))
    with pytest.raises(ApiError):
        counted.count(request_from("192.0.2.1"))
    counted.count(request_from("192.0.2.2"))


def test_addresses_of_one_ipv6_network_count_together() -> None:
    counted = limits("100,1")
    counted.count(request_from("2001:db8::1"))
    with pytest.raises(ApiError):
        counted.count(request_from("2001:db8::2"))
    counted.count(request_from("2001:db8:0:1::1"))


def test_looks_are_counted_by_address_and_leave_the_messages_alone() -> None:
    counted = limits("100,3")
    for _ in range(3):
        counted.count_look(request_from("192.0.2.1"))
    with pytest.raises(ApiError) as refused:
        counted.count_look(request_from("192.0.2.1"))
    assert (refused.value.status, 1 <= int(refused.value.headers["Retry-After"]) <= 60) == (429, True)
    counted.count_look(request_from("192.0.2.2"))
    for _ in range(3):
        counted.count(request_from("192.0.2.1"))


def test_twenty_of_a_conversation_and_six_hundred_from_an_address_when_nothing_is_set() -> None:
    assert Settings(_env_file=None).messages_a_minute() == (20, 600)


def test_off_counts_nothing() -> None:
    counted = limits("off")
    for _ in range(1_000):
        counted.count(request_from("192.0.2.1"), ConversationKey("rest", "a"))
        counted.count_look(request_from("192.0.2.1"))


def test_the_hash_of_an_address_changes_every_day_and_with_every_process() -> None:
    now = [10.5 * DAY]
    settings = Settings(_env_file=None)
    counted = RateLimits(settings, lambda: now[0])
    first = counted.hashed("192.0.2.1")
    assert counted.hashed("192.0.2.1") == first != counted.hashed("192.0.2.2")
    assert RateLimits(settings, lambda: now[0]).hashed("192.0.2.1") != first
    now[0] += DAY
    assert counted.hashed("192.0.2.1") != first
    assert "192" not in first


@pytest.mark.parametrize("rate", ["20", "0,600", "20,600,3", "on", ""])
def test_a_wrong_setting_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="rate_limit"):
        Settings(_env_file=None, rate_limit=rate)
