"""Steps of a turn are timed, and are all of its time; nobody asking, nothing is."""

import asyncio
import time

import pytest

from bot.stopwatch import Stopwatch, begin, running


def test_steps_are_all_of_the_time_and_an_inner_one_is_not_in_the_outer_one() -> None:
    start = time.perf_counter()
    with Stopwatch() as watch:
        time.sleep(0.01)
        for _ in range(2):
            begin("dialogue")
            time.sleep(0.01)
            before = begin("actions")
            time.sleep(0.03)
            begin(before)
            time.sleep(0.01)
    elapsed = time.perf_counter() - start
    assert set(watch.seconds) == {"start", "dialogue", "actions"}
    assert sum(watch.seconds.values()) == pytest.approx(elapsed, abs=0.01)
    assert watch.seconds["dialogue"] >= 0.04
    assert watch.seconds["actions"] >= 0.06
    assert watch.seconds["start"] >= 0.01


def test_what_fails_is_timed_until_the_end() -> None:
    watch = Stopwatch()

    def fail() -> None:
        with watch:
            begin("nlu")
            time.sleep(0.01)
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert watch.seconds["nlu"] >= 0.01
    assert not running()


def test_without_a_stopwatch_nothing_is_timed() -> None:
    assert not running()
    assert begin("nlu") == "start"
    assert not running()


async def test_turns_at_the_same_time_have_their_own() -> None:
    async def turn(seconds: float) -> float:
        with Stopwatch() as watch:
            begin("nlu")
            await asyncio.sleep(seconds)
        return watch.seconds["nlu"]

    short, long = await asyncio.gather(turn(0.01), turn(0.3))
    assert 0.01 <= short < long
    assert long >= 0.3
    assert not running()
