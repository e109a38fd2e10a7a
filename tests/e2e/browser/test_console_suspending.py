"""« Suspendre » in a real Chromium: from the console to the widget and the page, by keyboard, without scripts, and for axe."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.console import Opening, pages
from tests.e2e.browser.widget import answers, opened, say

pytestmark = pytest.mark.slow
TITLE = "Capacité de la boite"
QUESTION = "quelle est la capacité de la boite"
FACT = re.compile("25 fois")
NOTICE = re.compile("pas disponible pour le moment|je ne peux pas donner cette réponse")
REASON = "La page officielle change ce soir."


@pytest.fixture
def shown(browser: Browser, console: str) -> Iterator[Opening]:
    with pages(browser, console, 10_000) as show:
        yield partial(show, "suspendre", "publicateur")


def switch(page: Page, verb: str, reason: str = REASON) -> None:
    """By keyboard alone, from the row's control."""
    page.get_by_role("row", name=re.compile(TITLE)).locator("summary", has_text=verb).press("Enter")
    field = page.get_by_label(f"Pourquoi {verb.lower()} « {TITLE} »")
    expect(field).to_be_visible()
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.type(reason)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("C'est fait.")


def asked(browser: Browser, console: str) -> tuple[str, str]:
    """What somebody new is answered in the widget, and on the page without JavaScript."""
    context = browser.new_context(base_url=console, locale="fr-BE")
    page = opened(context.new_page())
    say(page, QUESTION)
    page.locator("bma-chat .user").wait_for()
    in_widget = answers(page, 1).last.inner_text()
    context.close()
    context = browser.new_context(base_url=console, locale="fr-BE", java_script_enabled=False)
    page = context.new_page()
    page.goto("/assistant")
    page.get_by_role("textbox").fill(QUESTION)
    page.get_by_role("button", name="Envoyer").click()
    on_page = page.locator("main").inner_text()
    context.close()
    return in_widget, on_page


def test_the_story_from_the_console_to_users_and_back(
    browser: Browser, console: str, shown: Opening, check_axe: Callable[[Page], None]
) -> None:
    page = shown()
    expect(page.get_by_text("Rien n'a encore été suspendu.")).to_be_visible()
    assert all(FACT.search(text) for text in asked(browser, console))
    switch(page, "Suspendre")
    expect(page.get_by_role("row", name=re.compile(TITLE))).to_contain_text(f"par publicateur : {REASON}")
    check_axe(page)
    for text in asked(browser, console):
        assert NOTICE.search(text)
        assert not FACT.search(text)
        assert "support@etnic.be" in text
    page.goto("/console/")
    page.get_by_role("textbox", name="Question de l'utilisateur").fill(QUESTION)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_text("Réponse suspendue : utter_capacite")).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name="Suspendre", exact=True).click()
    switch(page, "Rétablir", "La page est à jour.")
    assert all(FACT.search(text) for text in asked(browser, console))
    history = page.get_by_role("table", name="Historique")
    expect(history.get_by_role("cell", name=REASON)).to_be_visible()
    expect(history.get_by_role("cell", name="La page est à jour.")).to_be_visible()
    assert page.evaluate("window.violations") == []


def test_a_reason_is_needed_and_everything_works_without_javascript(shown: Opening) -> None:
    page = shown(java_script_enabled=False)
    cell = page.get_by_role("row", name=re.compile(TITLE))
    cell.locator("summary", has_text="Suspendre").click()
    cell.get_by_role("button", name="Suspendre maintenant").click()
    expect(page).to_have_url(re.compile("suspendre$"))  # the browser asks for the reason
    expect(cell.get_by_role("textbox")).to_be_focused()
    cell.get_by_role("textbox").fill(REASON)
    cell.get_by_role("button", name="Suspendre maintenant").click()
    expect(page.get_by_text("Ce serveur ne donne plus cette réponse")).to_be_visible()
    cell.locator("summary", has_text="Rétablir").click()
    cell.get_by_role("textbox").fill("fini")
    cell.get_by_role("button", name="Rétablir maintenant").click()
    expect(page.get_by_text("Ce serveur donne de nouveau cette réponse")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_it_is_accessible_and_fits(shown: Opening, check_axe: Callable[[Page], None], colours: str, width: int) -> None:
    page = shown(color_scheme=colours, viewport={"width": width, "height": 800})
    check_axe(page)
    for summary in page.locator("main summary").all():
        summary.click()
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("window.violations") == []
