"""One browser and one server for all tests of this folder; each test has its own empty browser profile."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.api.console.people import staffed
from tests.e2e.browser.chromium import CHROMIUM, chromium, missing, node_modules
from tests.servers import assistant


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not os.access(CHROMIUM, os.X_OK):
        missing(CHROMIUM, "apt-get install chromium")
    with chromium() as found:
        yield found


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with assistant(tmp_path_factory.mktemp("browser"), {"BMA_RATE_LIMIT": "20,100000"}) as url:
        yield url


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that has an account of each role."""
    folder = tmp_path_factory.mktemp("console")
    with staffed(folder) as url:
        yield url


@pytest.fixture
def context(browser: Browser, server: str) -> Iterator[BrowserContext]:
    found = browser.new_context(base_url=server, locale="fr-BE")
    found.set_default_timeout(10_000)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture(scope="package")
def axe() -> str:
    """Source of axe-core."""
    return (node_modules() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def check_axe(axe: str) -> Callable[[Page], None]:
    def check(page: Page) -> None:
        from tests.e2e.browser.accessibility import findings

        assert findings(page, axe) == []

    return check


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("widget")
