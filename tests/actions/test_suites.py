"""Follow-ups are answered by the last topic (data/suites.yml)."""

from pathlib import Path
from typing import Any

import pytest

from actions.data_files import DataFileError
from actions.suites import read_suites, suites

INTERNAT = {"type_etablissement": "internat"}
KINDS = ("pourquoi", "combien", "quand", "ou", "numero", "mail", "comment", "details", "quoi")


@pytest.mark.parametrize(
    ("topic", "intent", "response"),
    [
        ("redirection", "suite_pourquoi", "utter_redirection"),
        ("redirection", "suite_combien", "utter_capacite"),
        ("redirection", "suite_numero", "utter_support_etnic"),
        ("redirection", "dire_type", "utter_pas_de_difference"),
        ("migration_quoi", "suite_pourquoi", "utter_migration_pourquoi"),
        ("capacite", "suite_ou", "utter_hors_sujet"),
        ("hors_sujet", "suite_pourquoi", "utter_hors_sujet"),
        ("format_adresse", "suite_ou", "utter_hors_sujet"),
        ("migration_quoi", "suite_ou", "utter_acces_webmail"),
        ("migration_pourquoi", "suite_ou", "utter_acces_webmail"),
        ("migration_adresse", "suite_ou", "utter_acces_webmail"),
        (None, "suite_pourquoi", "utter_precision"),
        (None, "suite_numero", "utter_support_etnic"),
        ("unknown topic", "suite_quand", "utter_precision"),
    ],
)
async def test_answer(run: Any, topic: str | None, intent: str, response: str) -> None:
    said = await run("action_suite", intent=intent, slots={"sujet": topic}, entities=INTERNAT)
    assert said.response == response


async def test_the_answer_becomes_the_topic(run: Any) -> None:
    said = await run("action_suite", intent="suite_combien", slots={"sujet": "redirection"})
    assert said.slots == {"sujet": "capacite"}


async def test_an_address_after_a_request_without_one_is_no_follow_up(run: Any) -> None:
    said = await run(
        "action_suite",
        intent="suite_mail",
        text="c'est ec004321@adm.cfwb.be",
        entities={"adresse_administrative": "ec004321@adm.cfwb.be"},
        slots={"sujet": "support_etnic"},
        before=[("probleme_autre", ["utter_demande_etnic"])],
    )
    assert (said.response, said.followup) == (None, "demande_form")


async def test_i_dont_know_leaves_the_topic(run: Any) -> None:
    assert (await run("action_suite", intent="suite_quand", slots={"sujet": "redirection"})).slots == {}


@pytest.mark.parametrize("intent", ["dire_type", "suite_ou"])
async def test_a_password_follow_up_goes_to_the_form(run: Any, intent: str) -> None:
    said = await run("action_suite", intent=intent, slots={"sujet": "mot_de_passe"}, entities=INTERNAT)
    assert (said.response, said.followup) == (None, "mot_de_passe_form")


async def test_every_answer_of_the_table_can_be_said(domain: dict[str, Any]) -> None:
    answers = suites().answers() - {"mot_de_passe"}
    assert {f"utter_{answer}" for answer in answers} <= set(domain["responses"])


async def test_every_topic_of_the_domain_has_its_row(domain: dict[str, Any]) -> None:
    assert set(suites().topics) == set(domain["slots"]["sujet"]["values"])
    assert set(suites().everywhere) == {*(f"suite_{kind}" for kind in KINDS), "dire_type"} <= set(domain["intents"])


@pytest.mark.parametrize(
    "text",
    ["suites: []", "a: 1", "suites: {partout: {}, sans_sujet: {}}", "suites: {partout: {a: 1}, sans_sujet: {}, sujets: {}}"],
)
def test_errors_name_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "suites.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError, match=r"suites\.yml"):
        read_suites(path)


async def test_and_for_what_is_no_establishment_is_a_doubt(run: Any) -> None:
    ranking = {"dire_type": 0.6, "capacite": 0.3}
    said = await run("action_suite", intent="dire_type", ranking=ranking, slots={"sujet": "redirection"})
    assert said.response == "utter_clarification"
    assert said.buttons[0] == ("Capacité de la boite", "/capacite")
