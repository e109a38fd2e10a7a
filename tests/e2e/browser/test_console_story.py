"""From a question that is wrongly declined in the widget to its answer there, and back: the project itself, on both databases."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from ruamel.yaml import YAML

from tests.api.console.people import PASSWORD, add_people
from tests.databases import KINDS, migrated
from tests.e2e.browser.widget import answers, opened, say
from tests.servers import assistant
from tests.trained import ROOT

pytestmark = pytest.mark.slow
QUESTION = "le pigeon voyageur du ministère ne vole plus chez nous"
"""A way to say that mails do not come any more which the project's sentences do not hold."""
TOPIC = "support_etnic"
DECLINED, ANSWERED = "utter_hors_sujet", "utter_support_etnic"
LONG = 180_000
"""Milliseconds that training and proving may take, on a busy machine."""


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with migrated(request.param, tmp_path) as url:
        settings = {"BMA_DATABASE_URL": url, "BMA_SECRET_KEY": "s" * 64, "BMA_MODEL_POLL": "0.5"}
        with assistant(tmp_path, settings) as address:
            add_people(url)
            yield address


def asked(browser: Browser, site: str) -> str:
    """The response that the widget shows to somebody new: its name, by how each variation begins."""
    context = browser.new_context(base_url=site, locale="fr-BE")
    page = opened(context.new_page())
    say(page, QUESTION)
    page.locator("bma-chat .user").wait_for()
    text = " ".join(answers(page, 1).last.inner_text().split())  # the widget keeps « : » on the line of its word
    context.close()
    said = [name for name, starts in beginnings().items() if any(start in text for start in starts)]
    assert len(said) == 1, text
    return said[0]


def beginnings() -> dict[str, list[str]]:
    """How each variation of the two responses of this story begins."""
    domain = YAML(typ="safe", pure=True).load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return {name: [" ".join(item["text"].split())[:45] for item in domain["responses"][name]] for name in (DECLINED, ANSWERED)}


def log_in(page: Page, name: str) -> None:
    page.context.clear_cookies()
    page.goto("/console/connexion")
    page.get_by_label("Nom d'utilisateur").fill(name)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(lambda address: "connexion" not in address)


def test_a_question_finds_its_answer_and_loses_it_again(browser: Browser, site: str) -> None:
    assert asked(browser, site) == DECLINED
    context = browser.new_context(base_url=site, locale="fr-BE")
    context.set_default_timeout(30_000)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)

    log_in(page, "testeur")
    page.goto("/console/boite")
    expect(page.locator("#groupe h2")).to_contain_text(QUESTION)
    page.get_by_label("Le bon sujet").select_option(TOPIC)
    page.get_by_role("button", name="Proposer ce sujet").click()
    expect(page.get_by_text("La correction est proposée")).to_be_visible()

    log_in(page, "editeur")
    page.goto("/console/ameliorer")
    page.get_by_role("link", name="Examiner «").click()
    page.get_by_label("La phrase ne contient aucune donnée personnelle").check()
    page.get_by_role("button", name="Confirmer la phrase").click()
    expect(page.get_by_text("Elle fait partie du brouillon")).to_be_visible()
    assert asked(browser, site) == DECLINED

    log_in(page, "publicateur")
    page.goto("/console/prouver")
    page.get_by_role("button", name="Entrainer le brouillon et le prouver").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^Preuve du"))).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Le candidat peut être publié.")).to_be_visible()
    assert asked(browser, site) == DECLINED

    page.goto("/console/publier")
    page.get_by_label(re.compile("^Pourquoi publier")).fill("les gens parlent de pigeons")
    page.get_by_role("button", name=re.compile("^Publier 2")).click()
    expect(page.get_by_text("C'est publié.")).to_be_visible()
    assert asked(browser, site) == ANSWERED

    page.get_by_role("button", name=re.compile("^Revenir à")).click()
    expect(page.get_by_text("C'est fait.")).to_be_visible()
    assert asked(browser, site) == DECLINED
    assert heard == []
    context.close()
