"""Hostile answers and inputs are shown as text; nothing runs, no link leads where it must not."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.widget import answering, answers, log, opened, question, say

pytestmark = pytest.mark.slow
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<style>*{display:none}</style><iframe src=//exemple.be>",
    "[cliquez](javascript:alert(1)) [ici](data:text/html,<script>alert(1)</script>) [là](vbscript:x)",
    "[https://banque.be](https://exemple.be) https://banque.be@exemple.be **[x](javascript:x)**",
    "3 < 5, 2 * 3 * 4, a_b_c, ${7*7} {{7*7}} {% x %}",
    "\u202eesrevni ‮ \u2066bidi\u2069 שלום مرحبا",
    "z̷̢̛͎̲̠̈́̂ä" * 50,
    "<bma-chat></bma-chat></textarea></div>'\"--><svg/onload=alert(1)>",
]


@pytest.fixture
def alarms(page: Page) -> list[str]:
    """Dialogs, and errors of scripts: there must be none."""
    found: list[str] = []
    page.on("dialog", lambda dialog: (found.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_answer(page: Page, alarms: list[str], text: str) -> None:
    answering(page, {"text": text, "buttons": [{"title": text, "payload": "/x"}, {"title": text, "url": "javascript:alert(1)"}]})
    opened(page)
    say(page, "bonjour")
    said = answers(page, 1)
    shown = said.locator("p:not(.who)").all_inner_texts()
    assert "".join(shown).replace("\u00a0", " ").strip() == text.replace("**[x](javascript:x)**", "[x](javascript:x)").strip()
    assert [link.get_attribute("href") for link in said.get_by_role("link").all()] == []
    tags = said.evaluate("e => [...new Set([...e.querySelectorAll('*')].map(each => each.localName))].sort()")
    assert set(tags) <= {"p", "ul", "li", "button", "span", "strong"}
    assert alarms == []


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_question(page: Page, alarms: list[str], text: str) -> None:
    text = text[:400]
    opened(page)
    say(page, text)
    answers(page, 1)
    mine = log(page).locator(".user .said")
    assert mine.text_content() == text
    assert mine.evaluate("e => e.children.length") == 0
    page.reload()
    answers(page, 1)
    assert mine.text_content() == text
    assert alarms == []


@pytest.mark.parametrize("text", ["a" * 10_000, "mot " * 2_500, "<b>" * 3_333, "https://exemple.be/" + "a" * 9_000])
def test_a_very_long_answer_stays_in_its_panel(page: Page, text: str) -> None:
    answering(page, {"text": text})
    opened(page)
    say(page, "bonjour")
    said = answers(page, 1)
    assert said.evaluate("e => e.scrollWidth <= e.clientWidth")
    expect(question(page)).to_be_in_viewport()


def test_what_the_tab_remembers_cannot_be_spoiled(page: Page, alarms: list[str]) -> None:
    page.goto("/")
    for spoiled in ("{", "null", "[]", '{"entries": 3}', '{"id": "x", "at": 1, "open": true, "entries": []}'):
        page.evaluate("text => sessionStorage.setItem('bma-chat', text)", spoiled)
        opened(page)
        expect(question(page)).to_be_visible()
    assert alarms == []
