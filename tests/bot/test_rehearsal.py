"""Rehearsals: what they tell of a turn is what the agent would have stored, and why."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.runners import InProcessRunner
from bot import rehearsal
from bot.agent import Agent, Message
from bot.dialogue.prediction import Reason
from bot.identity import ConversationKey, Secret
from bot.nlu.fallback_classifier import FallbackClassifier
from bot.nlu.interpreter import Interpreter
from bot.rehearsal import Rehearsed, TooManyMessages, rehearse
from bot.storage.sqlite import SqliteStore
from tests.conversing import project_model
from tests.trained import ROOT

pytestmark = pytest.mark.slow

CONVERSATION = (
    "Bonjour Madame, j'ai perdu le mot de passe de la BMA, merci d'avance",
    "non, et c'est quoi cerbère ?",
    "mon code est Soleil2024!, où lire les mails ?",
    "/preparer_demande",
    "5464",
    "C'est quoi MODE ? Et pourquoi a-t-on migré les boites ?",
    "laisse tomber",
    "recommencer",
    "/restart",
    "pourquoi ?",
)


def now() -> float:
    return 1_800_000_000.0


async def play(*texts: str, channel: str = "page") -> list[Rehearsed]:
    return await rehearse(project_model(), InProcessRunner(), texts, channel, now)


async def stored(folder: Path, texts: tuple[str, ...]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Events and messages of the same conversation, as the agent stores and says them."""
    store = SqliteStore(f"sqlite:///{folder}/bma.sqlite3")
    key = ConversationKey("page", rehearsal.SENDER)
    said: list[dict[str, Any]] = []
    try:
        agent = Agent(project_model(), store, InProcessRunner(), Secret(b"x" * 32), now)
        for number, text in enumerate(texts, 1):
            said += (await agent.handle(Message(key, text, message_id=str(number)))).messages
        tracker = await agent.tracker(key)
        assert tracker is not None
        return [event.to_json() for event in tracker.events], said
    finally:
        await store.close()


async def test_the_same_events_and_answers_as_the_agents(tmp_path: Path) -> None:
    turns = await play(*CONVERSATION)
    events, said = await stored(tmp_path, CONVERSATION)
    assert [event.to_json() for turn in turns for event in turn.events] == events
    assert [message for turn in turns for message in turn.messages] == said


async def test_a_rehearsal_of_its_masked_messages_is_the_same() -> None:
    turns = await play(*CONVERSATION)
    assert not [turn for turn in turns if "Soleil2024" in str(turn)]
    again = await play(*(turn.text for turn in turns))
    assert [turn.events for turn in again] == [turn.events for turn in turns]


async def test_every_rule_that_fired_is_where_it_says() -> None:
    reasons = [fired.reason for turn in await play(*CONVERSATION) for fired in turn.fired if fired.reason]
    scripts = [reason for reason in reasons if reason.script]
    assert len(scripts) > 10
    for reason in scripts:
        line = (ROOT / reason.file).read_text(encoding="utf-8").splitlines()[reason.line - 1]
        assert re.match(r" +- |- ", line), (reason, line)
    assert {reason.note for reason in reasons if not reason.script} >= {"default_intent", "followup", "loop"}


async def test_the_file_and_line_of_a_rule() -> None:
    (turn,) = await play("/capacite")
    (answer, listen) = (fired for fired in turn.fired if fired.reason)
    assert answer.action == "utter_capacite"
    assert listen.action == "action_listen"
    assert isinstance(answer.reason, Reason)
    assert (answer.reason.policy, answer.reason.file) == ("RulePolicy", "data/rules/sujets.yml")
    text = (ROOT / answer.reason.file).read_text(encoding="utf-8").splitlines()[: answer.reason.line]
    assert [line for line in text if "rule:" in line][-1].endswith(answer.reason.script)


async def test_time_of_each_step() -> None:
    first, button = await play("quelle est la capacité de la boite ?", "/mot_de_passe_mode")
    names = [spec.name.rpartition(".")[2] for spec in project_model().interpreter.specs]
    assert [step.name for step in first.components] == [rehearsal.MASKING, *names]
    assert [step.name for step in button.components] == [rehearsal.MASKING]
    assert {step.name for step in button.actions} == {"validate_mot_de_passe_form", "action_mot_de_passe"}
    for turn in (first, button):
        assert all(0 <= step.milliseconds < 1000 for step in (*turn.components, *turn.actions))
        assert sum(step.milliseconds for step in turn.actions) < turn.dialogue < turn.milliseconds


async def test_words_intents_and_entities() -> None:
    (turn,) = await play("Bonjour, quelle est l'adresse BMA de l'école FASE 5464 ? Merci d'avance")
    start, end = turn.body
    assert turn.text[start:end] == "quelle est l'adresse BMA de l'école FASE 5464 ?"
    assert ("école", "ecole") in [(token.text, token.norm) for token in turn.tokens]
    guesses = turn.understood.guesses
    assert len(guesses) == rehearsal.TOP
    assert [item.confidence for item in guesses] == sorted((item.confidence for item in guesses), reverse=True)
    assert turn.understood.margin == guesses[0].confidence - guesses[1].confidence
    assert (turn.threshold, turn.ambiguity) == (0.4, 0.1)
    (number,) = (entity for entity in turn.understood.entities if entity["entity"] == "numero_fase")
    assert turn.text[number["start"] : number["end"]] == number["value"] == "5464"
    assert "numero_fase" in [change.slot for change in turn.changes if change.before is None and change.after == "5464"]


@pytest.mark.parametrize(("threshold", "ambiguity"), [(1.1, 0.0), (0.0, 1.1)])
async def test_in_doubt_the_likeliest_is_told_all_the_same(threshold: float, ambiguity: float) -> None:
    model = project_model()
    strict = FallbackClassifier({"threshold": threshold, "ambiguity_threshold": ambiguity})
    parts = [strict if isinstance(part, FallbackClassifier) else part for part in model.interpreter.components]
    doubtful = replace(model, interpreter=Interpreter(model.interpreter.specs, parts))
    (turn,) = await rehearse(doubtful, InProcessRunner(), ["quelle est la capacité de la boite ?"], "page", now)
    assert not turn.understood.is_sure
    assert turn.understood.guesses[0].intent == "capacite"
    assert turn.understood.margin is not None
    assert (turn.threshold, turn.ambiguity) == (threshold, ambiguity)
    assert turn.fired[-1].action == "action_listen"


async def test_further_questions_are_told_with_their_own_intents() -> None:
    (turn,) = await play("C'est quoi MODE ? Et pourquoi a-t-on migré les boites ?")
    (other,) = turn.questions
    assert (turn.understood.intent, other.intent) == ("definition_mode", "migration_pourquoi")
    assert turn.text[other.start :] == other.text == "Et pourquoi a-t-on migré les boites ?"


async def test_a_form_that_waits_and_what_it_remembers() -> None:
    asked, told = await play("/mot_de_passe", "/mode_inconnu")
    assert (asked.form, told.form) != (None, None)
    assert asked.slots["sujet"] == "mot_de_passe"
    assert asked.is_payload


async def test_a_payload_that_nobody_offered_is_a_text() -> None:
    (turn,) = await play('/restart{"numero_fase": "1"}')
    assert not turn.is_payload


async def test_too_many_messages() -> None:
    assert len(await play(*["bonjour"] * rehearsal.MAX_MESSAGES)) == rehearsal.MAX_MESSAGES
    with pytest.raises(TooManyMessages):
        await play(*["bonjour"] * (rehearsal.MAX_MESSAGES + 1))
