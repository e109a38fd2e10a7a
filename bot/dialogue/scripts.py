"""Stories and rules as sequences of states and actions, which policies learn.

`or` steps give one copy each, checkpoints join stories, and an action_listen stands before each user step and
at the end, as in Rasa 3.6 (`rasa/shared/core/training_data/structures.py`, `generator.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.dialogue.states import MUST_NOT_BE_SET, State, StateWriter
from bot.project.model import (
    ANY_VALUE,
    ActionStep,
    BotStep,
    CheckpointStep,
    Domain,
    IntentStep,
    Location,
    LoopStep,
    OrStep,
    Rule,
    SlotStep,
    Step,
    Story,
)
from bot.tracker import ACTION_LISTEN

ANYTHING = "..."
"""Rasa's marker in a rule: whatever happened before, or may happen after."""
MAX_PATHS = 1_000
"""Bound on the paths that `or` steps and checkpoints may multiply to."""


class TooManyPaths(ValueError):
    """`or` steps and checkpoints give more than MAX_PATHS stories."""

    def __init__(self, location: Location) -> None:
        self.location = location
        super().__init__(f"{location}: more than {MAX_PATHS} paths")


@dataclass(frozen=True, slots=True)
class Turn:
    """One prediction to learn: after these states, this action."""

    states: tuple[State, ...]
    action: str
    location: Location


@dataclass(slots=True)
class Script:
    """A story or rule, expanded: a list of predictions to learn."""

    name: str
    location: Location
    is_rule: bool
    turns: list[Turn] = field(default_factory=list)
    slots: set[str] = field(default_factory=set)
    loops: set[str] = field(default_factory=set)


def scripts_of(stories: Sequence[Story], rules: Sequence[Rule], domain: Domain) -> list[Script]:
    """Expand stories and rules.

    Args:
        stories: stories as read.
        rules: rules as read.
        domain: the domain, for the features of slots and entities.

    Raises:
        TooManyPaths: `or` steps and checkpoints multiply beyond MAX_PATHS.
    """
    expanded = [_rule_script(rule, steps, domain) for rule in rules for steps in _without_or(rule.steps, rule.location)]
    for story, path in _story_paths(stories):
        expanded.append(_story_script(story, path, domain))
    return expanded


def _without_or(steps: Sequence[Step], location: Location) -> Iterator[tuple[Step, ...]]:
    """Each way through the `or` steps."""
    choices = [step.choices if isinstance(step, OrStep) else (step,) for step in steps]
    count = 1
    for options in choices:
        count *= len(options)
        if count > MAX_PATHS:
            raise TooManyPaths(location)
    yield from itertools.product(*choices)


@dataclass(frozen=True, slots=True)
class _Block:
    """Part of a story between two checkpoints; None: the story's own start or end."""

    story: Story
    steps: tuple[Step, ...]
    start: CheckpointStep | None
    end: str | None


def _blocks(story: Story) -> Iterator[_Block]:
    for steps in _without_or(story.steps, story.location):
        start: CheckpointStep | None = None
        part: list[Step] = []
        for step in steps:
            if not isinstance(step, CheckpointStep):
                part.append(step)
                continue
            if part:
                yield _Block(story, tuple(part), start, step.name)
            start, part = step, []
        if part:
            yield _Block(story, tuple(part), start, None)


def _story_paths(stories: Sequence[Story]) -> Iterator[tuple[Story, list[Step]]]:
    """Each path from a story's start to a story's end, through checkpoints; a block once a path."""
    blocks = [block for story in stories for block in _blocks(story)]
    by_start: dict[str, list[_Block]] = {}
    for block in blocks:
        if block.start is not None:
            by_start.setdefault(block.start.name, []).append(block)
    count = 0
    pending = [(block, [block]) for block in blocks if block.start is None]
    pending.reverse()
    while pending:
        block, path = pending.pop()
        following = [following for following in by_start.get(block.end or "", []) if following not in path]
        if block.end is not None and following:
            pending.extend((item, [*path, item]) for item in reversed(following))
            continue
        count += 1
        if count > MAX_PATHS:
            raise TooManyPaths(block.story.location)
        yield path[0].story, [step for part in path for step in _steps_of(part)]


def _steps_of(block: _Block) -> Iterable[Step]:
    if block.start is not None and block.start.slots:
        return (SlotStep(block.start.slots, block.start.location), *block.steps)
    return block.steps


class _Recorder:
    """Plays steps and records what is to be predicted at each action."""

    def __init__(self, script: Script, domain: Domain) -> None:
        self.script = script
        self.domain = domain
        self.writer = StateWriter(domain, () if script.is_rule else None)
        self.states: list[State] = []
        self.last_action: str | None = None

    def act(self, action: str, location: Location) -> None:
        """An action is to be predicted here."""
        self.states.append(self.writer.state())
        visible = self._after_marker()
        if visible and action != ANYTHING:
            self.script.turns.append(Turn(tuple(visible), action, location))
        self.writer.action(action)
        self.last_action = action

    def _after_marker(self) -> list[State]:
        """States after the last "anything" marker; states before it do not count."""
        for position in range(len(self.states) - 1, -1, -1):
            if self.states[position].get("prev_action", {}).get("action_name") == ANYTHING:
                return self.states[position + 1 :]
        return self.states

    def listen(self, location: Location) -> None:
        """The assistant listens, unless it does already."""
        if self.last_action != ACTION_LISTEN:
            self.act(ACTION_LISTEN, location)

    def play(self, step: Step) -> None:
        """Play one step."""
        match step:
            case IntentStep():
                self.listen(step.location)
                self.writer.user(step.intent, step.entities)
            case ActionStep():
                self.act(step.action, step.location)
            case SlotStep():
                for name, value in step.slots:
                    self._slot(name, value)
            case LoopStep():
                if step.loop:
                    self.script.loops.add(step.loop)
                self.writer.loop(step.loop or (MUST_NOT_BE_SET if self.script.is_rule else None))
            case BotStep() | CheckpointStep() | OrStep():
                pass

    def _slot(self, name: str, value: object) -> None:
        self.script.slots.add(name)
        if value is None and self.script.is_rule:
            slot = self.domain.slots.get(name)
            if slot is not None and slot.influence_conversation:
                self.writer.forbid_slot(name)
        elif value == ANY_VALUE:
            slot = self.domain.slots.get(name)
            filled: object = ["x"] if slot is not None and slot.type == "list" else "x"
            self.writer.set_slot(name, filled)
        else:
            self.writer.set_slot(name, value)


def _without_happy_runs(steps: Iterable[Step]) -> list[Step]:
    """Steps without those that a conversation's tracker drops: answers to a loop's questions and its runs after the first."""
    steps = list(steps)
    loops = {step.loop for step in steps if isinstance(step, LoopStep) and step.loop}
    kept: list[Step] = []
    for step in steps:
        if isinstance(step, ActionStep) and step.action in loops and (start := _happy_run(kept, step.action)) is not None:
            kept[start:] = [item for item in kept[start:] if not isinstance(item, ActionStep | IntentStep)]
        else:
            kept.append(step)
    return kept


def _happy_run(steps: Sequence[Step], loop: str) -> int | None:
    """Where the loop's previous run ends, if nothing but answers came since; else the loop starts, or comes back."""
    following: str | None = None
    for position in range(len(steps) - 1, -1, -1):
        match steps[position]:
            case LoopStep(loop=None):
                return None
            case IntentStep() if following is not None:
                return None
            case ActionStep(action=action):
                if action == loop:
                    return position + 1
                following = action
            case _:
                pass
    return None


def _rule_script(rule: Rule, steps: Sequence[Step], domain: Domain) -> Script:
    script = Script(rule.name, rule.location, is_rule=True)
    recorder = _Recorder(script, domain)
    if not rule.conversation_start:
        recorder.act(ANYTHING, rule.location)
    for step in _without_happy_runs((*rule.condition, *steps)):
        recorder.play(step)
    if rule.wait_for_user_input:
        recorder.listen(rule.location)
    else:
        recorder.act(ANYTHING, rule.location)
    return script


def _story_script(story: Story, steps: Sequence[Step], domain: Domain) -> Script:
    script = Script(story.name, story.location, is_rule=False)
    recorder = _Recorder(script, domain)
    for step in _without_happy_runs(steps):
        recorder.play(step)
    recorder.listen(story.location)
    return script
