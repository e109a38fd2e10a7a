"""Cards as users see them: conversations with the real assistant, rendered by Microsoft's renderer in a real Chromium.

`python -m tests.api.channels.teams.test_look` writes the pictures of docs/images/ again.
"""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from api.channels.teams.cards import parts
from api.channels.teams.texts import greeting_buttons, text
from tests.api.channels.teams.test_cards import actions, links, require_valid
from tests.api.channels.teams.tools import browser_page, render
from tests.conversing import Conversation, assistant
from tests.trained import ROOT

pytestmark = pytest.mark.slow
TALKS = {
    "mot-de-passe": ["j'ai perdu mon mot de passe BMA", "/mode_inconnu", "/mot_de_passe_mode", "ah non, on n'y est pas"],
    "demande": ["on a un souci technique avec la boite", "/preparer_demande", "ec005464@adm.cfwb.be", "/probleme_connexion"],
    "questions": ["où est-ce que je lis les mails ?", "quel est le prix d'un timbre ?", "la capacité, et la redirection ?"],
}
PHONE, DESKTOP = (360, 640), (720, 640)


async def conversation(texts: list[str], folder: Path) -> list[dict[str, Any]]:
    async with assistant(folder) as (agent, clock):
        user = Conversation(agent, agent.secret.conversation("teams", folder.name), clock)
        said = [await user.say(words) for words in texts]
    return [part.card for messages in said for part in parts(messages, "m")]


def cards(name: str, folder: Path) -> list[dict[str, Any]]:
    found = asyncio.run(conversation(TALKS[name], folder))
    greeting = [part.card for part in parts([{"text": text("accueil"), "buttons": greeting_buttons()}], "accueil")]
    return [*greeting, *found] if name == "mot-de-passe" else found


@pytest.mark.parametrize("name", TALKS)
@pytest.mark.parametrize("size", [(320, 480), DESKTOP])
def test_cards_are_readable(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    shown = cards(name, tmp_path)
    requests: list[str] = []
    with browser_page(*size) as page:
        page.on("request", lambda request: requests.append(request.url))
        assert render(page, shown) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for card in shown:
            require_valid(card)
        titles = [action["title"] for card in shown for action in actions(card["body"]) if action["type"] == "Action.Submit"]
        assert [title for title in titles if page.get_by_role("button", name=title, exact=True).count() == 0] == []
        cut = "[...document.querySelectorAll('button')].filter(b => b.scrollWidth > b.clientWidth).map(b => b.textContent)"
        assert page.evaluate(cut) == []
        assert page.evaluate("document.querySelectorAll('article img').length") == 0
    assert [url for url in requests if not url.startswith(("about:", "data:"))] == []


def test_the_webmail_is_not_clickable_and_the_page_is(tmp_path: Path) -> None:
    shown = cards("questions", tmp_path)
    with browser_page(*PHONE) as page:
        render(page, shown)
        assert "https://www.webmail@adm.cfwb.be" in page.inner_text("body")
        clickable = page.evaluate("[...document.querySelectorAll('a, [role=link], button')].map(a => a.textContent + a.href)")
    assert not [words for words in clickable if "webmail" in words]
    assert any("enseignement.be" in url for card in shown for url in links(card))


def write_pictures(folder: Path) -> None:
    for name in TALKS:
        with TemporaryDirectory() as scratch:
            shown = cards(name, Path(scratch))
        for device, size in (("telephone", PHONE), ("ordinateur", DESKTOP)):
            with browser_page(*size) as page:
                render(page, shown)
                page.screenshot(path=folder / f"teams-{name}-{device}.png", full_page=True)


if __name__ == "__main__":
    write_pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images")
