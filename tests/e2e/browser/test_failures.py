"""When there is no answer: each time a French sentence, the text kept, and « Réessayer » answered once."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.browser.widget import WEBHOOK, answering, answers, failing, log, opened, panel, question, say
from tests.servers import TOKEN, free_port, running

pytestmark = pytest.mark.slow
WORDS = "quelle est la capacité de la boite ?"


def alert(page: Page) -> str:
    region = panel(page).get_by_role("alert")
    expect(region).not_to_be_empty()
    return region.inner_text()


def retried(page: Page, server: str, sent: list[dict]) -> None:
    """The text is kept; once the server answers, « Réessayer » brings one answer, of one turn."""
    expect(log(page).locator(".user")).to_contain_text(WORDS)
    expect(log(page).locator(".user")).to_contain_text("Sans réponse pour le moment")
    page.unroute(WEBHOOK)
    again = failing(page, lambda route: route.continue_())
    page.get_by_role("button", name="Réessayer").click()
    expect(answers(page, 1)).to_contain_text("25 fois")
    expect(page.get_by_role("button", name="Réessayer")).to_have_count(0)
    expect(panel(page).get_by_role("alert")).to_be_empty()
    assert {body["metadata"]["message_id"] for body in [*sent, *again]} == {sent[0]["metadata"]["message_id"]}
    assert turns(server, sent[0]["sender"]) == [WORDS]


def turns(server: str, sender: str) -> list[str]:
    events = httpx.get(f"{server}/conversations/{sender}/tracker?token={TOKEN}", trust_env=False).json()["events"]
    return [event["text"] for event in events if event["event"] == "user"]


@pytest.mark.parametrize(
    ("status", "headers", "sentence"),
    [
        (500, {}, "Une erreur empêche l’assistant de répondre."),
        (502, {}, "Une erreur empêche l’assistant de répondre."),
        (503, {"Retry-After": "5"}, "L’assistant n’est pas disponible pour le moment."),
        (429, {"Retry-After": "17"}, "Trop de messages ont été envoyés en peu de temps."),
        (429, {"Retry-After": "17"}, "réessayez dans 17 secondes."),
        (429, {}, "réessayez dans 60 secondes."),
    ],
)
def test_the_server_says_no(page: Page, server: str, status: int, headers: dict, sentence: str) -> None:
    sent = failing(page, lambda route: route.fulfill(status=status, headers=headers, body="<h1>Bad gateway</h1>"))
    opened(page)
    say(page, WORDS)
    assert sentence in alert(page)
    retried(page, server, sent)


@pytest.mark.parametrize("body", ["", "<html>", "{", "null", "{}", '"oui"'])
def test_an_answer_that_is_none(page: Page, body: str) -> None:
    failing(page, lambda route: route.fulfill(body=body))
    opened(page)
    say(page, WORDS)
    assert "Une erreur empêche l’assistant de répondre." in alert(page)


@pytest.mark.parametrize(
    "items", [[], [{}], [{"recipient_id": "x", "custom": {"a": 1}}], [None, 3, {"text": 5, "buttons": [{}]}]]
)
def test_an_empty_answer_is_said(page: Page, items: list) -> None:
    answering(page, *items)
    opened(page)
    say(page, WORDS)
    expect(answers(page, 1)).to_contain_text("L’assistant n’a rien répondu.")


def test_the_connection_is_cut(page: Page, server: str) -> None:
    sent = failing(page, lambda route: route.abort("connectionreset"))
    opened(page)
    say(page, WORDS)
    assert "La connexion avec l’assistant a été coupée." in alert(page)
    retried(page, server, sent)


def test_cut_after_the_server_answered_it_is_answered_once(page: Page, server: str) -> None:
    def answered_but_lost(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    sent = failing(page, answered_but_lost)
    opened(page)
    say(page, WORDS)
    alert(page)
    assert turns(server, sent[0]["sender"]) == [WORDS]
    retried(page, server, sent)


def test_a_real_server_dies_and_comes_back(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    settings = {"BMA_PORT": str(port), "BMA_DATABASE_URL": f"sqlite:///{tmp_path}/bma.sqlite3"}
    page = browser.new_page(locale="fr-BE")
    with running(["run"], port, "/health/ready", tmp_path / "first.log", settings) as url:
        opened(page, url)
    say(page, WORDS)
    assert "La connexion avec l’assistant a été coupée." in alert(page)
    with running(["run"], port, "/health/ready", tmp_path / "second.log", settings):
        page.get_by_role("button", name="Réessayer").click()
        expect(answers(page, 1)).to_contain_text("25 fois")
    page.context.close()


def test_the_server_is_silent(page: Page, server: str) -> None:
    page.clock.install()
    held: list[Route] = []
    sent = failing(page, lambda route: held.append(route))
    opened(page)
    say(page, WORDS)
    status = panel(page).get_by_role("status")
    expect(status).to_have_text("L’assistant prépare une réponse.")
    question(page).type("et ensuite")
    question(page).press("Enter")
    expect(status).to_have_text("Attendez la réponse à votre message précédent, puis envoyez le nouveau.")
    page.clock.fast_forward(4_000)
    expect(status).to_have_text("La réponse prend plus de temps que prévu. Patientez encore un instant.")
    page.clock.fast_forward(11_000)
    assert "L’assistant n’a pas répondu à temps." in alert(page)
    expect(question(page)).to_have_value("et ensuite")
    retried(page, server, sent)
    expect(question(page)).to_have_value("et ensuite")


def test_offline(page: Page, server: str) -> None:
    sent = failing(page, lambda route: route.continue_())
    opened(page)
    page.context.set_offline(True)
    assert "Vous n’êtes pas connecté à internet." in alert(page)
    say(page, WORDS)
    assert "Vous n’êtes pas connecté à internet." in alert(page)
    assert sent == []
    page.context.set_offline(False)
    expect(panel(page).get_by_role("status")).to_have_text("La connexion est revenue. Vous pouvez réessayer.")
    page.get_by_role("button", name="Réessayer").click()
    expect(answers(page, 1)).to_contain_text("25 fois")
    assert turns(server, sent[0]["sender"]) == [WORDS]


def test_a_refused_message_comes_back_to_the_field(page: Page) -> None:
    failing(page, lambda route: route.fulfill(status=413, json={"message": "Votre message est trop long."}))
    opened(page)
    say(page, WORDS)
    assert alert(page) == "Votre message est trop long."
    expect(question(page)).to_have_value(WORDS)
    expect(log(page).locator(".user")).to_have_count(0)


def test_what_waits_survives_a_reload(page: Page, server: str) -> None:
    sent = failing(page, lambda route: route.fulfill(status=503))
    opened(page)
    say(page, WORDS)
    alert(page)
    page.reload()
    retried(page, server, sent)


def test_the_contact_stays_in_sight_in_every_failure(page: Page) -> None:
    failing(page, lambda route: route.fulfill(status=503))
    opened(page)
    say(page, WORDS)
    alert(page)
    expect(panel(page).get_by_role("link", name="support@etnic.be")).to_be_in_viewport()
