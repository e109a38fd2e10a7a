"""The actions that fill a response: Cerbère, webmail, ETNIC, address."""

from typing import Any

import pytest


async def test_cerbere_gives_the_infographic(run: Any) -> None:
    said = await run("action_cerbere")
    assert said.response == "utter_cerbere"
    assert "Compte Cerbère : mot de passe - email de contact" in said.values["infographie"]
    assert "http://www.enseignement.be/index.php?page=28724&navi=4989" in said.values["infographie"]


async def test_webmail_is_written_as_the_page_prints_it(run: Any) -> None:
    said = await run("action_acces_webmail")
    assert (said.response, said.values) == ("utter_acces_webmail", {"webmail": "https://www.webmail@adm.cfwb.be"})


@pytest.mark.parametrize(
    ("slot", "shown"),
    [
        ("ec009431@adm.cfwb.be", " (ec009431@adm.cfwb.be)"),
        ("PO009431@ADM.cfwb.be", " (po009431@adm.cfwb.be)"),
        (None, ""),
        ("ec009431@adm.cfwb.be.exemple.com", ""),
        ("ec009431@adm.cfwb.be\n", " (ec009431@adm.cfwb.be)"),
        ("<b>ec009431@adm.cfwb.be</b>", ""),
        (["ec009431@adm.cfwb.be"], ""),
    ],
)
async def test_support_repeats_only_an_administrative_address(run: Any, slot: Any, shown: str) -> None:
    said = await run("action_support_etnic", slots={"adresse_administrative": slot})
    assert (said.response, said.values) == ("utter_support_etnic", {"adresse": shown})


async def test_support_without_the_slot(run: Any) -> None:
    assert (await run("action_support_etnic")).values == {"adresse": ""}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5464", "005464"),
        ("005464", "005464"),
        ("fase 5464", "005464"),
        ("n° FASE : 95", "000095"),
        ("123456", "123456"),
        ("1234567", None),
        ("0005464", None),
        ("12 34", None),
        ("5464 ou 5465", None),
        ("000", None),
        ("٥٤٦٤", None),
        ("fase", None),
        ("", None),
    ],
)
async def test_fase_number(run: Any, text: str, number: str | None) -> None:
    assert (await run("action_adresse", entities={"numero_fase": text})).values.get("fase") == number


ADDRESS = {"fase": "005464", "adresse_ec": "ec005464@adm.cfwb.be", "adresse_po": "po005464@adm.cfwb.be"}


@pytest.mark.parametrize(
    "entities", [{"numero_fase": "5464"}, {"numero_fase": 5464}, [("numero_fase", "12"), ("numero_fase", "5464")]]
)
async def test_address_of_the_number_in_the_message(run: Any, entities: Any) -> None:
    said = await run("action_adresse", entities=entities, slots={"numero_fase": "99"})
    assert (said.response, said.values) == ("utter_adresse_fase", ADDRESS)


async def test_address_of_the_number_said_before(run: Any) -> None:
    assert (await run("action_adresse", slots={"numero_fase": "fase 5464"})).values == ADDRESS


@pytest.mark.parametrize(
    ("entities", "slots"), [({}, {}), ({}, {"numero_fase": None}), ({"numero_fase": "1234567"}, {"numero_fase": "5464"})]
)
async def test_without_a_good_number_how_an_address_is_written(run: Any, entities: Any, slots: Any) -> None:
    assert (await run("action_adresse", entities=entities, slots=slots)).response == "utter_format_adresse"


SPOKE = [("format_adresse", ["utter_format_adresse"])]


@pytest.mark.parametrize(
    ("text", "before", "response"),
    [
        ("le 95", SPOKE, "utter_adresse_fase"),
        ("notre numéro c'est le 95", SPOKE, "utter_adresse_fase"),
        ("le 95", [("capacite", ["utter_capacite"])], "utter_format_adresse"),
        ("nous avons 312 élèves et je ne sais toujours pas comment elle s'écrit", SPOKE, "utter_format_adresse"),
        ("95 ou 96", SPOKE, "utter_format_adresse"),
    ],
)
async def test_a_short_number_after_the_address(run: Any, text: str, before: Any, response: str) -> None:
    assert (await run("action_adresse", intent="format_adresse", text=text, before=before)).response == response


async def test_a_number_in_doubt_after_the_address(run: Any) -> None:
    said = await run("action_clarification", intent="nlu_fallback", text="le 95", before=SPOKE, ranking={"donner_fase": 0.4})
    assert (said.response, said.values["fase"]) == ("utter_adresse_fase", "000095")
