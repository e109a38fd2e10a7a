"""« Sigles » in a real Chromium: by keyboard, without scripts, in both colours, on a small screen."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.console import Opening, pages

pytestmark = pytest.mark.slow
LONG = 60_000
"""Milliseconds that counting may take on a busy machine."""


@pytest.fixture
def opened(browser: Browser, console: str) -> Iterator[Opening]:
    with pages(browser, console, 30_000) as show:
        yield partial(show, "sigles")


def test_it_works_by_keyboard_and_counts_come_by_themselves(opened: Opening) -> None:
    page = opened()
    expect(page.get_by_role("link", name="Sigles", exact=True)).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("table", name="Autres sigles des phrases d'entrainement")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Les phrases se comptent")).to_have_count(0)
    page.get_by_label("Abréviation, sigle ou mot").focus()
    page.keyboard.type("MDP")
    page.keyboard.press("Enter")
    row = page.get_by_role("table", name="Abréviations").get_by_role("row", name="mdp mot de passe")
    expect(row).to_be_visible()
    assert int(row.get_by_role("cell").last.inner_text()) > 50
    page.goto("/console/sigles?q=ceb")
    expect(page.get_by_role("row", name="CEB hors_sujet")).to_be_visible()
    expect(page.get_by_role("table", name="Abréviations")).to_have_count(0)
    assert page.evaluate("window.violations") == []


def test_it_works_without_scripts(opened: Opening) -> None:
    page = opened(java_script_enabled=False)
    while page.get_by_role("link", name="Recharger").count():
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Recharger").click()
    page.get_by_label("Abréviation, sigle ou mot").fill("pouvoir")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("table", name="Mots repérés").get_by_role("rowheader", name="po", exact=True)).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_it_is_accessible_and_breaks_no_rule(
    opened: Opening, check_axe: Callable[[Page], None], colours: str, width: int
) -> None:
    page = opened(color_scheme=colours, viewport={"width": width, "height": 800})
    check_axe(page)  # whether it is counted or not
    expect(page.get_by_text("Les phrases se comptent")).to_have_count(0, timeout=LONG)
    check_axe(page)
    page.goto("/console/sigles?q=passe")
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("window.violations") == []
