"""Rules and stories: who says what comes next, and why."""

from collections.abc import Sequence
from typing import Any

import pytest

from bot import events as ev
from bot.dialogue.ensemble import next_action
from bot.dialogue.memoization import AugmentedMemoizationPolicy
from bot.dialogue.rule_policy import RulePolicy, contradictions
from bot.dialogue.scripts import TooManyPaths, scripts_of
from bot.project.domain_reader import domain_from_raw
from bot.project.model import ActionStep, CheckpointStep, IntentStep, Location, LoopStep, OrStep, Rule, SlotStep, Story
from bot.tracker import Tracker

DOMAIN = domain_from_raw(
    {
        "intents": ["bonjour", "mdp", "oui", "prix"],
        "slots": {
            "vip": {"type": "bool", "mappings": [{"type": "custom"}]},
            "ton": {"type": "categorical", "values": ["doux", "sec"], "mappings": [{"type": "custom"}]},
        },
        "responses": {f"utter_{name}": [{"text": name}] for name in ("bonjour", "mdp", "oui", "oui_seul", "prix", "vip")},
    }
)


def at(line: int) -> Location:
    return Location("data/rules/r.yml", line)


def rule(name: str, intent: str, action: str, condition: Sequence[Any] = (), **options: Any) -> Rule:
    steps = (IntentStep(intent, location=at(2)), ActionStep(action, at(3)))
    return Rule(name, steps, tuple(condition), location=at(1), **options)


def story(name: str, *steps: str) -> Story:
    made = tuple(ActionStep(step) if step.startswith("utter_") else IntentStep(step) for step in steps)
    return Story(name, made, Location("s.yml", 1))


def user(intent: str) -> ev.UserUttered:
    return ev.UserUttered(text="…", parse_data={"intent": {"name": intent, "confidence": 0.9}, "entities": []})


def talk(*events: Any) -> Tracker:
    """A conversation: an intent's name, an `utter_…`, or an event."""
    tracker = Tracker("x", DOMAIN.slots, [ev.SessionStarted(), ev.ActionExecuted(name="action_listen")])
    for event in events:
        if isinstance(event, str) and event.startswith(("utter_", "action_")):
            tracker.update(ev.ActionExecuted(name=event))
        else:
            tracker.update(user(event) if isinstance(event, str) else event)
    return tracker


def rules(*given: Rule, stories: Sequence[Story] = ()) -> RulePolicy:
    return RulePolicy.train(scripts_of(stories, given, DOMAIN), {})


def test_a_rule_answers_wherever_it_is_in_the_conversation_and_says_where_it_stands() -> None:
    policy = rules(rule("Salut", "bonjour", "utter_bonjour"))
    for tracker in (talk("bonjour"), talk("prix", "utter_prix", "action_listen", "bonjour")):
        prediction = policy.predict(tracker, DOMAIN)
        assert prediction is not None
        assert (prediction.action, prediction.confidence) == ("utter_bonjour", 1.0)
        assert (prediction.reason.script, prediction.reason.file, prediction.reason.line) == ("Salut", "data/rules/r.yml", 3)
    after = policy.predict(talk("bonjour", "utter_bonjour"), DOMAIN)
    assert after is not None
    assert after.action == "action_listen"


def test_without_a_rule_the_core_fallback() -> None:
    prediction = rules().predict(talk("prix"), DOMAIN)
    assert prediction is not None
    assert (prediction.action, prediction.confidence, prediction.reason.note) == ("action_default_fallback", 0.3, "core_fallback")


def test_the_rule_with_most_constraints_wins() -> None:
    policy = rules(
        rule("Prix", "prix", "utter_prix"),
        rule("Prix VIP", "prix", "utter_vip", [SlotStep((("vip", True),))]),
    )
    assert policy.predict(talk("prix"), DOMAIN).action == "utter_prix"  # type: ignore[union-attr]
    set_slot = ev.SlotSet(name="vip", value=True)
    assert policy.predict(talk(set_slot, "prix"), DOMAIN).action == "utter_vip"  # type: ignore[union-attr]


def test_a_null_slot_or_loop_in_a_rule_must_be_absent() -> None:
    policy = rules(rule("Sans ton", "prix", "utter_prix", [SlotStep((("ton", None),)), LoopStep(None)]))
    assert policy.predict(talk("prix"), DOMAIN).action == "utter_prix"  # type: ignore[union-attr]
    for event in (ev.SlotSet(name="ton", value="doux"), ev.ActiveLoop(name="autre_form")):
        tracker = talk(event, "prix")
        tracker.active_loop = None  # the happy path of a loop is another matter
        assert policy.predict(tracker, DOMAIN).action == "action_default_fallback"  # type: ignore[union-attr]


def test_conversation_start_only_at_the_start() -> None:
    policy = rules(rule("Début", "bonjour", "utter_bonjour", conversation_start=True))
    assert policy.predict(talk("bonjour"), DOMAIN).action == "utter_bonjour"  # type: ignore[union-attr]
    later = talk("prix", "utter_prix", "action_listen", "bonjour")
    assert policy.predict(later, DOMAIN).action == "action_default_fallback"  # type: ignore[union-attr]


@pytest.mark.parametrize(("intent", "action"), [("restart", "action_restart"), ("back", "action_back")])
def test_default_intents_come_before_rules(intent: str, action: str) -> None:
    assert rules(rule("Piège", intent, "utter_prix")).predict(talk(intent), DOMAIN).action == action  # type: ignore[union-attr]


def test_contradictions_name_both_places() -> None:
    given = [rule("Un", "prix", "utter_prix"), rule("Deux", "prix", "utter_vip")]
    scripts = scripts_of([], given, DOMAIN)
    found = contradictions(RulePolicy.train(scripts, {}), scripts)
    assert len(found) == 1
    assert "data/rules/r.yml:3" in str(found[0])
    assert {"Un", "Deux"} <= {str(value) for _, value in found[0].details}


def test_rules_and_stories_survive_the_archive() -> None:
    policy = rules(rule("Sans ton", "prix", "utter_prix", [SlotStep((("ton", None),))]))
    again = RulePolicy.from_json(policy.to_json(), {})
    assert again.rules == policy.rules


MDP = story("Mot de passe puis oui", "mdp", "utter_mdp", "oui", "utter_oui")
SEUL = story("Oui seul", "oui", "utter_oui_seul")


def memory(*stories: Story, **options: Any) -> AugmentedMemoizationPolicy:
    scripts = scripts_of(stories, [], DOMAIN)
    return AugmentedMemoizationPolicy.train(scripts, RulePolicy.train(scripts, {}).rule_only, options)


def test_a_story_is_remembered_after_anything_else() -> None:
    policy = memory(MDP, SEUL)
    assert policy.predict(talk("oui"), DOMAIN).action == "utter_oui_seul"  # type: ignore[union-attr]
    after = talk("prix", "utter_prix", "action_listen", "mdp", "utter_mdp", "action_listen", "oui")
    assert policy.predict(after, DOMAIN).action == "utter_oui"  # type: ignore[union-attr]
    assert policy.predict(talk("bonjour"), DOMAIN) is None


def test_stories_that_disagree_are_forgotten() -> None:
    assert memory(SEUL, story("Autre oui", "oui", "utter_prix")).predict(talk("oui"), DOMAIN) is None


def test_turns_that_only_rules_know_are_hidden_from_memory() -> None:
    given = [rule("Prix", "prix", "utter_prix"), rule("Mdp", "mdp", "utter_mdp")]
    policy = rules(*given, stories=[MDP])
    assert {item.script: item.hidden for item in policy.rules} == {"Prix": True, "Mdp": False}


def test_rules_beat_memory_and_a_followup_beats_both() -> None:
    policies = [rules(rule("Oui", "oui", "utter_oui")), memory(SEUL)]
    assert next_action(policies, talk("oui"), DOMAIN).action == "utter_oui"
    tracker = talk("oui", ev.FollowupAction(name="utter_prix"))
    assert next_action(policies, tracker, DOMAIN).action == "utter_prix"


def test_an_action_that_refused_is_not_predicted_again() -> None:
    policies = [rules(rule("Oui", "oui", "utter_oui")), memory(SEUL)]
    tracker = talk("oui", ev.ActionExecutionRejected(name="utter_oui"))
    assert next_action(policies, tracker, DOMAIN).action == "utter_oui_seul"


def test_or_gives_one_copy_each_and_checkpoints_join() -> None:
    choice = OrStep((IntentStep("bonjour"), IntentStep("oui")))
    first = Story("Début", (choice, ActionStep("utter_bonjour"), CheckpointStep("suite")))
    second = Story("Suite", (CheckpointStep("suite"), IntentStep("prix"), ActionStep("utter_prix")))
    scripts = scripts_of([first, second], [], DOMAIN)
    assert [script.name for script in scripts] == ["Début", "Début"]
    assert all([turn.action for turn in script.turns].count("utter_prix") == 1 for script in scripts)


def test_too_many_paths_are_refused() -> None:
    choice = OrStep((IntentStep("bonjour"), IntentStep("oui"), IntentStep("prix")))
    with pytest.raises(TooManyPaths):
        scripts_of([Story("Trop", (choice,) * 10, at(1))], [], DOMAIN)
