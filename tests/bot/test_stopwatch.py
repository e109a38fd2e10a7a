"""Steps of a turn are timed, each without those inside it; nobody asking, nothing is."""

import asyncio
import time

import pytest

from bot.stopwatch import Stopwatch, running, step


def test_an_inner_step_is_taken_out_of_the_outer_one() -> None:
    with Stopwatch() as watch:
        for _ in range(2):
            with step("dialogue"):
                time.sleep(0.01)
                with step("actions"):
                    time.sleep(0.03)
                    with step("commit"):
                        time.sleep(0.02)
                with step("actions"):
                    time.sleep(0.01)
    assert set(watch.seconds) == {"dialogue", "actions", "commit"}
    assert watch.seconds["dialogue"] == pytest.approx(0.02, abs=0.015)
    assert watch.seconds["actions"] == pytest.approx(0.08, abs=0.02)
    assert watch.seconds["commit"] == pytest.approx(0.04, abs=0.015)


def test_a_step_that_fails_is_timed_and_the_next_one_is_right() -> None:
    with Stopwatch() as watch:
        with pytest.raises(ValueError), step("nlu"):
            raise ValueError
        with step("commit"):
            pass
    assert list(watch.seconds) == ["nlu", "commit"]


def test_without_a_stopwatch_nothing_is_timed() -> None:
    assert not running()
    with step("nlu"):
        assert not running()


async def test_turns_at_the_same_time_have_their_own() -> None:
    async def turn(seconds: float) -> float:
        with Stopwatch() as watch, step("nlu"):
            await asyncio.sleep(seconds)
        return watch.seconds["nlu"]

    short, long = await asyncio.gather(turn(0.01), turn(0.1))
    assert 0.01 <= short < 0.09 <= long
    assert not running()
