"""What nobody expected: a French sentence with a reference, also for another site and for a browser."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from api.security import POLICY
from api.settings import Settings

SITE = "https://ecole.example"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(_env_file=None, allowed_origins=SITE))

    @app.get("/page/casse")
    async def broken() -> None:
        raise RuntimeError("MESSAGE SECRET")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://assistant.example") as found:
        yield found


async def test_another_site_can_read_the_error(client: httpx.AsyncClient) -> None:
    answer = await client.get("/page/casse", headers={"Origin": SITE})
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == SITE
    assert re.search(r"référence [0-9a-f]{8}", answer.json()["message"])


@pytest.mark.parametrize(("path", "status"), [("/page/casse", 500), ("/page/rien", 404)])
async def test_a_browser_gets_a_page(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path, headers={"Accept": "text/html,*/*"})
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == POLICY
    assert "support@etnic.be" in answer.text
    assert 'href="../w/page.css' in answer.text
    assert "SECRET" not in answer.text
