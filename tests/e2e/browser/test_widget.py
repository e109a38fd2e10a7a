"""Conversations with the widget in the demo page, with the real assistant behind."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.widget import answers, opened, panel, question, say

pytestmark = pytest.mark.slow


def test_a_lost_password_by_words_and_button(page: Page) -> None:
    opened(page)
    expect(question(page)).to_be_focused()
    say(page, "on a perdu le mdp de la bma")
    expect(answers(page, 1)).to_contain_text("MODE")
    panel(page).get_by_role("button", name="Non, pas connu dans MODE").click()
    expect(answers(page, 2).nth(1)).to_contain_text("formulaire")
    expect(question(page)).to_be_focused()
