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


@pytest.mark.parametrize("text", ["ec12@adm.cfwb.be", "direction@ecole.be", "12345678", "12 ou 13"])
async def test_what_is_no_address_is_said_and_asked_again(run: Any, text: str) -> None:
    said = await run(FORM, intent="hors_sujet", text=text, asked=ADDRESS)
    assert said.response == "utter_adresse_non_valable"
    assert said.slots == {"adresse_demande": None, "requested_slot": "adresse_demande"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("le numéro fase est 17 89", ["17"]), ("1789 et 1790", ["1789", "1790"]), ("1789.1790", ["1789", "1790"])],
)
async def test_of_several_numbers_none_is_taken(run: Any, text: str, numbers: list[str]) -> None:
    entities = [("numero_fase", number) for number in numbers]
    said = await run(FORM, intent="donner_fase", text=text, entities=entities, asked=ADDRESS)
    assert said.response == "utter_plusieurs_numeros"
    assert said.slots == {"adresse_demande": None, "requested_slot": "adresse_demande"}


async def test_the_same_number_twice_is_one(run: Any) -> None:
    entities = [("numero_fase", "1789"), ("numero_fase", "01789")]
    said = await run(FORM, intent="donner_fase", text="1789, donc 01789", entities=entities, asked=ADDRESS)
    assert said.slots["adresse_demande"] == "001789"


async def test_a_number_in_another_question_changes_nothing(run: Any) -> None:
    slots = {"adresse_demande": "ec001789@adm.cfwb.be"}
    said = await run(FORM, intent="hors_sujet", text="et la 1790 ?", entities={"numero_fase": "1790"}, asked=PROBLEM, slots=slots)
    assert said.slots == {"requested_slot": "probleme"}


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
        ("passer", {}, "aucun"),
        ("affirmation", {}, None),
    ],
)
async def test_school_or_po(run: Any, intent: str, entities: dict[str, str], kind: str | None) -> None:
    said = await run(FORM, intent=intent, entities=entities, asked=KIND, slots={"adresse_demande": "005464"})
    assert said.slots["genre_adresse"] == kind


@pytest.mark.parametrize(
    ("intent", "text", "kinds"),
    [
        ("format_adresse", "c'est quoi un PO ?", ["po"]),
        ("genre_ecole", "et l'école elle peut aussi ?", ["école"]),
        ("redirection", "à l'école on redirige tout", ["école"]),
        ("acces_webmail", "où lire les mails ?", []),
    ],
)
async def test_a_question_tells_no_kind(run: Any, intent: str, text: str, kinds: list[str]) -> None:
    slots = {"adresse_demande": "001789", "genre_adresse": "po", "type_etablissement": "école"}
    entities = [("type_etablissement", kind) for kind in kinds]
    assert (await run(FORM, intent=intent, text=text, entities=entities, asked=PROBLEM, slots=slots)).slots == {}


async def test_the_kind_can_be_corrected(run: Any) -> None:
    slots = {"adresse_demande": "001789", "genre_adresse": "po"}
    ranking = {"nlu_fallback": 0.4, "genre_ecole": 0.36, "correction": 0.2}
    school = {"type_etablissement": "école"}
    said = await run(FORM, text="non pardon, l'école", ranking=ranking, entities=school, asked=PROBLEM, slots=slots)
    assert said.slots == {"genre_adresse": "ec", "probleme": None}


async def test_the_kind_that_the_conversation_has_said_is_taken_at_the_start(run: Any) -> None:
    said = await run(FORM, intent="preparer_demande", slots={"numero_fase": "1789", "type_etablissement": "po"})
    assert (said.slots["adresse_demande"], said.slots["genre_adresse"]) == ("001789", "po")


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


@pytest.mark.parametrize("text", ["je veux un humain", "passez-moi quelqu’un", "C'est quoi le NUMÉRO du support ?"])
async def test_a_wish_for_a_person_is_no_problem(run: Any, text: str) -> None:
    said = await run(FORM, intent="support_etnic", text=text, asked=PROBLEM, slots={"adresse_demande": "aucune"})
    assert said.slots == {"requested_slot": "probleme"}


@pytest.mark.parametrize(
    ("ranking", "problem"),
    [
        ({"nlu_fallback": 0.4, "probleme_connexion": 0.35, "support_etnic": 0.3}, "connexion"),
        ({"nlu_fallback": 0.4, "support_etnic": 0.35, "hors_sujet": 0.3, "probleme_messages": 0.1}, "messages"),
        ({"nlu_fallback": 0.4, "aide": 0.3, "capacite": 0.2}, None),
    ],
)
async def test_a_doubt_about_the_problem(run: Any, ranking: dict[str, float], problem: str | None) -> None:
    said = await run(FORM, text="hm", ranking=ranking, asked=PROBLEM, slots={"adresse_demande": "aucune"})
    assert said.slots["probleme"] == problem


@pytest.mark.parametrize("ranking", [{"mot_de_passe": 1.0}, {"nlu_fallback": 0.4, "suite_quand": 0.4, "hors_sujet": 0.39}])
async def test_what_has_its_own_answer_is_no_problem(run: Any, ranking: dict[str, float]) -> None:
    slots = {"adresse_demande": "aucune", "sujet": "support_etnic"}
    said = await run(FORM, text="quel jour sommes-nous ?", ranking=ranking, asked=PROBLEM, slots=slots)
    assert said.slots == {"requested_slot": "probleme"}


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


MADE = [("probleme_connexion", ["utter_demande_etnic"])]


@pytest.mark.parametrize("action", ["action_adresse", "action_correction"])
@pytest.mark.parametrize("entity", [("adresse_administrative", "ec004321@adm.cfwb.be"), ("numero_fase", "4321")])
async def test_an_address_right_after_makes_the_request_again(run: Any, action: str, entity: tuple[str, str]) -> None:
    said = await run(action, intent="format_adresse", text=f"c'est {entity[1]} en fait", entities=[entity], before=MADE)
    assert (said.response, said.followup) == (None, "demande_form")


async def test_the_request_made_again_keeps_the_problem(run: Any) -> None:
    entities = {"adresse_administrative": "ec004321@adm.cfwb.be"}
    slots = {"adresse_demande": "aucune", "probleme": "connexion"}
    said = await run(
        FORM, intent="format_adresse", text="c'est ec004321@adm.cfwb.be", entities=entities, slots=slots, before=MADE
    )
    assert said.slots == {"adresse_demande": "ec004321@adm.cfwb.be", "requested_slot": None}


@pytest.mark.parametrize(
    ("text", "before"), [("c'est 4321 ?", MADE), ("c'est 4321", [*MADE, ("remerciement", ["utter_remerciement"])]), ("4321", [])]
)
async def test_a_question_or_a_later_number_is_about_the_address(run: Any, text: str, before: Any) -> None:
    said = await run("action_adresse", intent="donner_fase", text=text, entities={"numero_fase": "4321"}, before=before)
    assert (said.response, said.followup) == ("utter_adresse_fase", None)


async def test_what_was_not_given_is_left_blank(run: Any) -> None:
    said = await run("action_demande_etnic", slots={"adresse_demande": "aucune"})
    assert "Adresse mail administrative : ______\n" in said.values["demande"]


async def test_a_number_is_kept_although_nobody_said_whose_it_is(run: Any) -> None:
    said = await run("action_demande_etnic", slots={"adresse_demande": "005464", "genre_adresse": "aucun"})
    assert "Adresse mail administrative : ______ (numéro FASE 005464)\n" in said.values["demande"]


VALID = "demande: {destinataire: a, bouton: b, objet: c, texte: d, sans_adresse: e, numero_seul: f, problemes: {}, personne: []}"


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("destinataire: a, ", ""),
        ("objet: c", "objet: '{autre}'"),
        ("numero_seul: f", "numero_seul: '{autre}'"),
        ("problemes: {}", "problemes: [x]"),
        ("personne: []", "personne: [1]"),
    ],
)
def test_errors_name_the_file(tmp_path: Path, part: str, instead: str) -> None:
    path = tmp_path / "demande.yml"
    path.write_text(VALID, encoding="utf-8")
    assert read_template(path).recipient == "a"
    path.write_text(VALID.replace(part, instead), encoding="utf-8")
    with pytest.raises(DataFileError, match=r"demande\.yml"):
        read_template(path)
