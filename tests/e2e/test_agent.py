"""Whole turns of the agent, in this process: memory, silence, several questions, what is stored."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import events as ev
from bot.agent import Agent
from bot.storage.erasure import erase
from bot.storage.sqlite import SqliteStore
from tests.conversing import Clock, Conversation, answers, assistant

pytestmark = pytest.mark.slow


@pytest.fixture
async def conversation(tmp_path: Path) -> AsyncIterator[Conversation]:
    async with assistant(tmp_path) as (agent, clock):
        yield started(agent, clock)


def started(agent: Agent, clock: Clock) -> Conversation:
    return Conversation(agent, agent.secret.conversation("rest", "somebody"), clock)


async def events(conversation: Conversation) -> list[ev.Event]:
    tracker = await conversation.agent.tracker(conversation.key)
    assert tracker is not None
    return tracker.events


async def test_the_status_is_remembered_and_the_answer_says_why(conversation: Conversation) -> None:
    await conversation.say("/mot_de_passe_hors_mode")
    said = await conversation.say("/mot_de_passe")
    assert answers(said) == ["mot_de_passe_hors_mode"]
    assert said[0]["text"].startswith(("Comme vous n’êtes pas dans MODE", "D’après ce que vous m’avez dit"))


async def test_an_hour_of_silence_forgets(conversation: Conversation) -> None:
    await conversation.say("/mot_de_passe_hors_mode")
    conversation.clock.now += 61 * 60
    assert answers(await conversation.say("/mot_de_passe")) == ["ask_connu_mode"]
    conversation.clock.now += 59 * 60
    assert answers(await conversation.say("oui")) == ["mot_de_passe_mode"]


async def test_after_silence_nothing_is_a_follow_up(conversation: Conversation) -> None:
    await conversation.say("/redirection")
    conversation.clock.now += 61 * 60
    assert answers(await conversation.say("pourquoi ?")) == ["precision"]


async def test_starting_again_forgets(conversation: Conversation) -> None:
    await conversation.say("/mot_de_passe_mode")
    assert answers(await conversation.say("recommencer")) == ["restart"]
    assert answers(await conversation.say("/mot_de_passe")) == ["ask_connu_mode"]


async def test_two_questions_are_one_user_event(conversation: Conversation) -> None:
    text = "C'est quoi MODE ? Et pourquoi a-t-on migré les boites ?"
    assert answers(await conversation.say(text)) == ["definition_mode", "migration_pourquoi"]
    (user,) = [event for event in await events(conversation) if isinstance(event, ev.UserUttered)]
    (other,) = user.parse_data["questions"]
    assert (user.intent, other["intent"]["name"]) == ("definition_mode", "migration_pourquoi")
    assert text[other["start"] : other["end"]] == "Et pourquoi a-t-on migré les boites ?"
    actions = [event.name for event in await events(conversation) if isinstance(event, ev.ActionExecuted)]
    assert actions[2:] == ["utter_definition_mode", "utter_migration_pourquoi", "action_listen"]


async def test_a_question_in_the_middle_of_the_form_and_its_answer(conversation: Conversation) -> None:
    await conversation.say("/mot_de_passe")
    assert answers(await conversation.say("/capacite")) == ["capacite", "ask_connu_mode"]
    assert answers(await conversation.say("non, et c'est quoi cerbère ?")) == ["mot_de_passe_hors_mode", "cerbere"]


async def test_a_form_of_two_questions_asks_once(conversation: Conversation) -> None:
    said = await conversation.say("J'ai perdu le mot de passe de la BMA. Et combien de place y a-t-il dans la boite ?")
    assert sorted(answers(said)) == ["ask_connu_mode", "capacite"]
    assert answers(await conversation.say("oui")) == ["mot_de_passe_mode"]


async def test_the_same_message_id_at_once_is_answered_once(conversation: Conversation) -> None:
    replies = await asyncio.gather(*(conversation.say("quelle capacité ?", message_id="one") for _ in range(5)))
    assert all(reply == replies[0] for reply in replies)
    assert sum(isinstance(event, ev.UserUttered) for event in await events(conversation)) == 1


async def test_the_request_is_prepared_and_nothing_personal_is_asked(conversation: Conversation) -> None:
    assert answers(await conversation.say("/preparer_demande")) == ["ask_adresse_demande"]
    assert answers(await conversation.say("5464")) == ["ask_genre_adresse"]
    assert answers(await conversation.say("/genre_ecole")) == ["ask_probleme"]
    said = await conversation.say("/probleme_messages")
    assert answers(said) == ["demande_etnic"]
    assert "ec005464@adm.cfwb.be" in said[0]["text"]
    (button,) = said[0]["buttons"]
    assert button["url"].startswith("mailto:support@etnic.be?subject=")
    tracker = await conversation.agent.tracker(conversation.key)
    assert tracker is not None
    assert tracker.active_loop is None


async def test_a_password_in_the_middle_of_a_request_and_back(conversation: Conversation) -> None:
    await conversation.say("/preparer_demande")
    assert answers(await conversation.say("5464")) == ["ask_genre_adresse"]
    assert answers(await conversation.say("/mot_de_passe")) == ["ask_connu_mode"]
    assert answers(await conversation.say("non")) == ["mot_de_passe_hors_mode", "ask_genre_adresse"]
    assert answers(await conversation.say("/genre_ecole")) == ["ask_probleme"]
    assert answers(await conversation.say("laisse tomber")) == ["abandon"]
    assert answers(await conversation.say("/mot_de_passe_mode")) == ["mot_de_passe_mode"]


async def test_a_request_given_up_from_the_password_is_not_taken_up(conversation: Conversation) -> None:
    await conversation.say("/preparer_demande")
    await conversation.say("/mot_de_passe")
    assert answers(await conversation.say("laisse tomber")) == ["abandon"]
    assert answers(await conversation.say("/mot_de_passe_mode")) == ["mot_de_passe_mode"]


async def test_after_two_misses_a_human(conversation: Conversation) -> None:
    pairs = [("nlu_fallback", 0.45), ("redirection", 0.3), ("capacite", 0.28)]
    ranking = [{"name": name, "confidence": confidence} for name, confidence in pairs]
    parsed = {"intent": ranking[0], "entities": [], "intent_ranking": ranking}
    conversation.agent.read = lambda received, trusted: {**parsed, "text": received}  # type: ignore[method-assign]
    first = await conversation.say("les mails, la place")
    second = await conversation.say("la place, les mails")
    assert (answers(first), answers(second)) == (["clarification"], ["clarification_contact"])
    assert "support@etnic.be" not in first[0]["text"]
    assert "support@etnic.be" in second[0]["text"]


@pytest.mark.parametrize(
    "message", ["vous êtes nuls", "je veux parler à quelqu'un", "ik spreek geen Frans", "votre service est nul"]
)
async def test_a_human_is_never_far(conversation: Conversation, message: str) -> None:
    await conversation.say("/mot_de_passe")
    said = await conversation.say(message)
    assert len(said) == 1
    assert "support@etnic.be" in said[0]["text"]
    tracker = await conversation.agent.tracker(conversation.key)
    assert tracker is not None
    assert tracker.active_loop is None


async def test_a_contact_asked_with_a_password_leaves_the_question_open(conversation: Conversation) -> None:
    said = await conversation.say("J'ai perdu le mot de passe de la BMA. Et quel est le numéro du support technique ?")
    assert answers(said) == ["ask_connu_mode", "support_etnic"]
    assert answers(await conversation.say("oui")) == ["mot_de_passe_mode"]


async def test_a_type_in_another_question_decides_nothing(conversation: Conversation) -> None:
    text = "J'ai perdu le mot de passe de la BMA de l'école. Et sur quel site lire les mails de l'internat ?"
    assert answers(await conversation.say(text))[0] == "ask_connu_mode"


async def test_many_marks_cost_nothing(conversation: Conversation) -> None:
    await conversation.say("/mot_de_passe")
    start = time.perf_counter()
    await conversation.say("oui " + "!" * 200 + " merci")
    assert time.perf_counter() - start < 0.5


async def test_what_a_command_erases_beside_the_server_is_forgotten(tmp_path: Path) -> None:
    async with assistant(tmp_path) as (agent, clock):
        conversation = started(agent, clock)
        await conversation.say("/mot_de_passe_hors_mode")
        assert answers(await conversation.say("/mot_de_passe")) == ["mot_de_passe_hors_mode"]
        visit = SqliteStore(f"sqlite:///{tmp_path}/bma.sqlite3")
        assert await visit.run(lambda connection: erase(connection, str(conversation.key), "cli", clock()))
        await visit.close()
        assert answers(await conversation.say("/mot_de_passe")) == ["ask_connu_mode"]
        assert len([event for event in await events(conversation) if isinstance(event, ev.UserUttered)]) == 1
