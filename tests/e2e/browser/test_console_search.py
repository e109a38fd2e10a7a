"""« Chercher » in a real Chromium: by keyboard, without scripts, in both colours, on a small screen."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.console import Opening, pages

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(browser: Browser, console: str) -> Iterator[Opening]:
    with pages(browser, console, 20_000) as show:
        yield partial(show, "chercher")


def test_it_works_by_keyboard_and_parts_come_by_themselves(opened: Opening) -> None:
    page = opened()
    expect(page.get_by_role("link", name="Chercher", exact=True)).to_have_attribute("aria-current", "page")
    page.get_by_label("Mots à chercher").focus()
    page.keyboard.type("ECOLE adresse")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"chercher\?q=ECOLE\+adresse"))
    table = page.get_by_role("table", name="Phrases d'entrainement du modèle publié")
    expect(table.locator("mark").first).to_be_visible(timeout=20_000)
    assert {text.lower().replace("é", "e") for text in table.locator("mark").all_text_contents()} == {"ecole", "adresse"}
    expect(page.get_by_role("heading", name="Liens des réponses")).to_be_visible(timeout=30_000)
    region = page.get_by_role("region", name="Phrases d'entrainement du modèle publié")
    region.focus()
    page.keyboard.press("End")
    for _ in range(100):  # the policy forbids the evaluation that waiting for a function needs
        if region.evaluate("element => element.scrollTop"):
            break
        page.wait_for_timeout(50)
    assert region.evaluate("element => element.scrollTop") > 0


def test_it_works_without_scripts(opened: Opening) -> None:
    page = opened(java_script_enabled=False)
    page.get_by_label("Sujet").select_option("mot_de_passe")
    page.get_by_role("button", name="Chercher").click()
    while page.get_by_role("link", name="Recharger").count():
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Recharger").click()
    expect(page.get_by_role("heading", name="Phrases de test")).to_be_visible()
    page.get_by_role("link", name="Contrôler les données").click()
    while page.get_by_role("link", name="Recharger").count():
        page.wait_for_timeout(500)
        page.get_by_role("link", name="Recharger").click()
    expect(page.get_by_role("heading", name="Liens des réponses")).to_be_visible()
    page.get_by_role("link", name="Revenir").click()
    expect(page.get_by_label("Mots à chercher")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_it_is_accessible_and_breaks_no_rule(
    opened: Opening, check_axe: Callable[[Page], None], colours: str, width: int
) -> None:
    page = opened(color_scheme=colours, viewport={"width": width, "height": 800})
    page.goto("/console/chercher?q=mot+passe")
    expect(page.get_by_role("heading", name="Phrases de test")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("heading", name="Liens des réponses")).to_be_visible(timeout=30_000)
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/console/chercher/controles")
    expect(page.get_by_role("heading", name="Liens des réponses")).to_be_visible()
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("violations") == []
