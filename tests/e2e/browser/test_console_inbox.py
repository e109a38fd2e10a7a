"""« Boite de réception » and « Améliorer » in a real Chromium: by keyboard, without scripts, on a small screen."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.console.people import staffed
from tests.e2e.browser.console import Opening, pages
from tests.trained import ROOT

pytestmark = pytest.mark.slow
STRANGE = (
    "ma tondeuse fait un bruit étrange",
    "ma tondeuse fait des bruits étranges",
    "combien de pattes a un mille-pattes",
    "la recette des gaufres de Liège",
    "le train de Namur est en retard",
    "qui a gagné le match hier soir",
)
expect.set_options(timeout=30_000)  # the first look at the draft reads the whole project
Check = Callable[[Page], None]


def ask(server: str, text: str, sender: str) -> None:
    body = {"sender": sender, "message": text}
    assert httpx.post(f"{server}/webhooks/rest/webhook", json=body, trust_env=False, timeout=60).status_code == 200


@pytest.fixture
def console(tmp_path: Path) -> Iterator[str]:
    with staffed(tmp_path) as url:
        for number, text in enumerate(reversed(STRANGE)):
            ask(url, text, f"personne-{number}")
        yield url


@pytest.fixture
def opened(browser: Browser, console: str) -> Iterator[Opening]:
    with pages(browser, console, 30_000) as show:

        def opening(screen: str, role: str = "editeur", **options: object) -> Page:
            return show(screen, role, **options)

        yield opening


def question(page: Page) -> str:
    """The question of the group that is open."""
    return page.locator("#groupe h2").inner_text().strip("« »\u00a0")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def decide(page: Page, *keys: str) -> None:
    with page.expect_navigation():
        press(page, *keys)


def test_triage_by_keyboard_alone(opened: Opening) -> None:
    page = opened("boite")
    groups = page.locator("#liste a")
    expect(groups).to_have_count(5)
    assert "2 questions" in groups.first.inner_text()
    assert question(page) == STRANGE[0]
    press(page, "j", "j")
    expect(page.locator("#groupe h2")).to_contain_text(STRANGE[3])
    expect(groups.nth(2)).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile("groupe=.*rang=2"))
    press(page, "ArrowUp")
    expect(page.locator("#groupe h2")).to_contain_text(STRANGE[2])
    decide(page, "i")
    expect(page.get_by_role("status")).to_contain_text("rangée sans correction")
    assert question(page) == STRANGE[3]  # the next one moved up, and has the focus
    expect(groups.nth(1)).to_be_focused()
    decide(page, "h")
    press(page, "b")
    expect(page.get_by_label("Le bon sujet")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choisissez d'abord le bon sujet")
    page.keyboard.type("migration_quoi")
    decide(page, "Enter")
    press(page, "n")
    page.keyboard.type("transports")
    decide(page, "Enter")
    press(page, "c")
    page.keyboard.type("jhi bt")  # letters in a field are letters
    press(page, "Escape")
    decide(page, "t")
    expect(page.get_by_text("Rien à examiner ici")).to_be_visible()
    page.goto("/console/ameliorer")
    rows = page.locator("tbody tr")
    assert [row.locator("td").nth(0).inner_text() for row in rows.all()] == ["Bon sujet", "Hors sujet"]
    page.goto("/console/ameliorer?liste=notes")
    assert [row.locator("td").nth(0).inner_text() for row in rows.all()] == ["Texte de réponse à revoir", "Nouveau sujet"]
    assert rows.nth(0).locator("td").nth(2).inner_text() == "jhi bt"
    assert page.evaluate("violations") == []


def test_shortcuts_can_be_switched_off_and_stay_off(opened: Opening) -> None:
    page = opened("boite")
    page.get_by_text("Raccourcis clavier").first.click()
    page.get_by_label("Utiliser les raccourcis").uncheck()
    page.reload()
    press(page, "j", "i", "h")
    page.wait_for_timeout(300)
    assert question(page) == STRANGE[0]
    expect(page.locator("#liste a")).to_have_count(5)
    page.get_by_text("Raccourcis clavier").first.click()
    page.get_by_label("Utiliser les raccourcis").check()
    press(page, "j")
    expect(page.locator("#groupe h2")).to_contain_text(STRANGE[2])


def test_a_decision_is_taken_back(opened: Opening) -> None:
    page = opened("boite")
    decide(page, "h")
    expect(page.locator("#liste a")).to_have_count(4)
    page.get_by_role("button", name="Annuler cette décision").click()
    expect(page.locator("#liste a")).to_have_count(5)
    page.goto("/console/ameliorer")
    expect(page.get_by_text("Aucune correction n'attend")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_inbox_to_a_patch(opened: Opening, tmp_path: Path, scripts: bool) -> None:
    page = opened("boite", java_script_enabled=scripts)
    page.get_by_label("Le bon sujet").select_option("support_etnic")
    page.get_by_label("Commentaire").fill("une machine en panne")
    page.get_by_role("button", name="Proposer ce sujet").click()
    expect(page.get_by_text("La correction est proposée")).to_be_visible()
    page.get_by_role("link", name="Améliorer").click()
    page.get_by_role("link", name="Examiner «").click()
    expect(page.get_by_text("une machine en panne")).to_be_visible()
    if scripts:
        expect(page.get_by_text("Rien de proche")).to_have_count(2)
    page.get_by_label("Phrase", exact=True).fill("notre tondeuse fait un bruit étrange")
    page.get_by_label("La phrase ne contient aucune donnée personnelle").check()
    page.get_by_role("button", name="Confirmer la phrase").click()
    expect(page.get_by_text("Elle fait partie du brouillon")).to_be_visible()
    if not scripts:
        page.get_by_role("link", name="Voir le brouillon").click()
    expect(page.locator(".diff .add").last).to_have_text("+      - notre tondeuse fait un bruit étrange\n")
    assert page.locator(".diff .del").count() == 0
    expect(page.get_by_role("button", name="Écrire dans les fichiers")).to_have_count(0)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Télécharger le correctif").click()
    patch = waiting.value
    assert patch.suggested_filename == "brouillon.patch"
    shutil.copytree(ROOT / "data", tmp_path / "copie/data")
    outside = {"GIT_CEILING_DIRECTORIES": str(tmp_path)}
    subprocess.run(["git", "apply", str(patch.path())], cwd=tmp_path / "copie", check=True, env=outside)
    assert "- notre tondeuse fait un bruit étrange\n" in (tmp_path / "copie/data/nlu/support.yml").read_text(encoding="utf-8")
    if scripts:
        assert page.evaluate("violations") == []


@pytest.mark.parametrize(("width", "colours"), [(1280, "light"), (320, "dark")])
def test_every_state_is_accessible(opened: Opening, check_axe: Check, colours: str, width: int) -> None:
    page = opened("boite", color_scheme=colours, viewport={"width": width, "height": 800})

    def check() -> None:
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("violations") == []

    page.get_by_text("Raccourcis clavier").first.click()
    page.get_by_text("Que veulent dire ces motifs").click()
    page.get_by_text("Ce qui a été répondu").first.click()
    check()
    page.get_by_label("Le bon sujet").select_option("support_etnic")
    page.get_by_role("button", name="Proposer ce sujet").click()
    check()
    page.get_by_label("Nom du nouveau sujet").fill("jardin")
    page.get_by_role("button", name="Proposer un nouveau sujet").click()
    page.goto("/console/boite?motif=weak")
    check()
    page.goto("/console/ameliorer?liste=notes")
    check()
    page.goto("/console/ameliorer")
    expect(page.get_by_text("déjà dans les fichiers")).to_be_visible()
    check()
    page.get_by_role("link", name="Examiner «").click()
    expect(page.get_by_text("Rien de proche").first).to_be_visible()
    check()
    page.get_by_label("Phrase", exact=True).fill("mot de passe oublié")
    page.get_by_label("La phrase ne contient").check()
    page.get_by_role("button", name="Confirmer la phrase").click()
    expect(page.locator("#raisons")).to_contain_text("La même phrase est déjà un exemple d'un autre sujet")
    check()
    page.get_by_label("Phrase", exact=True).fill("le bruit de la tondeuse n'est pas normal")
    page.get_by_role("button", name="Confirmer la phrase").click()
    expect(page.locator(".diff")).to_be_visible()
    check()
    page.goto("/console/ameliorer?liste=confirmees")
    expect(page.locator(".diff")).to_be_visible()
    check()


def test_a_question_is_played_again_and_corrected_where_it_is_tried(opened: Opening) -> None:
    page = opened("boite")
    page.route("**/proches", lambda route: route.abort())  # takes long, and is not looked at here
    page.get_by_role("button", name="Rejouer").first.click()
    expect(page.get_by_role("heading", name="Essayer")).to_be_visible()
    page.locator("summary", has_text="Corriger").click()
    page.get_by_role("button", name="Proposer « hors sujet »").click()
    expect(page.get_by_text("La correction est proposée")).to_be_visible()
    page.goto("/console/ameliorer")
    expect(page.get_by_role("rowheader")).to_have_text(STRANGE[0])
    expect(page.get_by_text("déjà dans les fichiers")).to_be_visible()
    assert page.evaluate("violations") == []
