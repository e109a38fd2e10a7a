"""Opinions and erasure: what the widget asks, and what the real server then does."""

import json
import time

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser.widget import answers, log, opened, panel, question, say
from tests.servers import TOKEN

pytestmark = pytest.mark.slow


@pytest.fixture
def asked(page: Page) -> list[tuple[str, str, dict]]:
    """What the widget asks of the two routes, which do not reach the server."""
    found: list[tuple[str, str, dict]] = []

    def handle(route: Route) -> None:
        path = route.request.url.split("/w/")[1]
        found.append((route.request.method, path, json.loads(route.request.post_data or "{}")))
        route.fulfill(status=204)

    page.route("**/w/feedback", handle)
    page.route("**/w/conversations/*", handle)
    return found


def sent(page: Page, asked: list[tuple[str, str, dict]], count: int) -> list[tuple[str, str, dict]]:
    """What was asked, once so much was: the widget thanks before its request has left."""
    limit = time.monotonic() + 10
    while len(asked) < count and time.monotonic() < limit:
        page.wait_for_timeout(20)
    return asked


def conversation_of(page: Page) -> dict:
    return json.loads(page.evaluate("sessionStorage.getItem('bma-chat')"))


def test_an_answer_that_helps(page: Page, asked: list) -> None:
    opened(page)
    say(page, "quelle est la capacité de la boite ?")
    answers(page, 1)
    group = panel(page).get_by_role("group", name="Cette réponse vous aide-t-elle ?")
    group.get_by_role("button", name="Oui").click()
    expect(panel(page).get_by_role("status")).to_have_text("Merci pour votre avis.")
    expect(group).to_have_count(0)
    expect(question(page)).to_be_focused()
    kept = conversation_of(page)
    given = {"sender": kept["id"], "message_id": kept["entries"][-1]["id"], "helpful": True}
    assert sent(page, asked, 1) == [("POST", "feedback", given)]


def test_an_answer_that_does_not_help_and_why(page: Page, asked: list) -> None:
    opened(page)
    say(page, "quelle est la capacité de la boite ?")
    answers(page, 1)
    panel(page).get_by_role("button", name="Non").click()
    reason = panel(page).get_by_role("textbox", name="Que manque-t-il ?")
    expect(reason).to_be_focused()
    reason.fill("Le nombre de Go")
    reason.press("Enter")
    expect(panel(page).get_by_role("status")).to_have_text("Merci pour votre avis.")
    opinions = [(body["helpful"], body.get("reason")) for _, _, body in sent(page, asked, 2)]
    assert opinions == [(False, None), (False, "Le nombre de Go")]


def test_typing_goes_on_without_an_opinion(page: Page) -> None:
    opened(page)
    say(page, "quelle est la capacité de la boite ?")
    answers(page, 1)
    say(page, "où lire les mails ?")
    answers(page, 2)
    expect(panel(page).get_by_role("button", name="Oui")).to_have_count(1)


def test_a_question_back_and_a_courtesy_ask_no_opinion(page: Page) -> None:
    opened(page)
    for number, words in enumerate(("bonjour", "mot de passe de la bma perdu"), 1):
        say(page, words)
        answers(page, number)
        expect(panel(page).get_by_text("Cette réponse vous aide-t-elle ?")).to_have_count(0)


def test_an_opinion_that_is_not_saved_is_said(page: Page) -> None:
    page.route("**/w/feedback", lambda route: route.fulfill(status=503))
    opened(page)
    say(page, "quelle est la capacité de la boite ?")
    answers(page, 1)
    panel(page).get_by_role("button", name="Oui").click()
    expect(panel(page).get_by_role("status")).to_have_text("Votre avis n’a pas pu être enregistré.")


def test_erasing_here_and_on_the_server(page: Page, asked: list) -> None:
    opened(page)
    say(page, "bonjour")
    answers(page, 1)
    before = conversation_of(page)["id"]
    page.get_by_role("button", name="Effacer la conversation").click()
    expect(log(page).locator(".message")).to_have_count(0)
    expect(panel(page).get_by_role("status")).to_have_text("La conversation est effacée.")
    expect(question(page)).to_be_focused()
    assert page.evaluate("sessionStorage.length") == 0
    say(page, "bonjour")
    answers(page, 1)
    assert conversation_of(page)["id"] != before
    assert sent(page, asked, 1) == [("DELETE", f"conversations/{before}", {})]


def test_an_erasure_that_the_server_does_not_confirm_can_be_tried_again(page: Page) -> None:
    statuses = [503, 204]
    page.route("**/w/conversations/*", lambda route: route.fulfill(status=statuses.pop(0)))
    opened(page)
    say(page, "bonjour")
    answers(page, 1)
    page.get_by_role("button", name="Effacer la conversation").click()
    expect(panel(page).get_by_role("alert")).to_contain_text("n’a pas confirmé")
    assert page.evaluate("sessionStorage.length") == 0
    page.get_by_role("button", name="Réessayer").click()
    expect(panel(page).get_by_role("status")).to_have_text("La conversation est effacée.")
    expect(panel(page).get_by_role("alert")).to_be_empty()


def test_the_server_itself_keeps_the_opinion_and_forgets_the_conversation(page: Page, server: str) -> None:
    opened(page)
    say(page, "quelle est la capacité de la boite ?")
    answers(page, 1)
    with page.expect_response("**/w/feedback") as opinion:
        panel(page).get_by_role("button", name="Oui").click()
    assert opinion.value.status == 204
    expect(panel(page).get_by_role("status")).to_have_text("Merci pour votre avis.")
    tracker = f"{server}/conversations/{conversation_of(page)['id']}/tracker?token={TOKEN}"
    assert httpx.get(tracker, trust_env=False).status_code == 200
    with page.expect_response("**/w/conversations/*") as answer:
        page.get_by_role("button", name="Effacer la conversation").click()
    assert answer.value.status == 204
    assert httpx.get(tracker, trust_env=False).status_code == 404
