"""A store on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage import Store, open_store
from tests.databases import KINDS, migrated


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    with migrated(request.param, tmp_path / "sous/dossier") as url:
        found = open_store(url, pool=4, wait=15)
        yield found
        await found.close()
