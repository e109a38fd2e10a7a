"""The pictures of the console in docs/images/, with questions that the assistant really answered (`bench.stored`)."""

import time
from pathlib import Path

import httpx
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page

from api.console.pages import SCREENS
from bench import console
from bench.stored import PASSWORD, fill
from bot.storage import suspensions
from bot.storage.database import connect
from bot.storage.schema import corrections
from bot.storage.suspensions import Switch
from bot.training import archive
from tests.api.console.people import csrf_of
from tests.trained import model_path

SIZES = {"bureau": (1280, 900), "telephone": (320, 700)}
TALLEST = 2_000
"""Pixels of a picture; long lists are cut there."""
MESSAGES = 4_000
QUESTION = "on a perdu le mdp de la bma, que faire"
CONFIRMED = {
    "le pigeon voyageur du ministère ne vole plus chez nous": "training",
    "le pigeon de la fédération ne livre plus nos plis": "training",
    "le facteur numérique boude notre secrétariat": "training",
    "le pigeon du ministère ne vole plus jusqu'ici": "test",
}
"""Sentences of the draft, and one that is to be answered better with it."""


def prepare(folder: Path) -> None:
    """A database of some weeks in the folder of a server that is started afterwards."""
    url, now = f"sqlite:///{folder}/bma.sqlite3", time.time()
    fill(url, archive.read(model_path()), MESSAGES)
    rows = [
        {"text": text, "kind": "intent", "intent": "support_etnic", "destination": destination, "status": "confirmed"}
        | {"author": "testeur", "created_at": now - 7_200, "decided_by": "editeur", "decided_at": now - 3_600}
        for text, destination in CONFIRMED.items()
    ]
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(sa.insert(corrections), rows)
        suspensions.suspend(connection, Switch("utter_migration_quoi", "publicateur", "La page est revue cet après-midi.", now))
    engine.dispose()


def log_in(context: BrowserContext) -> None:
    """As an administrator, who sees every screen."""
    form = {"csrf": csrf_of(context.request.get("/console/connexion").text()), "nom": "admin", "mot_de_passe": PASSWORD}
    context.request.post("/console/connexion", form=form, max_redirects=0)


def picture(page: Page, path: Path) -> Path:
    """A page from its top to its end, or to where it gets too long."""
    page.wait_for_load_state()
    page.wait_for_timeout(1_000)  # parts that are loaded afterwards, charts
    width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)})
    return path


def take(browser: Browser, url: str, folder: Path) -> list[Path]:
    """Take all pictures of the console.

    Args:
        browser: a Chromium.
        url: address of a running assistant whose database was prepared.
        folder: where they go.
    """
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        console.log_in(client)
        console.prove(client)
    made: list[Path] = []
    there = {route.path for route in console.screens()}
    for size, (width, height) in SIZES.items():
        context = browser.new_context(
            base_url=url,
            locale="fr-BE",
            viewport={"width": width, "height": height},
            color_scheme="light",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto("/console/connexion")
        made.append(picture(page, folder / f"console-connexion-{size}.png"))
        log_in(context)
        for key, address, _ in (*SCREENS, ("compte", "compte", None)):
            if f"/{address}" not in there:
                print(f"no screen yet: {key}")
                continue
            page.goto(f"/console/{address}")
            if key == "essayer":
                page.get_by_role("textbox", name="Question de l'utilisateur").fill(QUESTION)
                page.get_by_role("button", name="Envoyer", exact=True).click()
                page.locator(".near table").first.wait_for(timeout=120_000)
            if key == "sigles":
                page.get_by_role("table", name="Autres sigles des phrases d'entrainement").wait_for(timeout=120_000)
            made.append(picture(page, folder / f"console-{key}-{size}.png"))
        context.close()
    return made
