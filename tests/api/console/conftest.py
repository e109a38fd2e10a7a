"""A server whose console has an account of each role, on each database."""

from collections.abc import Iterator

import pytest

from tests.api.console.people import add_people
from tests.databases import KINDS, migrated
from tests.servers import assistant


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with migrated(request.param, tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture(scope="module")
def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = {"BMA_DATABASE_URL": database, "BMA_SECRET_KEY": "k" * 32, "BMA_TRUSTED_PROXIES": "127.0.0.1"}
    with assistant(tmp_path_factory.mktemp("server"), settings) as url:
        add_people(database)
        yield url
