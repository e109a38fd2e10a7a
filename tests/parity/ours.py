"""Plays scenarios through this engine, actions in process."""

from __future__ import annotations

import importlib.util
import inspect
from dataclasses import dataclass
from types import ModuleType

from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

from api.runners import InProcessRunner
from bot import events as ev
from bot.dialogue.ensemble import Policy
from bot.dialogue.memoization import AugmentedMemoizationPolicy
from bot.dialogue.rule_policy import RulePolicy, contradictions
from bot.dialogue.scripts import scripts_of
from bot.execution.engine import DialogueEngine
from bot.execution.runner import ActionAnswer, ActionCall, ActionFailed, ActionRejected, ActionRunner
from bot.nlu.interpreter import read_payload
from bot.project.loader import read_project
from bot.project.model import Domain, Project
from bot.responses import pieces
from bot.tracker import Tracker
from tests.parity import trace
from tests.parity.cases import HOUSE, Case, Scenario, Step


class NoActions:
    """For projects without custom actions."""

    async def run(self, call: ActionCall) -> ActionAnswer:
        raise ActionFailed(f"{call.action}: this project has no actions")


class SdkActions:
    """One module's actions, through rasa-sdk's executor.

    Args:
        module: the project's actions.py.
    """

    def __init__(self, module: ModuleType) -> None:
        self._executor = ActionExecutor()
        for item in vars(module).values():
            if inspect.isclass(item) and issubclass(item, Action) and item.__module__ == module.__name__:
                self._executor.register_action(item)

    async def run(self, call: ActionCall) -> ActionAnswer:
        """See `bot.execution.runner.ActionRunner`."""
        try:
            result = await self._executor.run(call.to_json())
        except ActionExecutionRejection as error:
            raise ActionRejected(call.action) from error
        except Exception as error:
            raise ActionFailed(f"{call.action}: {error!r}") from error
        assert result is not None
        body = result.model_dump()
        return ActionAnswer(tuple(body["events"]), tuple(body["responses"]))


def actions_of(case: Case) -> ActionRunner:
    """A project's actions; its module is not kept, as rasa-sdk registers every Action class that it finds."""
    path = case.folder / "actions.py"
    if case.name == HOUSE:
        return InProcessRunner()
    if not path.exists():
        return NoActions()
    spec = importlib.util.spec_from_file_location(f"parity_{case.name}_actions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return SdkActions(module)


def policies_of(project: Project) -> tuple[Policy, ...]:
    """The project's policies, trained without its NLU."""
    scripts = scripts_of(project.stories, project.rules, project.domain)
    options = {spec.name: spec.options for spec in project.config.policies}
    rules = RulePolicy.train(scripts, options[RulePolicy.name])
    assert contradictions(rules, scripts) == []
    return rules, AugmentedMemoizationPolicy.train(scripts, rules.rule_only, options[AugmentedMemoizationPolicy.name])


class Clock:
    """A time that the scenarios' waits move."""

    now = 1_000_000_000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


@dataclass(frozen=True, slots=True)
class Stage:
    """A project, ready to be played."""

    domain: Domain
    policies: tuple[Policy, ...]
    actions: ActionRunner
    texts: bool


def stage_of(case: Case) -> Stage:
    """Read and train a project."""
    project, _ = read_project(case.folder, case.folder / case.config)
    return Stage(project.domain, policies_of(project), actions_of(case), case.texts)


async def play(stage: Stage, scenario: Scenario) -> list[trace.Json]:
    """Play one scenario; returns its turns, as `tests.parity.record` does for Rasa."""
    clock = Clock()
    engine = DialogueEngine(stage.domain, stage.policies, stage.actions, {"model_id": "m"}, clock)
    events: list[ev.Event] = []
    turns: list[trace.Json] = []
    for step in scenario.steps:
        clock.now += step.wait * 60
        turn, events = await _turn(engine, events, step, stage.texts)
        turns.append(turn)
    return turns


async def _turn(engine: DialogueEngine, events: list[ev.Event], step: Step, texts: bool) -> tuple[trace.Json, list[ev.Event]]:
    """One turn, on a tracker replayed from its events in JSON, as a store gives them back."""
    tracker = Tracker("parite", engine.domain.slots, [ev.event_from_json(event.to_json()) for event in events])
    parsed = step.parsed() or read_payload(step.message, engine.domain)
    assert parsed is not None, f"{step.message} is no payload of the domain"
    user = ev.UserUttered(text=step.message, parse_data=parsed, input_channel="rest")
    messages = await engine.answer(tracker, user, "rest")
    turn = {
        "message": step.message,
        "events": [trace.normalised(event.to_json(), texts=texts) for event in tracker.events[len(events) :]],
        "sent": [trace.sent(piece) for piece in pieces(messages)] if texts else [],
        "state": trace.state(tracker.to_json("NONE")),
    }
    return turn, tracker.events
