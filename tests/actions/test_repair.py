"""« Pas compris » and « redites »."""

from typing import Any


async def test_simpler_words_are_asked_for(run: Any) -> None:
    said = await run("action_reformuler", intent="pas_compris", slots={"mode_de_memoire": True})
    assert said.slots == {"reformuler": True, "mode_de_memoire": None}


async def test_the_last_answer_again(run: Any) -> None:
    before = [("capacite", ["utter_capacite"]), ("redirection", ["utter_redirection"])]
    said = await run("action_redire", intent="pas_compris", before=before)
    assert (said.response, said.slots) == ("utter_redirection", {"reformuler": None})


async def test_values_are_filled_again(run: Any) -> None:
    said = await run("action_redire", intent="repeter", before=[("acces_webmail", ["utter_acces_webmail"])])
    assert said.values == {"webmail": "https://www.webmail@adm.cfwb.be"}


async def test_a_form_asks_its_question_itself(run: Any) -> None:
    before = [("redirection", ["utter_redirection", "utter_ask_connu_mode"])]
    assert (await run("action_redire", intent="repeter", before=before)).response == "utter_redirection"


async def test_not_understood_twice_gets_a_human(run: Any) -> None:
    before = [("redirection", ["utter_redirection"]), ("pas_compris", ["utter_redirection"])]
    assert (await run("action_redire", intent="pas_compris", before=before)).response == "utter_contact_humain"
    assert (await run("action_redire", intent="repeter", before=before)).response == "utter_redirection"


async def test_nothing_to_say_again(run: Any) -> None:
    assert (await run("action_redire", intent="repeter")).response == "utter_precision"
