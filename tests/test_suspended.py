"""The project with answers that are switched off: whoever asks gets the notice, by whatever way; then the answer again."""

from pathlib import Path

import pytest

from api.console.suspending import is_answer
from bot.execution.suspension import OWN
from bot.rehearsal import rehearse
from bot.storage.outcomes import FILE, Outcome, read_outcomes
from tests.conversing import Conversation, answers, assistant, project_model
from tests.project import project
from tests.trained import ROOT

RESPONSES = project().domain.responses
TABLE = read_outcomes(ROOT / FILE)
ANSWERS = {name for name, variations in RESPONSES.items() if is_answer(name, variations, TABLE)}
NOTICE = "reponse_suspendue"
WAYS = {
    "a rule": ("utter_capacite", ["quelle est la capacité de la boite"]),
    "a button": ("utter_redirection", ["/redirection"]),
    "an action with a link": ("utter_acces_webmail", ["où lire les mails de la BMA"]),
    "an action with a value and a button": ("utter_support_etnic", ["/support_etnic"]),
    "a form's end": ("utter_mot_de_passe_hors_mode", ["/mot_de_passe", "/mot_de_passe_hors_mode"]),
    "a computed address": ("utter_adresse_fase", ["mon numéro FASE est 5464, quelle est mon adresse"]),
    "a follow-up": ("utter_migration_pourquoi", ["/migration_quoi", "pourquoi ?"]),
    "again in simpler words": ("utter_cerbere", ["/cerbere", "j'ai pas compris"]),
}


def test_the_answers_are_those_of_the_topics_and_nothing_that_the_engine_needs() -> None:
    assert not ANSWERS & OWN
    assert not [name for name in ANSWERS if name.startswith("utter_ask_")]
    titled = {name for name, found in RESPONSES.items() if any((one.content.get("metadata") or {}).get("titre") for one in found)}
    assert titled - ANSWERS == {"utter_ask_connu_mode", "utter_autre_chose"}
    kinds = {name: TABLE.of(name) for name in ANSWERS}
    assert {name for name, kind in kinds.items() if kind is not Outcome.ANSWERED} == {"utter_support_etnic"}
    for name in (
        "hors_sujet",
        "salutation",
        "aide",
        "clarification",
        "clarification_contact",
        "contact_humain",
        "langue",
        "erreur",
    ):
        assert f"utter_{name}" not in ANSWERS


def test_in_the_figures_the_notice_counts_as_sent_to_a_person() -> None:
    assert TABLE.of(f"utter_{NOTICE}") is Outcome.HANDED_OVER


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["rest", "page", "teams"])
@pytest.mark.parametrize("way", WAYS)
async def test_who_asks_gets_the_notice_and_then_the_answer_again(way: str, channel: str, tmp_path: Path) -> None:
    response, messages = WAYS[way]
    async with assistant(tmp_path) as (agent, clock):
        for number, off in enumerate((False, True, False)):
            agent.suspend(frozenset({response} if off else ()))
            person = Conversation(agent, agent.secret.conversation(channel, f"p{number}"), clock)
            for text in messages:
                said = await person.say(text)
            assert answers(said) == [NOTICE if off else response.removeprefix("utter_")] * len(said)
            if off:
                assert all("buttons" not in item and "{" not in item["text"] for item in said)
                assert "support@etnic.be" in " ".join(item["text"] for item in said)


@pytest.mark.slow
async def test_said_again_after_it_is_switched_on_it_is_the_answer(tmp_path: Path) -> None:
    async with assistant(tmp_path) as (agent, clock):
        person = Conversation(agent, agent.secret.conversation("rest", "a"), clock)
        agent.suspend(frozenset({"utter_capacite"}))
        first = await person.say("/capacite")
        again = await person.say("répète")
        assert (answers(first)[:1], answers(again)[:1]) == ([NOTICE], [NOTICE])
        assert first != again
        agent.suspend(frozenset())
        assert set(answers(await person.say("répète"))) == {"capacite"}


@pytest.mark.slow
async def test_another_model_keeps_what_is_suspended_and_a_stored_answer_stays(tmp_path: Path) -> None:
    async with assistant(tmp_path) as (agent, clock):
        person = Conversation(agent, agent.secret.conversation("rest", "a"), clock)
        before = await person.say("/capacite", message_id="m1")
        agent.suspend(frozenset({"utter_capacite", "utter_que_personne_ne_connait"}))
        agent.use(project_model())
        assert set(answers(await person.say("/capacite"))) == {NOTICE}
        assert await person.say("/capacite", message_id="m1") == before
        assert agent.suspended == {"utter_capacite", "utter_que_personne_ne_connait"}


@pytest.mark.slow
async def test_a_rehearsal_says_what_users_would_get_and_what_is_suspended(tmp_path: Path) -> None:
    async with assistant(tmp_path) as (agent, clock):
        off = frozenset({"utter_capacite"})
        turns = await rehearse(agent.model, agent.actions, ["/capacite", "/redirection"], "page", clock, off)
    assert [turn.suspended for turn in turns] == [["utter_capacite"], []]
    assert answers([dict(item) for item in turns[0].messages])[:1] == [NOTICE]
