"""The request to the ETNIC support."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from actions.data_files import DataFileError
from actions.request import read_template

FORM = "validate_demande_form"
ADDRESS = ("demande_form", "adresse_demande")
KIND = ("demande_form", "genre_adresse")
PROBLEM = ("demande_form", "probleme")


async def test_a_new_request_asks_for_the_address(run: Any) -> None:
    said = await run(FORM, intent="preparer_demande")
    assert said.slots == {"adresse_demande": None, "probleme": None, "requested_slot": "adresse_demande"}


@pytest.mark.parametrize(
    "slots",
    [{"adresse_administrative": "EC005464@adm.cfwb.be"}, {"adresse_demande": "ec005464@adm.cfwb.be", "probleme": "messages"}],
)
async def test_an_address_said_before_is_taken(run: Any, slots: dict[str, str]) -> None:
    said = await run(FORM, intent="preparer_demande", slots=slots)
    assert said.slots == {"adresse_demande": "ec005464@adm.cfwb.be", "probleme": None, "requested_slot": "probleme"}


@pytest.mark.parametrize(
    ("text", "entities", "address"),
    [
        ("c'est ec005464@adm.cfwb.be", {"adresse_administrative": "ec005464@adm.cfwb.be"}, "ec005464@adm.cfwb.be"),
        ("PO005464@ADM.cfwb.be", {"adresse_administrative": "PO005464@ADM.cfwb.be"}, "po005464@adm.cfwb.be"),
        ("5464", {"numero_fase": "5464"}, "005464"),
        ("le 95", {}, "000095"),
    ],
)
async def test_an_address_or_a_number(run: Any, text: str, entities: dict[str, str], address: str) -> None:
    said = await run(FORM, intent="donner_fase", text=text, entities=entities, asked=ADDRESS)
    assert said.slots["adresse_demande"] == address
    assert said.slots.get("requested_slot") == ("probleme" if "@" in address else None)


@pytest.mark.parametrize("text", ["ec12@adm.cfwb.be", "direction@ecole.be", "12345678", "5464 ou 5465"])
async def test_what_is_no_address_is_said_and_asked_again(run: Any, text: str) -> None:
    said = await run(FORM, intent="hors_sujet", text=text, asked=ADDRESS)
    assert said.response == "utter_adresse_non_valable"
    assert said.slots == {"adresse_demande": None, "requested_slot": "adresse_demande"}


async def test_the_address_may_be_left_out(run: Any) -> None:
    said = await run(FORM, intent="passer", asked=ADDRESS)
    assert said.slots == {"adresse_demande": "aucune", "requested_slot": "probleme"}


@pytest.mark.parametrize(
    ("intent", "entities", "kind"),
    [
        ("genre_po", {}, "po"),
        ("genre_ecole", {}, "ec"),
        ("dire_type", {"type_etablissement": "po"}, "po"),
        ("dire_type", {"type_etablissement": "athénée"}, "ec"),
        ("affirmation", {}, None),
    ],
)
async def test_school_or_po(run: Any, intent: str, entities: dict[str, str], kind: str | None) -> None:
    said = await run(FORM, intent=intent, entities=entities, asked=KIND, slots={"adresse_demande": "005464"})
    assert said.slots["genre_adresse"] == kind


@pytest.mark.parametrize(
    ("intent", "problem"),
    [("probleme_connexion", "connexion"), ("probleme_messages", "messages"), ("probleme_autre", "autre"), ("passer", "autre")],
)
async def test_the_problem(run: Any, intent: str, problem: str) -> None:
    said = await run(FORM, intent=intent, asked=PROBLEM, slots={"adresse_demande": "aucune"})
    assert said.slots == {"probleme": problem, "requested_slot": None}


async def test_a_problem_told_in_other_words(run: Any) -> None:
    ranking = {"support_etnic": 0.6, "probleme_messages": 0.1, "probleme_autre": 0.05}
    said = await run(FORM, intent="support_etnic", ranking=ranking, asked=PROBLEM, slots={"adresse_demande": "aucune"})
    assert said.slots["probleme"] == "messages"


async def test_another_question_is_no_answer(run: Any) -> None:
    said = await run(FORM, intent="redirection", asked=PROBLEM, slots={"adresse_demande": "aucune"})
    assert said.slots == {"requested_slot": "probleme"}


async def test_the_request_is_a_text_and_a_mail_of_the_users_own(run: Any) -> None:
    slots = {"adresse_demande": "005464", "genre_adresse": "po", "probleme": "messages"}
    said = await run("action_demande_etnic", slots=slots)
    assert said.response == "utter_demande_etnic"
    assert "po005464@adm.cfwb.be" in said.values["demande"]
    ((title, link),) = said.buttons
    assert title == "Ouvrir dans ma messagerie"
    mail = urlsplit(link)
    assert (mail.scheme, mail.path) == ("mailto", "support@etnic.be")
    fields = parse_qs(mail.query)
    assert fields["subject"] == ["BMA po005464@adm.cfwb.be : envoi ou réception de messages"]
    assert fields["body"] == [said.values["demande"].replace("\n", "\r\n")]
    assert all(f"{blank} : ______" in said.values["demande"] for blank in ("Nom", "Prénom", "Détails"))


async def test_what_was_not_given_is_left_blank(run: Any) -> None:
    said = await run("action_demande_etnic", slots={"adresse_demande": "aucune"})
    assert "Adresse mail administrative : ______" in said.values["demande"]


@pytest.mark.parametrize(
    "text",
    [
        "demande: {}",
        "demande: {destinataire: a, bouton: b, objet: '{autre}', texte: d, sans_adresse: e, problemes: {}}",
        "demande: {destinataire: a, bouton: b, objet: c, texte: d, sans_adresse: e, problemes: [x]}",
    ],
)
def test_errors_name_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "demande.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError, match=r"demande\.yml"):
        read_template(path)
