"""axe-core finds nothing, in every state, size and colour scheme."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser.accessibility import findings
from tests.e2e.browser.widget import answers, failing, launcher, opened, panel, question, say

pytestmark = pytest.mark.slow


def closed(page: Page) -> None:
    page.goto("/")
    launcher(page).wait_for()


def open_and_empty(page: Page) -> None:
    opened(page)


def with_buttons(page: Page) -> None:
    opened(page)
    say(page, "problème technique")
    answers(page, 1)
    say(page, "mot de passe de la bma perdu")
    answers(page, 2)


def with_an_answer(page: Page) -> None:
    opened(page)
    say(page, "quelle est la capacité de la boite ?")
    answers(page, 1)


def asking_why(page: Page) -> None:
    page.route("**/w/feedback", lambda route: route.fulfill(status=204))
    with_an_answer(page)
    panel(page).get_by_role("button", name="Non").click()
    panel(page).get_by_role("textbox", name="Que manque-t-il ?").wait_for()


def busy(page: Page) -> None:
    failing(page, lambda _route: None)
    opened(page)
    say(page, "bonjour")
    expect(panel(page).get_by_role("status")).not_to_be_empty()


def in_error(page: Page) -> None:
    failing(page, lambda route: route.fulfill(status=500))
    opened(page)
    say(page, "bonjour")
    page.get_by_role("button", name="Réessayer").wait_for()


def too_long(page: Page) -> None:
    opened(page)
    question(page).fill("a" * 600)
    question(page).press("Enter")
    expect(panel(page).get_by_role("alert")).not_to_be_empty()


def offline(page: Page) -> None:
    opened(page)
    page.context.set_offline(True)
    say(page, "bonjour")
    page.get_by_role("button", name="Réessayer").wait_for()


def page_empty(page: Page) -> None:
    page.goto("/assistant")


def page_with_a_conversation(page: Page) -> None:
    page.goto("/assistant")
    for words in ("problème technique", "mot de passe de la bma perdu"):
        page.get_by_role("textbox", name="Votre question").fill(words)
        page.get_by_role("button", name="Envoyer").click()


def page_in_error(page: Page) -> None:
    page.goto("/assistant")
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_role("alert").wait_for()


STATES = [
    closed,
    open_and_empty,
    with_buttons,
    with_an_answer,
    asking_why,
    busy,
    in_error,
    too_long,
    offline,
    page_empty,
    page_with_a_conversation,
    page_in_error,
]
LOOKS: dict[str, dict] = {
    "bureau": {"viewport": {"width": 1280, "height": 800}},
    "640x512": {"viewport": {"width": 640, "height": 512}},
    "320x256": {"viewport": {"width": 320, "height": 256}},
    "telephone sombre": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    "couleurs forcees": {"viewport": {"width": 1280, "height": 800}, "forced_colors": "active"},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(browser: Browser, server: str, axe: str, state: Callable[[Page], None], look: str) -> None:
    context = browser.new_context(base_url=server, locale="fr-BE", reduced_motion="reduce", **LOOKS[look])
    page = context.new_page()
    state(page)
    assert findings(page, axe) == []
    context.close()


def test_axe_would_find_something(page: Page, axe: str) -> None:
    """That the tests above can fail."""
    opened(page)
    page.evaluate("document.querySelector('bma-chat').shadowRoot.querySelector('.close').removeAttribute('aria-label')")
    page.evaluate("document.querySelector('bma-chat').shadowRoot.querySelector('.close').removeAttribute('title')")
    assert any("button-name" in finding for finding in findings(page, axe))


@pytest.mark.parametrize(
    "state", [open_and_empty, with_buttons, in_error, page_with_a_conversation], ids=lambda state: state.__name__
)
@pytest.mark.parametrize("size", [(320, 256), (640, 512)])
def test_nothing_scrolls_sideways_at_400_percent(page: Page, state: Callable[[Page], None], size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    state(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if state is not page_with_a_conversation:
        assert panel(page).evaluate("e => e.scrollWidth <= e.clientWidth")
        for name in ("Fermer la discussion", "Envoyer", "Effacer la conversation"):
            target = page.get_by_role("button", name=name)
            target.scroll_into_view_if_needed()
            expect(target).to_be_in_viewport()


def test_more_space_in_the_text_cuts_nothing(page: Page) -> None:
    """WCAG 1.4.12: the site's user may space lines, letters and words; the widget inherits it."""
    with_buttons(page)
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("* {line-height:1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important}");
            document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
            const root = document.querySelector("bma-chat").shadowRoot;
            root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
        }"""
    )
    cut = page.evaluate(
        """[...document.querySelector("bma-chat").shadowRoot.querySelectorAll("button, .message, h2, p")]
            .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1).map(e => e.className)"""
    )
    assert cut == []
