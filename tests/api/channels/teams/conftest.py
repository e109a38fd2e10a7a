from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.channels.teams.microsoft import Microsoft, local_microsoft
from tests.api.channels.teams.users import Teams
from tests.servers import assistant


@pytest.fixture(scope="module")
def microsoft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Microsoft]:
    with local_microsoft(tmp_path_factory.mktemp("microsoft")) as found:
        yield found


@pytest.fixture(scope="module")
def teams(microsoft: Microsoft, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    folder: Path = tmp_path_factory.mktemp("teams")
    program = "tests.api.channels.teams.faulty"
    with (
        assistant(folder, microsoft.env, program) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=20) as client,
    ):
        yield Teams(client, microsoft, folder)
