"""What nobody expected: a French sentence with a reference, also for another site and for a browser."""

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.errors import ApiError
from api.security import POLICY
from api.settings import Settings
from bot.agent import MessageIdReused
from bot.storage.errors import Cause, StorageError

SITE = "https://ecole.example"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(_env_file=None, allowed_origins=SITE, secret_key="k" * 32))

    @app.get("/page/casse")
    async def broken() -> None:
        raise RuntimeError("MESSAGE SECRET")

    @app.get("/page/base")
    async def storage(cause: Cause) -> None:
        raise StorageError("DETAIL SECRET", cause)

    @app.get("/page/trop")
    async def too_many() -> None:
        raise ApiError(429, "too_many", {"Retry-After": "7"}, seconds=7)

    @app.get("/page/redite")
    async def reused() -> None:
        raise MessageIdReused("m")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://assistant.example") as found:
        yield found


async def test_another_site_can_read_the_error(client: httpx.AsyncClient) -> None:
    answer = await client.get("/page/casse", headers={"Origin": SITE})
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == SITE
    assert re.search(r"référence [0-9a-f]{8}", answer.json()["message"])


@pytest.mark.parametrize(
    ("path", "status", "reason", "wait"),
    [
        ("/page/base?cause=busy", 503, "busy", "2"),
        ("/page/base?cause=unreachable", 503, "storage", "5"),
        ("/page/trop", 429, "too_many", "7"),
        ("/page/redite", 409, "message_id_reused", None),
    ],
)
async def test_who_asks_for_a_page_gets_one_and_the_others_json(
    client: httpx.AsyncClient, path: str, status: int, reason: str, wait: str | None
) -> None:
    page = await client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    for_programs = await client.get(path)
    assert for_programs.json()["reason"] == reason
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert for_programs.json()["message"] in html.unescape(page.text)
    assert "SECRET" not in page.text
    for answer in (page, for_programs):
        assert (answer.status_code, answer.headers.get("retry-after")) == (status, wait)


@pytest.mark.parametrize(("path", "status"), [("/page/casse", 500), ("/page/rien", 404)])
async def test_a_browser_gets_a_page(client: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await client.get(path, headers={"Accept": "text/html,*/*"})
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == POLICY
    assert "support@etnic.be" in answer.text
    assert 'href="../w/page.css' in answer.text
    assert "SECRET" not in answer.text


@pytest.mark.parametrize("content", ["links: [", "rendering: {}\nlinks: []\n", None])
async def test_a_wrong_table_of_links_takes_no_page_down(
    client: httpx.AsyncClient,
    content: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Pages go without the link to the official page, and the log says once what to write."""
    official = "La page officielle :"
    assert official in (await client.get("/assistant")).text
    monkeypatch.setenv("BMA_PROJECT_DIR", str(tmp_path))
    (tmp_path / "data").mkdir()
    if content is not None:
        (tmp_path / "data" / "links.yml").write_text(content)
    for path, status in (("/", 200), ("/assistant", 200), ("/page/casse", 500), ("/page/rien", 404)):
        answer = await client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == status
        assert "support@etnic.be" in answer.text
        assert official not in answer.text
    assert sum("links.yml" in record.getMessage() for record in caplog.records) == 1
