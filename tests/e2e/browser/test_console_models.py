"""The screens that prove and publish, in a real Chromium: the whole story, by keyboard, without JavaScript, and for axe."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.api.console.people import PASSWORD
from tests.api.console.small import LEARNT
from tests.api.console.test_publication import Site, site

pytestmark = pytest.mark.slow
LONG = 60_000
"""Milliseconds that a job may take."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site("sqlite", tmp_path_factory.mktemp("modeles")) as found:
        found.add(LEARNT[1], "salutation")
        yield found


def visit(browser: Browser, here: Site, name: str = "publicateur", **options: object) -> BrowserContext:
    """A browser in which somebody is logged in."""
    context = browser.new_context(base_url=here.url, locale="fr-BE", **options)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto("/console/connexion")
    page.get_by_label("Nom d'utilisateur").fill(name)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(lambda address: "connexion" not in address)
    page.goto("/console/prouver")
    return context


@pytest.fixture
def page(browser: Browser, here: Site) -> Iterator[Page]:
    context = visit(browser, here)
    found = context.pages[0]
    heard: list[str] = []
    found.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    found.on("pageerror", lambda error: heard.append(str(error)))
    yield found
    context.close()
    assert heard == []


def train(page: Page) -> None:
    page.goto("/console/prouver")
    page.get_by_role("button", name="Entrainer le brouillon et le prouver").click()
    expect(page.get_by_text("L'entrainement a commencé.")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Entrainement en cours|Preuve en cours"))).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=LONG)
    expect(page.get_by_role("heading", name=re.compile("^Preuve du"))).to_be_visible()


def test_the_story_from_the_draft_to_users_and_back(page: Page, here: Site, check_axe: Callable[[Page], None]) -> None:
    check_axe(page)
    page.goto("/console/publier")
    check_axe(page)
    train(page)
    expect(page.get_by_text("Le candidat peut être publié.")).to_be_visible()
    expect(page.get_by_role("heading", name="Réparées (1)")).to_be_visible()
    expect(page.get_by_role("cell", name=LEARNT[0])).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name=re.compile("attendu salutation, trouvé salutation")).click()
    expect(page.get_by_role("heading", name="Phrases d'une case")).to_be_visible()
    expect(page.get_by_role("cell", name=LEARNT[0])).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name="Revenir à la preuve").click()
    page.get_by_role("link", name="Voir celle du modèle publié").click()
    expect(page.get_by_role("table", name="Matrice du modèle publié")).to_be_visible()
    assert here.says(LEARNT[0]) == "Je n'ai pas compris"
    page.get_by_role("link", name="Publier", exact=True).click()
    check_axe(page)
    page.get_by_label(re.compile("^Pourquoi publier")).fill("les gens disent yo")
    page.get_by_role("button", name=re.compile("^Publier 2")).click()
    expect(page.get_by_text("C'est publié.")).to_be_visible()
    assert here.says(LEARNT[0]) == "Bonjour"
    check_axe(page)
    reason = page.get_by_label(re.compile("^Pourquoi revenir à"))
    expect(reason).to_have_value("Retour au modèle livré")
    page.get_by_role("button", name=re.compile("^Revenir à")).press("Enter")
    expect(page.get_by_text("C'est fait.")).to_be_visible()
    assert here.says(LEARNT[0]) == "Je n'ai pas compris"
    history = page.get_by_role("table", name="Historique")
    expect(history.get_by_role("cell", name="Retour au modèle livré")).to_be_visible()
    expect(history.get_by_role("cell", name="les gens disent yo")).to_be_visible()


def test_the_threshold_slides_by_keyboard_and_says_what_the_table_says(page: Page) -> None:
    train(page)
    slider = page.get_by_role("slider", name="Seuil de confiance")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^0,50 \(actuel\)"))
    right = page.get_by_label("Phrases auxquelles l'assistant a une réponse : juste")
    before = float(right.get_attribute("value") or "nan")
    slider.focus()
    for _ in range(15):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0,80")
    after = right.evaluate("meter => meter.value")
    assert after < before
    page.get_by_text("Tous les seuils").first.click()
    row = page.locator("#seuils tr.changed")
    expect(row).to_have_count(1)
    assert row.get_by_role("rowheader").inner_text() == "0,80"
    assert float(row.locator('[data-column="in_scope-right"]').get_attribute("data-share") or "nan") == pytest.approx(after)


def test_everything_works_without_javascript(browser: Browser, here: Site) -> None:
    context = visit(browser, here, "testeur", java_script_enabled=False)
    page = context.pages[0]
    page.get_by_role("button", name="Entrainer le brouillon et le prouver").click()
    for _ in range(300):
        if not page.get_by_role("progressbar").count():
            break
        page.get_by_role("link", name="Actualiser la page").click()
    expect(page.get_by_role("heading", name=re.compile("^Preuve du"))).to_be_visible()
    page.get_by_role("combobox", name="Seuil de confiance").select_option("0.8")
    page.get_by_role("button", name="Voir").click()
    expect(page.locator("#seuil-valeur")).to_have_text("0,80")
    expect(page.locator("#seuils tr.changed").get_by_role("rowheader", include_hidden=True)).to_have_text("0,80")
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_axe_in_each_size_and_scheme(
    browser: Browser, here: Site, check_axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    context = visit(browser, here, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.pages[0]
    for path in ("prouver", "publier"):
        page.goto(f"/console/{path}")
        for summary in page.locator("main summary").all():
            if summary.evaluate("summary => !summary.parentElement.open"):
                summary.click()
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
