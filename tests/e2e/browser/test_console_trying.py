"""The console's screen « Essayer » in a browser: with and without JavaScript, by keyboard, narrow, and as axe sees it."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.console.people import PASSWORD, add_people
from tests.api.console.test_trying import add_draft
from tests.servers import assistant

pytestmark = pytest.mark.slow

SLOW = 120_000
"""Milliseconds that the first search of near sentences may take on a busy machine."""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("console")
    url = f"sqlite:///{folder}/bma.sqlite3"
    with assistant(folder, {"BMA_DATABASE_URL": url}) as server:
        add_people(url)
        add_draft(url, folder)
        yield server


def log_in(page: Page) -> None:
    page.goto("/console/connexion")
    page.get_by_label("Nom d'utilisateur").fill("testeur")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Essayer")


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(request: pytest.FixtureRequest, browser: Browser, console: str) -> Iterator[Page]:
    context = browser.new_context(base_url=console, locale="fr-BE", java_script_enabled=request.param)
    context.set_default_timeout(10_000)
    found = context.new_page()
    log_in(found)
    yield found
    context.close()


@pytest.fixture
def scripted(browser: Browser, console: str) -> Iterator[Page]:
    context = browser.new_context(base_url=console, locale="fr-BE")
    context.set_default_timeout(10_000)
    found = context.new_page()
    found.reports = []  # type: ignore[attr-defined]
    found.on("console", lambda message: found.reports.append(message.text))  # type: ignore[attr-defined]
    log_in(found)
    yield found
    context.close()


def ask(page: Page, text: str) -> None:
    page.get_by_label("Question de l'utilisateur").fill(text)
    with page.expect_navigation():
        page.get_by_role("button", name="Envoyer", exact=True).click()


def has_script(page: Page) -> bool:
    """Whether the page's own scripts run: htmx marks what it has read."""
    return page.locator("body").evaluate("() => 'htmx' in window")


def test_a_conversation_on_both_models(page: Page) -> None:
    ask(page, "on a perdu le mdp de la bma")
    published, draft = page.locator("[data-modele=publie]").last, page.locator("[data-modele=brouillon]").last
    for column in (published, draft):
        expect(column).to_contain_text("Compris : mot_de_passe")
        expect(column.get_by_role("button", name="Non, pas connu dans MODE")).to_be_visible()
    with page.expect_navigation():
        published.get_by_role("button", name="Non, pas connu dans MODE").click()
    expect(page.locator("[data-modele=brouillon]").last).to_contain_text("formulaire")
    expect(page.locator(".user .said")).to_have_text(["on a perdu le mdp de la bma", "Non, pas connu dans MODE"])
    assert "?" not in page.url
    with page.expect_navigation():
        page.get_by_role("button", name="Modifier et renvoyer (message 1)").click()
    expect(page.get_by_label("Question de l'utilisateur")).to_have_value("on a perdu le mdp de la bma")
    expect(page.locator(".turn")).to_have_count(0)
    page.get_by_role("link", name="Recommencer à zéro").click()
    expect(page.get_by_label("Question de l'utilisateur")).to_have_value("")


def test_going_back_to_a_message_on_one_model(page: Page) -> None:
    page.get_by_label("Publié", exact=True).check()
    for text in ("bonjour", "c'est quoi MODE ?"):
        ask(page, text)
    expect(page.locator("[data-modele=brouillon]")).to_have_count(0)
    with page.expect_navigation():
        page.get_by_role("button", name="Revenir à ce message (numéro 1)").click()
    expect(page.locator(".user .said")).to_have_text(["bonjour"])
    expect(page.get_by_label("Publié", exact=True)).to_be_checked()


def test_a_conversation_is_downloaded_as_a_test(page: Page) -> None:
    page.get_by_label("Publié", exact=True).check()
    ask(page, "quelle est la capacité\nde la boite ?")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="En faire un test", exact=True).click()
    assert re.fullmatch(r"test_essai_\d{8}_\d{6}\.yml", waiting.value.suggested_filename)
    written = waiting.value.path().read_text(encoding="utf-8")
    assert "          quelle est la capacité\n          de la boite ?\n        intent: capacite\n" in written
    assert "- action: utter_capacite" in written
    expect(page.locator(".user .said")).to_have_text(["quelle est la capacité\nde la boite ?"])


def test_what_cannot_be_a_test_says_why(page: Page, check_axe: Callable[[Page], None]) -> None:
    ask(page, "/capacite")
    with page.expect_navigation():
        page.get_by_role("button", name="En faire un test (candidat)").click()
    expect(page.get_by_role("alert").filter(has_text="Le message 1 commence par")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)
    if has_script(page):
        check_axe(page)


def test_the_nearest_sentences_come_by_themselves_or_by_a_button(page: Page) -> None:
    page.get_by_label("Publié", exact=True).check()
    ask(page, "mot de passe perdu")
    table = page.get_by_role("table", name="Phrases d'entrainement les plus proches")
    until = time.monotonic() + SLOW / 1000
    while not has_script(page) and (button := page.get_by_role("button", name="Chercher les phrases proches")).count():
        with page.expect_navigation():
            button.click()
        assert time.monotonic() < until
    expect(table).to_contain_text(re.compile(r"data/nlu/mot_de_passe\.yml:\d+"), timeout=SLOW)


def test_axe_finds_nothing_and_the_policy_reports_nothing(scripted: Page, check_axe: Callable[[Page], None]) -> None:
    check_axe(scripted)
    ask(scripted, "  ")
    check_axe(scripted)
    ask(scripted, "Bonjour, quelle est l'adresse BMA de l'ecole FASE 5464 ? Et c'est quoi MODE ? Merci d'avance")
    ask(scripted, "on a perdu le mdp de la bma")
    expect(scripted.locator(".near table")).to_have_count(2, timeout=SLOW)
    while (folded := scripted.locator("details:not([open]) > summary:visible")).count():
        folded.first.click()
    check_axe(scripted)
    assert scripted.reports == ["Failed to load resource: the server responded with a status of 400 (Bad Request)"]  # type: ignore[attr-defined]


def test_a_correction_goes_into_the_queue_and_the_conversation_stays(scripted: Page) -> None:
    ask(scripted, "mon mot de passe est Soleil2024!, où lire les mails ?")
    scripted.locator("summary", has_text="Corriger").click()
    scripted.get_by_label("Le bon sujet").select_option("mot_de_passe")
    scripted.get_by_role("button", name="Proposer ce sujet").click()
    expect(scripted.get_by_text("La correction est")).to_be_visible()
    expect(scripted.locator(".user .said")).to_have_count(1)
    scripted.goto("/console/ameliorer")
    expect(scripted.locator("main")).to_contain_text("où lire les mails ?")
    expect(scripted.locator("main")).not_to_contain_text("Soleil2024")


def test_by_keyboard_alone(scripted: Page) -> None:
    scripted.get_by_label("Question de l'utilisateur").focus()
    scripted.keyboard.type("quelle est la capacité de la boite ?")
    for _ in range(2):
        scripted.keyboard.press("Tab")
    expect(scripted.get_by_role("button", name="Envoyer", exact=True)).to_be_focused()
    with scripted.expect_navigation():
        scripted.keyboard.press("Enter")
    summary = scripted.locator("summary", has_text="Événements").first
    summary.focus()
    scripted.keyboard.press("Enter")
    expect(scripted.locator(".timeline").first).to_contain_text("utter_capacite")
    inner = scripted.locator(".timeline summary", has_text="réponse").first
    inner.focus()
    scripted.keyboard.press("Enter")
    expect(scripted.locator(".timeline pre").filter(has_text='"event": "bot"').first).to_be_visible()


def test_at_400_percent_only_tables_and_code_scroll_sideways(scripted: Page) -> None:
    scripted.set_viewport_size({"width": 320, "height": 640})
    ask(scripted, "Bonjour, quelle est l'adresse BMA de l'ecole FASE 5464 ? Merci d'avance")
    expect(scripted.locator(".near table")).to_have_count(2, timeout=SLOW)
    assert scripted.locator("html").evaluate("e => e.scrollWidth") <= 320
