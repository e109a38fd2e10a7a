"""Which form, by what the conversation says: cases in password.yml."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

TABLE = YAML(typ="safe").load((Path(__file__).parent / "password.yml").read_text(encoding="utf-8"))
CASES = [pytest.param(intent, case, id=f"{intent}: {case['case']}") for intent, cases in TABLE.items() for case in cases]


@pytest.mark.parametrize(("intent", "case"), CASES)
async def test_status(run: Any, intent: str, case: dict[str, Any]) -> None:
    said = await run(
        "validate_mot_de_passe_form",
        intent=intent,
        text=case.get("text"),
        entities=[tuple(pair) for pair in case.get("said", [])],
        slots=case.get("before"),
        ranking=case.get("ranking"),
        asked=("mot_de_passe_form", "connu_mode") if case.get("asked") else None,
    )
    assert said.response is None
    if case["gives"] == "nothing":
        assert said.slots == {}
        return
    assert said.slots["connu_mode"] == (None if case["gives"] == "ask" else case["gives"])
    if "memory" in case:
        assert said.slots["mode_de_memoire"] is case["memory"]


async def test_another_establishment_without_a_type_forgets_the_type(run: Any) -> None:
    said = await run(
        "validate_mot_de_passe_form",
        intent="mot_de_passe",
        entities={"autre_etablissement": "autre école"},
        slots={"type_etablissement": "internat", "connu_mode": "non", "type_du_statut": "internat"},
    )
    assert said.slots == {"connu_mode": None, "type_du_statut": None, "mode_de_memoire": None, "type_etablissement": None}


ASKED = ("mot_de_passe_form", "connu_mode")


EXPLAINED = ("mode_inconnu", ["utter_mode_inconnu", "utter_ask_connu_mode"])


@pytest.mark.parametrize(("intent", "explanations"), [("mode_inconnu", 1), ("mode_inconnu", 2), ("pas_compris", 2)])
async def test_who_still_does_not_know_is_not_asked_again(run: Any, intent: str, explanations: int) -> None:
    before = [("mot_de_passe", ["utter_ask_connu_mode"]), *[EXPLAINED] * explanations]
    said = await run("validate_mot_de_passe_form", intent=intent, asked=ASKED, before=before)
    assert (said.slots["connu_mode"], said.slots["requested_slot"]) == (None, None)


async def test_who_has_not_understood_is_explained_a_second_time(run: Any) -> None:
    assert (await run("validate_mot_de_passe_form", intent="pas_compris", asked=ASKED, before=[EXPLAINED])).slots == {}


async def test_nor_once_it_was_given_up(run: Any) -> None:
    said = await run("validate_mot_de_passe_form", intent="mode_inconnu", before=[("mode_inconnu", ["utter_deux_formulaires"])])
    assert said.slots["requested_slot"] is None


async def test_a_first_doubt_is_left_to_the_explanation(run: Any) -> None:
    before = [("mot_de_passe", ["utter_ask_connu_mode"])]
    assert (await run("validate_mot_de_passe_form", intent="mode_inconnu", asked=ASKED, before=before)).slots == {}


async def test_a_status_nobody_knows_gets_both_forms(run: Any) -> None:
    said = await run("action_mot_de_passe", slots={"connu_mode": None})
    assert said.response == "utter_deux_formulaires"


@pytest.mark.parametrize(("status", "response"), [("oui", "mode"), ("non", "hors_mode")])
async def test_the_form_is_given(run: Any, status: str, response: str) -> None:
    said = await run("action_mot_de_passe", slots={"connu_mode": status})
    assert said.response == f"utter_mot_de_passe_{response}"
    title = "Formulaire pour les établissements " + ("connus dans MODE" if status == "oui" else "qui ne sont pas")
    assert said.values["formulaire"].startswith(title)


async def test_a_correction_asks_the_form_again(run: Any) -> None:
    said = await run("action_correction", slots={"connu_mode": "oui", "sujet": "mot_de_passe"})
    assert (said.response, said.followup) == (None, "mot_de_passe_form")


@pytest.mark.parametrize("slots", [{}, {"connu_mode": "oui", "sujet": "redirection"}, {"sujet": "mot_de_passe"}])
async def test_a_correction_of_nothing(run: Any, slots: dict[str, Any]) -> None:
    said = await run("action_correction", slots=slots)
    assert (said.response, said.followup) == ("utter_precision", None)


async def test_a_corrected_number_gets_its_address(run: Any) -> None:
    said = await run(
        "action_correction", text="oups, c'est 5741", entities={"numero_fase": "5741"}, slots={"sujet": "format_adresse"}
    )
    assert (said.response, said.values["fase"]) == ("utter_adresse_fase", "005741")
