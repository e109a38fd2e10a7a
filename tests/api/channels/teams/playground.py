"""A whole conversation in Microsoft's Agents Playground, driven by Chromium: a developer's check, not a test (docs/teams.md).

`python -m tests.api.channels.teams.playground http://localhost:56150 FOLDER` writes what it sees as pictures into the folder.
"""

import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.api.channels.teams.tools import browser_page


def say(page: Page, text: str) -> None:
    page.locator("div[role=textbox][contenteditable=true]").type(text)
    page.get_by_label("Send Message").click()


def click(page: Page, title: str) -> None:
    page.get_by_role("button", name=title, exact=True).last.click()


def talk(page: Page, url: str, folder: Path) -> None:
    def seen(text: str, picture: str) -> None:
        page.get_by_text(text).last.wait_for()
        page.screenshot(path=folder / f"playground-{picture}.png")

    page.set_default_timeout(15_000)
    page.goto(url, wait_until="domcontentloaded")
    seen("assistant automatique", "1-accueil")
    say(page, "j'ai perdu mon mot de passe BMA")
    seen("connu dans MODE", "2-question")
    click(page, "Je ne sais pas")
    seen("Modèle de délégation", "3-explication")
    click(page, "Oui, connu dans MODE")
    seen("Cerbère", "4-formulaire")
    say(page, "on a un problème technique")
    click(page, "Préparer un mail au support")
    seen("numéro FASE", "5-adresse")
    say(page, "ec005464@adm.cfwb.be")
    click(page, "Accès à la boite")
    seen("Ouvrir dans ma messagerie", "6-demande")
    click(page, "Like")
    click(page, "Submit")
    click(page, "Close")
    page.get_by_role("treeitem", name="Group Chat").click()
    seen("assistant automatique", "7-groupe")
    page.locator("div[role=textbox][contenteditable=true]").type("@")
    page.get_by_role("menuitem", name="Test Bot").click()
    say(page, " où lire les mails ?")
    seen("webmail@adm.cfwb.be", "8-mention")
    links = "[...document.querySelectorAll('a, [role=link]')].filter(link => link.textContent.includes('webmail')).length"
    assert page.evaluate(links) == 0


if __name__ == "__main__":
    with browser_page(1700, 1000) as chat:
        talk(chat, sys.argv[1], Path(sys.argv[2]))
