"""The console's login, accounts and journal in a real Chromium."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.storage import accounts, audit
from bot.storage.database import connect
from tests.api.console import people
from tests.api.console.people import PASSWORD, add_people
from tests.api.console.provider import Provider, provider
from tests.api.console.test_oidc import joined
from tests.servers import assistant

pytestmark = pytest.mark.slow
SCREENS = ("connexion", "compte", "comptes", "comptes/1", "journal", "journal?acteur=personne")
SEEN = "document.addEventListener('securitypolicyviolation', event => console.error('CSP ' + event.violatedDirective))"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def console(folder: Path) -> Iterator[str]:
    with assistant(folder) as url:
        database = f"sqlite:///{folder}/bma.sqlite3"
        add_people(database)
        engine = connect(database)
        with engine.begin() as connection:
            now = time.time()
            accounts.change(connection, 1, {"disabled": True})
            accounts.change(connection, 2, {"failures": 5, "locked_until": now + 600})
            for number in range(130):
                audit.add(
                    connection, audit.Entry(now - 60 * number, "editeur", "activate", f"modele-{number}", {"reason": "Essai"})
                )
        engine.dispose()
        yield url


@pytest.fixture
def context(browser: Browser, console: str) -> Iterator[BrowserContext]:
    found = browser.new_context(base_url=console, locale="fr-BE")
    found.set_default_timeout(10_000)
    found.add_init_script(SEEN)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """By the form."""
    page.goto("/console/connexion")
    page.get_by_label("Nom d'utilisateur").fill(name)
    page.get_by_label("Mot de passe").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Se connecter").click()


def be(context: BrowserContext, console: str, name: str) -> None:
    """Be logged in."""
    with httpx.Client(base_url=console, trust_env=False) as client:
        assert people.log_in(client, name).status_code == 303
        cookie = client.cookies["bma_console"]
    context.add_cookies([{"name": "bma_console", "value": cookie, "url": f"{console}/console/"}])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_screens_pass_axe_and_their_policy(
    context: BrowserContext, console: str, check_axe: Callable[[Page], None], scheme: str
) -> None:
    problems: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto("/console/connexion")
    check_axe(page)
    be(context, console, "admin")
    for address in SCREENS[1:]:
        page.goto(f"/console/{address}")
        check_axe(page)
    assert problems == []


@pytest.mark.parametrize("address", SCREENS[1:])
def test_a_screen_fits_the_smallest_window(context: BrowserContext, page: Page, console: str, address: str) -> None:
    """320 pixels, as at 400 %; only tables scroll, in their own frame (WCAG 1.4.10)."""
    be(context, console, "admin")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/console/{address}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_is_refused_is_said_where_the_reader_is(
    context: BrowserContext, page: Page, console: str, check_axe: Callable[[Page], None]
) -> None:
    log_in(page, "admin", "faux mais assez long")
    expect(page.get_by_role("alert").filter(has_text="incorrect")).to_be_visible()
    expect(page.get_by_label("Nom d'utilisateur")).to_have_value("admin")
    check_axe(page)
    be(context, console, "editeur")
    page.goto("/console/comptes")
    expect(page.get_by_role("alert").filter(has_text="Votre rôle (éditeur)")).to_be_visible()
    check_axe(page)


def test_an_account_is_made_by_keyboard_and_its_password_shown_once(
    context: BrowserContext, page: Page, console: str, check_axe: Callable[[Page], None]
) -> None:
    be(context, console, "admin")
    page.goto("/console/comptes")
    page.get_by_label("Nom d'utilisateur").focus()
    page.keyboard.type("zoe")
    page.keyboard.press("Tab")
    page.keyboard.type("Zoé Martin")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mot de passe du compte")
    password = page.locator(".secret").inner_text()
    check_axe(page)
    page.get_by_role("link", name="Tous les comptes").click()
    expect(page.get_by_role("row", name="zoe")).to_contain_text("lecteur")
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("status")).to_contain_text("Vous êtes déconnecté")
    log_in(page, "zoe", password)
    page.goto("/console/compte")
    expect(page.get_by_text("Zoé Martin", exact=True)).to_be_visible()


def test_the_organisations_login_in_a_browser(browser: Browser, tmp_path: Path, check_axe: Callable[[Page], None]) -> None:
    stub: Provider
    with provider() as stub, joined(tmp_path, stub) as url:
        stub.claims = {"roles": ["bma-lire"]}
        context = browser.new_context(base_url=url, locale="fr-BE")
        page = context.new_page()
        page.goto("/console/compte")
        check_axe(page)
        with page.expect_navigation(url="**/console/boite"):
            page.get_by_role("link", name="Se connecter avec le compte de l'organisation").click()
        page.goto("/console/compte")
        expect(page.get_by_text("Ada Lambert", exact=True)).to_be_visible()
        cookies = {cookie["name"]: cookie for cookie in context.cookies()}
        assert set(cookies) == {"bma_console"}
        assert cookies["bma_console"]["path"] == "/console"
        assert cookies["bma_console"]["httpOnly"]
        page.get_by_role("button", name="Se déconnecter").click()
        expect(page.get_by_role("status")).to_contain_text("La session de votre organisation peut rester ouverte")
        assert context.cookies() == []
        context.close()
