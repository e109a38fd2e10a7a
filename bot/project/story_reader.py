"""Stories and rules, and the end-to-end test stories of `tests/test_*.yml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bot.project.files import read_files
from bot.project.model import LoopStep, Rule, SlotStep, Step, Story
from bot.project.nodes import MapNode, Node, is_null, plain
from bot.project.problems import Problem, Problems
from bot.project.shape import as_list, as_map, check_keys, optional_flag, optional_list, required_text
from bot.project.step_reader import RULE_STEPS, STORY_STEPS, TEST_STEPS, StepReader

_STORY_KEYS = ("story", "steps", "metadata")
_RULE_KEYS = ("rule", "steps", "condition", "conversation_start", "wait_for_user_input", "metadata")


def read_stories(path: Path, root: Path) -> tuple[tuple[Story, ...], tuple[Rule, ...], list[Problem]]:
    """Read the end-to-end test stories of a file such as tests/test_faq.yml.

    Args:
        path: the file.
        root: the project's folder, which its name in problems is relative to.

    Returns:
        The stories, intents with their `faq/key`; the rules; the warnings.

    Raises:
        ProjectError: with all that is wrong with it.
    """
    problems = Problems()
    reader = StoryReader(problems)
    for file in read_files([path], root, problems):
        reader.read_test_stories(file.root.get("stories"))
        reader.read_rules(file.root.get("rules"))
    problems.raise_errors()
    return tuple(reader.stories), tuple(reader.rules), list(problems)


@dataclass(slots=True)
class StoryReader:
    """Gathers stories and rules of files, read in path order."""

    problems: Problems
    stories: list[Story] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def read_stories(self, section: Node | None) -> None:
        """Read what stands under the key `stories` of a file."""
        self._stories(section, StepReader(self.problems, STORY_STEPS))

    def read_test_stories(self, section: Node | None) -> None:
        """The same in a test file: intents keep their `faq/key`."""
        self._stories(section, StepReader(self.problems, TEST_STEPS, full_intents=True))

    def read_rules(self, section: Node | None) -> None:
        """Read what stands under the key `rules` of a file."""
        for item, name, steps in self._items(section, "rule", StepReader(self.problems, RULE_STEPS)):
            self.rules.append(
                Rule(
                    name,
                    steps,
                    self._condition(item),
                    optional_flag(item, "conversation_start", False, self.problems),
                    optional_flag(item, "wait_for_user_input", True, self.problems),
                    item.location,
                    _metadata(item),
                )
            )

    def _stories(self, section: Node | None, reader: StepReader) -> None:
        for item, name, steps in self._items(section, "story", reader):
            self.stories.append(Story(name, steps, item.location, _metadata(item)))

    def _items(
        self, section: Node | None, kind: Literal["story", "rule"], reader: StepReader
    ) -> list[tuple[MapNode, str, tuple[Step, ...]]]:
        """Each story or rule with its name and steps; those without are left out and noted."""
        if section is None or is_null(section):
            return []
        plural = "stories" if kind == "story" else "rules"
        items = as_list(section, plural, self.problems, section.location)
        found = []
        for item in items.items if items else ():
            body = as_map(item, plural, self.problems, item.location)
            if body is None:
                continue
            check_keys(body, _STORY_KEYS if kind == "story" else _RULE_KEYS, self.problems)
            name = required_text(body, kind, self.problems)
            nodes = optional_list(body, "steps", self.problems)
            if nodes is None or not nodes.items:
                if nodes is not None or is_null(body.get("steps")):
                    self.problems.warning("no_steps", body.location, name=name or "")
                continue
            steps = [step for node in nodes.items if (step := reader.step(node)) is not None]
            if name is not None:
                found.append((body, name, tuple(steps)))
        return found

    def _condition(self, rule: MapNode) -> tuple[SlotStep | LoopStep, ...]:
        nodes = optional_list(rule, "condition", self.problems)
        reader = StepReader(self.problems, ("slot_was_set", "active_loop"))
        steps = [reader.step(node) for node in (nodes.items if nodes else ())]
        return tuple(step for step in steps if isinstance(step, (SlotStep, LoopStep)))


def _metadata(item: MapNode) -> dict[str, Any]:
    value = plain(item.get("metadata"))
    return value if isinstance(value, dict) else {} if value is None else {"metadata": value}
