"""The assistant as a page: without JavaScript, with a keyboard, at 400 %, printed."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.slow


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    context = browser.new_context(base_url=server, locale="fr-BE", java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def ask(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Votre question").fill(words)
    press(page, "Envoyer")


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button).first.click()


def said(page: Page) -> list[str]:
    return page.locator(".user .said").all_text_contents()


def test_a_lost_password_by_words_and_button(page: Page) -> None:
    page.goto("/assistant")
    ask(page, "on a perdu le mdp de la bma")
    expect(page).to_have_url(re.compile("/assistant#derniere$"))
    press(page, "Non, pas connu dans MODE")
    expect(page.locator(".bot").last).to_contain_text("formulaire")
    assert said(page) == ["on a perdu le mdp de la bma", "Non, pas connu dans MODE"]
    page.reload()
    assert len(said(page)) == 2


def test_old_choices_stay_readable_and_those_of_mode_usable(page: Page) -> None:
    page.goto("/assistant")
    press(page, "Problème technique ou contact")
    ask(page, "mot de passe de la bma perdu")
    press(page, "Je ne sais pas")
    expect(page.get_by_role("button", name="Préparer un mail au support")).to_be_disabled()
    press(page, "Oui, connu dans MODE")
    expect(page.locator(".bot").last).to_contain_text("EDU perso")


def test_a_prepared_request_is_a_link_to_the_mail_program(page: Page) -> None:
    page.goto("/assistant")
    steps = "Problème technique ou contact", "Préparer un mail au support", "Je ne l’ai pas sous la main", "Accès à la boite"
    for step in steps:
        press(page, step)
    href = page.get_by_role("link", name="Ouvrir dans ma messagerie").get_attribute("href") or ""
    assert href.startswith("mailto:support@etnic.be?subject=BMA")


def test_the_webmail_of_the_page_is_text(page: Page) -> None:
    page.goto("/assistant")
    press(page, "Où lire les mails de la BMA")
    expect(page.locator(".bot")).to_contain_text("https://www.webmail@adm.cfwb.be")
    assert not [href for link in page.get_by_role("link").all() if "webmail" in (href := link.get_attribute("href") or "")]


def test_a_hostile_question_is_text(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) {{ 7*7 }}"
    page.goto("/assistant")
    ask(page, hostile)
    assert said(page) == [hostile]
    assert page.locator(".user img, .user a").count() == 0


def test_a_secret_is_shown_as_it_is_kept(page: Page) -> None:
    page.goto("/assistant")
    ask(page, "mon mot de passe est Soleil2024!, il ne marche plus")
    assert "Soleil2024!" not in page.content()


def test_the_cookie_comes_with_the_first_message_only(page: Page, server: str) -> None:
    page.goto("/assistant")
    assert page.context.cookies() == []
    ask(page, "bonjour")
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (True, "Lax", -1)
    other = page.context.browser.new_page(base_url=server)  # type: ignore[union-attr]
    other.goto("/assistant")
    assert said(other) == []
    other.context.close()


def test_erasing(page: Page) -> None:
    page.goto("/assistant")
    ask(page, "bonjour")
    press(page, "Effacer la conversation")
    expect(page.get_by_role("status")).to_have_text("La conversation est effacée.")
    assert said(page) == []
    assert page.context.cookies() == []


def test_what_cannot_be_sent_is_said_and_kept(page: Page) -> None:
    page.goto("/assistant")
    ask(page, "  ")
    expect(page.get_by_role("alert")).to_have_text("Écrivez d’abord votre question.")
    ask(page, "é" * 501)
    expect(page.get_by_role("alert")).to_contain_text("501 caractères")
    expect(page.get_by_role("textbox")).to_have_value("é" * 501)
    ask(page, "<" * 70_000)
    expect(page.get_by_role("alert")).to_contain_text("le maximum est 500")


def test_by_keyboard_alone(page: Page) -> None:
    page.goto("/assistant")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller à la question")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.get_by_role("textbox").focus()
    page.keyboard.type("mot de passe de la bma perdu")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".bot")).to_contain_text("MODE")


def test_at_400_percent_nothing_scrolls_sideways(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto("/assistant")
    ask(page, "mot de passe de la bma perdu")
    box = page.locator("html").evaluate("e => e.scrollWidth")
    assert box <= 320


def test_printed_without_its_forms(page: Page) -> None:
    page.goto("/assistant")
    ask(page, "quelle est la capacité de la boite ?")
    page.emulate_media(media="print")
    expect(page.get_by_role("textbox")).to_be_hidden()
    expect(page.locator(".bot")).to_be_visible()
    expect(page.get_by_role("link", name="support@etnic.be")).to_be_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_too_many_messages_a_minute(page: Page) -> None:
    page.goto("/assistant")
    for number in range(21):
        ask(page, f"bonjour {number}")
    expect(page.get_by_role("alert")).to_contain_text("trop de messages")
    expect(page.get_by_role("textbox")).to_have_value("bonjour 20")
    assert len(said(page)) == 20
