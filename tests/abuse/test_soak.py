"""A soak of 10,000 turns (`BMA_SOAK_TURNS`); `make soak` runs 200,000."""

import os
from pathlib import Path

import pytest

from bench.soak import soak
from tests.servers import errors_in

TURNS = int(os.environ.get("BMA_SOAK_TURNS", "10000"))


@pytest.mark.slow
async def test_many_turns_leave_nothing_behind(tmp_path: Path) -> None:
    found = await soak(TURNS, tmp_path)
    assert sum(found.statuses.values()) == TURNS
    assert set(found.statuses) <= {200, 400, 413}
    assert found.statuses[200] > 0.95 * TURNS
    assert found.slowest < 15
    assert found.growth < 30  # MB, while caches fill; `make soak` allows 5 after 20,000
    assert errors_in(found.log) == []
