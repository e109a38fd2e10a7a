"""The 300th message of a conversation costs what the 20th does, on both databases."""

import asyncio
from pathlib import Path

import pytest

from bench.conversation import ratio, times
from tests.conversing import project_model
from tests.databases import KINDS, migrated

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_conversation_costs_no_more_than_a_short_one(kind: str, tmp_path: Path) -> None:
    with migrated(kind, tmp_path) as url:
        assert min(ratio(asyncio.run(times(url, project_model(), senders=3)))[2] for _ in range(2)) <= 1.2
