"""The 300th message of a conversation costs what the 20th does, on both databases."""

import asyncio
from pathlib import Path

import pytest

from bench.conversation import ratio, times
from tests.conversing import project_model
from tests.databases import KINDS, migrated

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("remember", [True, False], ids=["remembered", "read"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_long_conversation_costs_no_more_than_a_short_one(kind: str, remember: bool, tmp_path: Path) -> None:
    with migrated(kind, tmp_path) as url:
        costs = (asyncio.run(times(url, project_model(), senders=3, remember=remember)) for _ in range(2))
        assert min(ratio(each)[2] for each in costs) <= 1.2
