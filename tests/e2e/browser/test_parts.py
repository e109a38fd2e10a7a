"""The parts of the widget alone, in the browser: texts, links, what the tab remembers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from ruamel.yaml import YAML

from tests.answer_cases import cases, notation
from tests.e2e.browser.chromium import build
from tests.trained import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def parts(browser: Browser, server: str, folder: Path) -> Iterator[Page]:
    build(folder)
    context = browser.new_context(base_url=server, bypass_csp=True)
    page = context.new_page()
    page.goto("/assistant")
    page.add_script_tag(path=str(folder / "parts.js"))
    yield page
    context.close()


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["text"][:40])
def test_an_answer_shows_the_same_as_on_the_page(parts: Page, case: dict) -> None:
    assert notation(parts.evaluate("text => BmaParts.parseAnswer(text)", case["text"])) == case["shows"]


def test_no_text_takes_long(parts: Page) -> None:
    pieces = ["[", "**", "a@", "+32 ", "https://", "- \n", "[a](", "a.", "<"]
    slowest = parts.evaluate(
        """pieces => Math.max(...pieces.map(piece => {
            const start = performance.now();
            BmaParts.parseAnswer(piece.repeat(5000));
            return performance.now() - start;
        }))""",
        pieces,
    )
    assert slowest < 1000


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://a@exemple.be",
        "https://www.webmail@adm.cfwb.be",
        "http://",
        "//exemple.be",
        "https://exemple.be/ a",
    ],
)
def test_links_that_are_not_made(parts: Page, url: str) -> None:
    assert parts.evaluate("url => BmaParts.allowedLink(url)", url) is None


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://www.enseignement.be/x", "here"),
        ("https://enseignement.be", "here"),
        ("https://enseignement.be.exemple.be", "new"),
        ("https://fauxenseignement.be", "new"),
        ("mailto:support@etnic.be", "here"),
        ("tel:+3228001010", "here"),
    ],
)
def test_links_of_the_site_open_in_the_same_window(parts: Page, url: str, place: str) -> None:
    assert parts.evaluate("url => BmaParts.placeOf(url, ['enseignement.be'])", url) == place


def test_ids_are_random_and_long(parts: Page) -> None:
    ids = parts.evaluate("() => Array.from({length: 100}, () => BmaParts.randomId())")
    assert len(set(ids)) == 100
    assert all(len(each) == 32 for each in ids)  # 6 bits a character


def test_the_last_50_messages_are_remembered_for_30_minutes(parts: Page) -> None:
    remembered = parts.evaluate(
        """() => {
            const session = BmaParts.newSession();
            for (let i = 0; i < 60; i++) session.entries.push({who: "user", id: String(i), shown: "x", sent: "x"});
            BmaParts.remember(session);
            const kept = BmaParts.recall();
            session.at -= BmaParts.IDLE + 1;
            BmaParts.remember(session);
            return [kept.entries.length, kept.entries[0].id, BmaParts.recall(), sessionStorage.length];
        }"""
    )
    assert remembered == [50, "10", None, 0]


def test_a_browser_without_storage_is_no_error(parts: Page) -> None:
    assert parts.evaluate(
        """() => {
            const storage = Object.getOwnPropertyDescriptor(window, "sessionStorage");
            Object.defineProperty(window, "sessionStorage", {configurable: true, get() { throw new DOMException("no"); }});
            try {
                BmaParts.remember(BmaParts.newSession());
                BmaParts.forget();
                return BmaParts.recall() === null;
            } finally {
                Object.defineProperty(window, "sessionStorage", storage);
            }
        }"""
    )


def test_the_first_choices_are_those_of_the_menu(parts: Page) -> None:
    with (ROOT / "domain.yml").open(encoding="utf-8") as stream:
        menu = YAML(typ="safe", pure=True).load(stream)["responses"]["utter_aide"][0]["buttons"]
    with (ROOT / "api/pages.yml").open(encoding="utf-8") as stream:
        page = YAML(typ="safe", pure=True).load(stream)["debutants"]
    examples = parts.evaluate("() => BmaParts.examples")
    assert all(each in menu for each in examples)
    assert [{"title": each["titre"], "payload": each["payload"]} for each in page] == examples
