"""Conversations with the widget in the demo page, with the real assistant behind."""

import json
import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser.widget import answering, answers, launcher, log, opened, panel, question, say

pytestmark = pytest.mark.slow
MENU = [{"title": f"Sujet {number}", "payload": f"/sujet_{number}"} for number in range(7)]


def test_a_lost_password_by_words_and_button(page: Page) -> None:
    opened(page)
    expect(question(page)).to_be_focused()
    say(page, "on a perdu le mdp de la bma")
    expect(answers(page, 1)).to_contain_text("MODE")
    panel(page).get_by_role("button", name="Non, pas connu dans MODE").click()
    expect(answers(page, 2).nth(1)).to_contain_text("formulaire")
    expect(question(page)).to_be_focused()
    said = log(page).locator(".user .said")
    assert said.all_text_contents() == ["on a perdu le mdp de la bma", "Non, pas connu dans MODE"]


def test_it_says_at_once_that_it_is_automatic(page: Page) -> None:
    opened(page)
    expect(panel(page).get_by_role("heading")).to_have_text("Assistant automatique BMA")
    expect(panel(page)).to_contain_text("Vous écrivez à un assistant automatique")
    expect(panel(page).get_by_role("link", name="support@etnic.be")).to_have_attribute("href", "mailto:support@etnic.be")
    expect(panel(page).get_by_role("link", name="+32 (0)2/800.10.10")).to_have_attribute("href", "tel:+3228001010")


# Keyboard


def tab_to(page: Page, role: str, name: str) -> None:
    target = page.get_by_role(role, name=name)  # type: ignore[arg-type]
    for _ in range(40):
        page.keyboard.press("Tab")
        if target.evaluate("element => element.getRootNode().activeElement === element"):
            return
    raise AssertionError(f"{role} {name!r} is not reached by Tab")


def test_a_whole_conversation_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    tab_to(page, "button", "Une question sur la BMA ?")
    page.keyboard.press("Enter")
    expect(question(page)).to_be_focused()
    page.keyboard.type("mot de passe de la bma perdu")
    page.keyboard.press("Enter")
    answers(page, 1)
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.get_by_role("button", name="Oui, connu dans MODE").evaluate("e => e.getRootNode().activeElement === e"):
            break
    page.keyboard.press("Space")
    expect(answers(page, 2).nth(1)).to_contain_text("formulaire")
    expect(question(page)).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        href = page.evaluate("document.querySelector('bma-chat').shadowRoot.activeElement?.getAttribute('href')")
        if href and href.startswith("http"):
            break
    assert "enseignement.be" in href
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    expect(launcher(page)).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_launcher_opens_with_both_keys_of_a_button(page: Page, key: str) -> None:
    page.goto("/")
    launcher(page).focus()
    page.keyboard.press(key)
    expect(question(page)).to_be_focused()


def test_escape_from_anywhere_and_the_cross_close(page: Page) -> None:
    opened(page)
    page.get_by_role("button", name="Effacer la conversation").focus()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()
    launcher(page).click()
    page.get_by_role("button", name="Fermer la discussion").click()
    expect(launcher(page)).to_be_focused()
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")


def test_nothing_in_a_closed_panel_takes_the_focus(page: Page) -> None:
    opened(page)
    page.keyboard.press("Escape")
    focusable = page.evaluate("document.querySelector('bma-chat').shadowRoot.querySelectorAll('a,button,textarea,input').length")
    assert focusable == 1


def test_on_a_small_screen_the_focus_stays_where_it_is_seen(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    opened(page)
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") == "bma-chat"


def test_the_launcher_is_a_link_that_opens_in_another_tab_too(page: Page) -> None:
    page.goto("/")
    assert launcher(page).get_attribute("href") == page.evaluate("location.origin") + "/assistant"
    with page.context.expect_page() as other:
        launcher(page).click(modifiers=["Control"])
    expect(other.value).to_have_url(re.compile("/assistant$"))
    expect(panel(page)).to_have_count(0)


# Typing


def test_shift_enter_breaks_the_line_and_enter_while_composing_does_not_send(page: Page) -> None:
    opened(page)
    question(page).type("une ligne")
    question(page).press("Shift+Enter")
    question(page).type("une autre")
    question(page).evaluate(
        "e => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(question(page)).to_have_value("une ligne\nune autre")
    expect(log(page).locator(".user")).to_have_count(0)


def test_a_counter_from_80_percent_and_a_limit_that_keeps_the_text(page: Page) -> None:
    opened(page)
    count = page.locator("bma-chat #count")
    question(page).fill("a" * 399)
    expect(count).to_be_empty()
    question(page).fill("a" * 400)
    expect(count).to_have_text("400 caractères sur 500")
    question(page).fill("a" * 10_000)
    question(page).press("Enter")
    expect(panel(page).get_by_role("alert")).to_contain_text("le maximum est 500")
    expect(question(page)).to_have_attribute("aria-invalid", "true")
    assert len(question(page).input_value()) == 10_000
    expect(log(page).locator(".user")).to_have_count(0)


def test_an_empty_message_is_not_sent(page: Page) -> None:
    opened(page)
    say(page, "   ")
    expect(panel(page).get_by_role("alert")).to_have_text("Écrivez d’abord votre question.")


# Choices


def test_old_choices_stay_readable_and_those_of_mode_usable(page: Page) -> None:
    opened(page)
    panel(page).get_by_role("button", name="Problème technique ou contact").click()
    answers(page, 1)
    say(page, "mot de passe de la bma perdu")
    answers(page, 2)
    panel(page).get_by_role("button", name="Je ne sais pas").click()
    answers(page, 3)
    prepare = panel(page).get_by_role("button", name="Préparer un mail au support")
    expect(prepare).to_be_visible()
    expect(prepare).to_be_disabled()
    panel(page).get_by_role("button", name="Oui, connu dans MODE").first.click()
    expect(answers(page, 4).nth(3)).to_contain_text("EDU perso")


def test_at_most_five_choices_at_once(page: Page) -> None:
    answering(page, {"text": "De quoi s’agit-il ?", "buttons": MENU})
    opened(page)
    say(page, "bonjour")
    choices = answers(page, 1).get_by_role("button")
    assert choices.all_inner_texts() == ["Sujet 0", "Sujet 1", "Sujet 2", "Sujet 3", "Autres choix"]
    choices.last.press("Enter")
    assert choices.all_inner_texts() == [each["title"] for each in MENU]
    expect(choices.nth(4)).to_be_focused()


def test_a_payload_is_sent_and_its_title_shown(page: Page) -> None:
    sent: list[str] = []

    def handle(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}")["message"])
        route.fulfill(json=[{"text": "Choisissez.", "buttons": MENU[:2]}])

    page.route("**/webhooks/rest/webhook", handle)
    opened(page)
    say(page, "bonjour")
    answers(page, 1).get_by_role("button", name="Sujet 1").click()
    answers(page, 2)
    assert sent == ["bonjour", "/sujet_1"]
    assert log(page).locator(".user .said").all_text_contents() == ["bonjour", "Sujet 1"]


def test_a_prepared_request_opens_the_mail_program(page: Page) -> None:
    opened(page)
    for number, step in enumerate(
        ["Problème technique ou contact", "Préparer un mail au support", "Je ne l’ai pas sous la main", "Accès à la boite"], 1
    ):
        panel(page).get_by_role("button", name=step).click()
        answers(page, number)
    link = panel(page).get_by_role("link", name="Ouvrir dans ma messagerie")
    href = link.get_attribute("href") or ""
    assert href.startswith("mailto:support@etnic.be?subject=BMA")
    assert "%0D%0A" in href
    assert link.get_attribute("target") is None


# Links


def test_where_links_open(page: Page) -> None:
    here = "http://127.0.0.1/ailleurs"
    answering(page, {"text": f"Ici {here} puis https://exemple.be/a et https://exemple.be/b.pdf"})
    opened(page)
    say(page, "bonjour")
    links = answers(page, 1).get_by_role("link")
    assert [link.get_attribute("target") for link in links.all()] == [None, "_blank", "_blank"]
    assert links.all_inner_texts() == [
        here,
        "https://exemple.be/a (nouvelle fenêtre)",
        "https://exemple.be/b.pdf (nouvelle fenêtre)",
    ]
    assert links.nth(1).get_attribute("rel") == "noopener noreferrer"


def test_the_webmail_of_the_page_is_text(page: Page) -> None:
    opened(page)
    panel(page).get_by_role("button", name="Où lire les mails de la BMA").click()
    said = answers(page, 1)
    expect(said).to_contain_text("https://www.webmail@adm.cfwb.be")
    assert not [href for link in said.get_by_role("link").all() if "webmail" in (href := link.get_attribute("href") or "")]


# What is kept


def stored(page: Page) -> list[object]:
    return page.evaluate("[document.cookie, localStorage.length, sessionStorage.length, history.state]")


def test_nothing_is_stored_before_the_first_opening(page: Page) -> None:
    page.goto("/")
    launcher(page).focus()
    assert stored(page) == ["", 0, 0, None]
    assert page.context.cookies() == []
    launcher(page).click()
    say(page, "bonjour")
    answers(page, 1)
    assert stored(page) == ["", 0, 1, None]
    assert page.context.cookies() == []


def test_a_conversation_follows_through_the_pages_of_the_site(page: Page) -> None:
    opened(page)
    say(page, "quelle est la capacité de la boite ?")
    answers(page, 1)
    question(page).type("et pour")
    page.goto("/?autre=page")
    expect(answers(page, 1)).to_contain_text("25 fois")
    expect(question(page)).to_have_value("et pour")
    expect(question(page)).not_to_be_focused()
    page.keyboard.press("Escape")
    panel(page).get_by_role("button", name="Fermer la discussion").click()
    page.reload()
    launcher(page).wait_for()
    expect(panel(page)).to_have_count(0)
    launcher(page).click()
    expect(answers(page, 1)).to_contain_text("25 fois")


def test_another_tab_has_another_conversation(page: Page) -> None:
    opened(page)
    say(page, "bonjour")
    answers(page, 1)
    other = opened(page.context.new_page())
    expect(other.locator("bma-chat .bot")).to_have_count(0)


def test_after_30_idle_minutes_it_is_forgotten(page: Page) -> None:
    page.clock.install()
    opened(page)
    say(page, "bonjour")
    answers(page, 1)
    page.clock.fast_forward("29:00")
    expect(panel(page)).to_be_visible()
    page.clock.fast_forward("01:01")
    expect(panel(page)).to_have_count(0)
    assert stored(page) == ["", 0, 0, None]
    expect(launcher(page)).to_be_focused()


# Announcements


def test_regions_are_there_before_what_comes_into_them_and_none_is_nested(page: Page) -> None:
    opened(page)
    expect(log(page)).to_have_attribute("aria-live", "polite")
    expect(log(page)).to_be_empty()
    nested = "[role=log],[role=status],[role=alert],[aria-live]"
    assert page.locator(f"bma-chat :is({nested}) :is({nested})").count() == 0
    assert panel(page).get_by_role("status").count() == 1
    assert panel(page).get_by_role("alert").count() == 1


def test_what_was_said_before_is_not_announced_again(page: Page) -> None:
    page.clock.install()
    opened(page)
    say(page, "bonjour")
    answers(page, 1)
    page.goto("/")
    answers(page, 1)
    page.clock.pause_at(datetime.now() + timedelta(minutes=1))  # what comes only 100 ms later is waited for
    page.reload()
    expect(log(page)).to_have_attribute("aria-live", "off")
    answers(page, 1)
    page.clock.run_for(1000)
    expect(log(page)).to_have_attribute("aria-live", "polite")


def test_each_message_says_who_speaks_and_the_focus_does_not_move(page: Page) -> None:
    opened(page)
    say(page, "bonjour")
    answers(page, 1)
    assert log(page).locator(".who").all_text_contents() == ["Vous", "Assistant"]
    expect(question(page)).to_be_focused()


def test_targets_are_large_enough(page: Page) -> None:
    opened(page)
    say(page, "mot de passe de la bma perdu")
    answers(page, 1)
    for target in panel(page).locator("button, textarea").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
    close = page.get_by_role("button", name="Fermer la discussion").bounding_box()
    assert close is not None
    assert min(close["width"], close["height"]) >= 44


def test_no_animation_for_those_who_want_none(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page)
    assert page.evaluate("document.querySelector('bma-chat').shadowRoot.getAnimations().length") == 0


def test_the_site_gives_its_colours(page: Page) -> None:
    opened(page)
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("bma-chat { --bma-accent: rgb(1, 2, 3); --bma-head: rgb(4, 5, 6); --bma-font-size: 20px }");
            document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
        }"""
    )
    colour = "e => getComputedStyle(e).backgroundColor"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.get_by_role("button", name="Envoyer").evaluate(colour) == "rgb(1, 2, 3)"
        assert page.locator("bma-chat .head").evaluate(colour) == "rgb(4, 5, 6)"
    assert question(page).evaluate("e => getComputedStyle(e).fontSize") == "20px"


def test_a_site_without_dark_mode_keeps_the_widget_light(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    opened(page)
    background = "e => getComputedStyle(e).backgroundColor"
    assert panel(page).evaluate(background) == "rgb(21, 27, 34)"
    page.evaluate("document.querySelector('bma-chat').setAttribute('theme', 'light')")
    assert panel(page).evaluate(background) == "rgb(255, 255, 255)"


def test_a_focused_element_is_not_under_the_launcher(page: Page) -> None:
    page.goto("/")
    launcher(page).wait_for()
    assert page.evaluate("getComputedStyle(document.documentElement).scrollPaddingBottom") != "auto"
    page.set_viewport_size({"width": 320, "height": 256})
    assert launcher(page).evaluate("e => getComputedStyle(e).position") == "static"
