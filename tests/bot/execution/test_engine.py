"""Turns: which events, in which order, and no silence."""

from collections.abc import Callable
from typing import Any

import pytest

from bot import events as ev
from bot.dialogue.rule_policy import RulePolicy
from bot.dialogue.scripts import scripts_of
from bot.execution.engine import DialogueEngine
from bot.execution.runner import ActionAnswer, ActionCall, ActionFailed, ActionRejected
from bot.project.domain_reader import domain_from_raw
from bot.project.model import ActionStep, IntentStep, Rule
from bot.tracker import Tracker

DOMAIN = domain_from_raw(
    {
        "intents": ["prix", "lien", "rate", "refuse", "boucle", "muet"],
        "entities": ["type"],
        "slots": {
            "type": {"type": "text", "influence_conversation": False, "mappings": [{"type": "from_entity", "entity": "type"}]}
        },
        "actions": ["action_lien", "action_rate", "action_refuse"],
        "responses": {
            "utter_prix": [{"text": "Gratuit, {type}."}],
            "utter_lien": [{"text": "Voici : {lien}"}],
            "utter_erreur": [{"text": "Désolé."}],
            "utter_default": [{"text": "Pas compris."}],
        },
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": False},
    }
)
ANSWERS = {
    "prix": "utter_prix",
    "lien": "action_lien",
    "rate": "action_rate",
    "refuse": "action_refuse",
    "muet": "action_unlikely_intent",
}
RULES = [Rule(name, (IntentStep(name), ActionStep(action))) for name, action in ANSWERS.items()]
LOOP = Rule("boucle", (IntentStep("boucle"), ActionStep("action_unlikely_intent")), wait_for_user_input=False)


class Actions:
    """Custom actions that answer, fail or refuse."""

    def __init__(self) -> None:
        self.calls: list[ActionCall] = []

    async def run(self, call: ActionCall) -> ActionAnswer:
        self.calls.append(call)
        if call.action == "action_rate":
            raise ActionFailed("broken")
        if call.action == "action_refuse":
            raise ActionRejected(call.action)
        events = [{"event": "slot", "name": "type", "value": "po"}]
        return ActionAnswer(events, [{"response": "utter_lien", "lien": "", "buttons": [{"title": "A", "payload": "/prix"}]}])


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(clock: Clock) -> DialogueEngine:
    policy = RulePolicy.train(scripts_of([], RULES, DOMAIN), {})
    return DialogueEngine(DOMAIN, [policy], Actions(), {"model_id": "m"}, clock)


def said(intent: str, *types: str) -> ev.UserUttered:
    entities = [{"entity": "type", "value": value} for value in types]
    return ev.UserUttered(text="…", parse_data={"intent": {"name": intent, "confidence": 1.0}, "entities": entities})


Ask = Callable[..., Any]


@pytest.fixture
def tracker() -> Tracker:
    return Tracker("x", DOMAIN.slots)


def kinds(tracker: Tracker) -> list[str]:
    return [f"{event.type_name} {getattr(event, 'name', '') or ''}".strip() for event in tracker.events]


async def test_events_of_a_first_turn_in_rasas_order(engine: DialogueEngine, tracker: Tracker) -> None:
    messages = await engine.answer(tracker, said("prix", "internat"), "rest")
    assert [message.text for message in messages] == ["Gratuit, internat."]
    assert kinds(tracker) == [
        "action action_session_start",
        "session_started",
        "action action_listen",
        "user",
        "slot type",
        "user_featurization",
        "action utter_prix",
        "bot",
        "action action_listen",
    ]
    assert all(event.metadata["model_id"] == "m" and event.timestamp for event in tracker.events)


async def test_a_custom_action_speaks_by_response_names_and_sets_slots(engine: DialogueEngine, tracker: Tracker) -> None:
    messages = await engine.answer(tracker, said("lien"), "rest")
    assert [(message.response, message.text) for message in messages] == [("utter_lien", "Voici : ")]
    assert messages[0].buttons == ({"title": "A", "payload": "/prix"},)
    assert kinds(tracker)[-4:] == ["action action_lien", "bot", "slot type", "action action_listen"]
    assert tracker.slots["type"] == "po"


async def test_a_failing_action_is_an_apology(engine: DialogueEngine, tracker: Tracker) -> None:
    messages = await engine.answer(tracker, said("rate"), "rest")
    assert [message.response for message in messages] == ["utter_erreur"]
    assert kinds(tracker)[-3:] == ["action action_rate", "bot", "action action_listen"]


async def test_an_action_that_refuses_with_nothing_else_to_do_is_the_fallback(engine: DialogueEngine, tracker: Tracker) -> None:
    messages = await engine.answer(tracker, said("refuse"), "rest")
    assert [message.response for message in messages] == ["utter_default"]
    assert "action_execution_rejected action_refuse" in kinds(tracker)


async def test_silence_is_an_apology(engine: DialogueEngine, tracker: Tracker) -> None:
    assert [message.response for message in await engine.answer(tracker, said("muet"), "rest")] == ["utter_erreur"]


async def test_ten_actions_at_most_then_an_apology(clock: Clock, tracker: Tracker) -> None:
    class Restless:
        name = "Restless"
        depth = 1

        def predict(self, tracker: Tracker, domain: Any) -> Any:
            from bot.dialogue.prediction import Prediction, Reason

            return Prediction("action_unlikely_intent", 1.0, 4, Reason("Restless"))

    engine = DialogueEngine(DOMAIN, [Restless()], Actions(), {}, clock)
    messages = await engine.answer(tracker, said("prix"), "rest")
    assert [message.response for message in messages] == ["utter_erreur"]
    assert kinds(tracker).count("action action_unlikely_intent") == 10
    assert kinds(tracker)[-1] == "action action_listen"


async def test_after_an_hour_of_silence_nothing_is_carried_over(engine: DialogueEngine, tracker: Tracker, clock: Clock) -> None:
    await engine.answer(tracker, said("prix", "internat"), "rest")
    clock.now += 59 * 60
    await engine.answer(tracker, said("prix"), "rest")
    assert tracker.slots["type"] == "internat"
    clock.now += 61 * 60
    await engine.answer(tracker, said("prix"), "rest")
    assert tracker.slots["type"] is None
    assert kinds(tracker).count("session_started") == 2


async def test_a_paused_conversation_stays_silent(engine: DialogueEngine, tracker: Tracker) -> None:
    await engine.answer(tracker, said("prix"), "rest")
    tracker.update(ev.ConversationPaused())
    assert await engine.answer(tracker, said("prix"), "rest") == []
    assert kinds(tracker)[-1] == "user"
