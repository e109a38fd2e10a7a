"""`bma test dialogues`: test stories played with the trained model and the real actions, and what came otherwise."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.representer import RoundTripRepresenter, SafeRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from api.app import runner
from api.cli.shell import CHANNEL
from api.cli.texts import text
from api.cli.training import load_model, print_problems
from api.runners import HttpRunner
from api.settings import Settings
from bot.agent import Agent, Message
from bot.execution.runner import ActionRunner
from bot.identity import Secret
from bot.project.loader import TEST_PREFIX
from bot.project.model import ANY_VALUE, Story
from bot.project.problems import Problem, ProjectError
from bot.project.story_reader import read_stories
from bot.storage.sqlite import SqliteStore
from bot.tracker import Tracker
from bot.training import archive
from bot.training.archive import Model
from bot.training.dialogue_test import Difference, StoryResult, TurnResult, check, play
from bot.training.train import prepare

FOLDER = "tests"
"""Where a project keeps its test stories."""


async def play_dialogues(
    settings: Settings, files: Sequence[Path], model_file: Path | None, errors: Path | None, out: Console, err: Console
) -> int:
    """Play test stories and print what came otherwise.

    Args:
        settings: say where the project, its newest model and its actions are.
        files: test files, or folders that hold some; none: the project's `tests/`.
        model_file: another model than the newest; such a one is not compared with the project's files.
        errors: gets the stories that went wrong, with comments.
        out: for what was found.
        err: for what keeps stories from being played.

    Returns:
        Exit status: 0, 1 with a difference, 2 when there is nothing to play or an error in the files.
    """
    model = tested_model(settings, model_file, err)
    if model is None:
        return 2
    folder = settings.project_dir / FOLDER
    found = [path for place in files or [folder] for path in story_files(place)]
    if not found:
        err.print(text("no_test_files", where=", ".join(map(str, files or [folder]))), markup=False, soft_wrap=True)
        return 2
    try:
        actions = runner(settings)
        read = _read(found, settings.project_dir, model, err)
    except ProjectError as error:
        print_problems(error, err)
        return 2
    if not any(read.values()):
        err.print(text("no_test_stories", where=", ".join(map(str, found))), markup=False, soft_wrap=True)
        return 2
    played = await _play(read, model, actions)
    results = [result for part in played.values() for result in part]
    for result in results:
        show_story(result, out)
    show_summary(results, out)
    if errors is not None:
        write_wrong_stories(errors, played)
    return 0 if all(result.is_right for result in results) else 1


def story_files(place: Path) -> list[Path]:
    """A test file itself, whether it exists or not; of a folder, or of a name without ending, the test files in it."""
    if place.suffix and not place.is_dir():
        return [place]
    return sorted(path for path in place.glob(f"{TEST_PREFIX}*") if path.suffix in (".yml", ".yaml"))


def tested_model(settings: Settings, model_file: Path | None, err: Console) -> Model | None:
    """The model to test, or None after saying why there is none."""
    if model_file is not None:
        try:
            return archive.read(model_file)
        except archive.ArchiveError as error:
            err.print(str(error), markup=False, soft_wrap=True)
            return None
    try:
        prepared = prepare(settings.project_dir, settings.config)
    except ProjectError as error:
        print_problems(error, err)
        return None
    model = load_model(settings, err)
    if model is not None and model.info.fingerprint != prepared.fingerprint:
        err.print(text("model_is_older"), style="yellow", markup=False, soft_wrap=True)
    return model


def _read(paths: Sequence[Path], root: Path, model: Model, err: Console) -> dict[Path, tuple[Story, ...]]:
    """The stories of each file, warnings printed.

    Raises:
        ProjectError: with all that is wrong with them.
    """
    read: dict[Path, tuple[Story, ...]] = {}
    problems: list[Problem] = []
    for path in paths:
        try:
            read[path], rules, warnings = read_stories(path, root)
        except ProjectError as error:
            problems += error.problems
            continue
        for warning in warnings:
            err.print(str(warning), style="yellow", markup=False, soft_wrap=True)
        details = (("key", "rules"), ("suggestion", ""), ("known", "stories"))
        problems += (Problem("unknown_key", rule.location, "error", details) for rule in rules)
        problems += check(read[path], model.domain)
    if problems:
        raise ProjectError(sorted(problems, key=lambda problem: (problem.location.file, problem.location.line)))
    return read


async def _play(read: Mapping[Path, Sequence[Story]], model: Model, actions: ActionRunner) -> dict[Path, list[StoryResult]]:
    """Play the stories of each file as the server would, on a database in memory that is forgotten at the end."""
    store = SqliteStore("sqlite://")
    agent = Agent(model, store, actions, Secret(secrets.token_bytes(32)))

    async def say(conversation: str, message: str) -> Tracker:
        key = agent.secret.conversation(CHANNEL, conversation)
        await agent.handle(Message(key, message, trusted=True))
        tracker = await agent.tracker(key)
        assert tracker is not None
        return tracker

    try:
        return {path: await play(stories, model.domain, say) for path, stories in read.items()}
    finally:
        await store.close()
        if isinstance(actions, HttpRunner):
            await actions.close()


def show_story(result: StoryResult, out: Console) -> None:
    """A story's name and, of one that went wrong, each difference at its place."""
    sign, style = ("✓", "green") if result.is_right else ("✗", "bold red")
    out.print(Text(f"{sign} {result.story.name}", style=style), soft_wrap=True)
    for turn in result.turns:
        if turn.difference is not None:
            place = Text(f"{turn.difference.location}: ", style="cyan")
            said = text("said", text=_short(turn.message))
            out.print(Text("  ") + place + f"{said} {sentence(turn.difference, turn)}", soft_wrap=True)


def show_summary(results: Sequence[StoryResult], out: Console) -> None:
    """Stories and steps, file by file."""
    table = Table(text("test_file"), show_footer=True)
    rows: dict[str, list[int]] = {}
    for result in results:
        counts = rows.setdefault(result.story.location.file, [0, 0, 0, 0])
        counts[0 if result.is_right else 1] += 1
        counts[2] += sum(turn.steps for turn in result.turns)
        counts[3] += sum(turn.difference is not None for turn in result.turns)
    table.columns[0].footer, table.columns[0].overflow = text("total"), "fold"
    for number, name in enumerate(("stories_right", "stories_wrong", "test_steps", "differences")):
        table.add_column(text(name), str(sum(counts[number] for counts in rows.values())), justify="right")
    for file, counts in rows.items():
        table.add_row(Text(file), *(str(count) for count in counts), style="red" if counts[1] else "")
    out.print(table)


def sentence(difference: Difference, turn: TurnResult) -> str:
    """What was expected and what came."""
    expected, found = _written(difference.expected, difference), _written(difference.found, difference)
    if difference.kind == "intent":
        found = text("with_confidence", intent=found, confidence=f"{turn.confidence:.2f}".replace(".", ","))
    return text(f"difference_{difference.kind}", what=difference.name, expected=expected, found=found)


def _written(value: Any, difference: Difference) -> str:
    """A value as an editor would write it; what is missing in words."""
    if value == ANY_VALUE:
        return text("any_value")
    if value is None:
        return text(f"no_{difference.kind}")
    if difference.kind in ("slot", "entity"):
        return json.dumps(value, ensure_ascii=False)
    return _short(str(value))


def _short(said: str) -> str:
    said = " ".join(said.split())
    return said if len(said) <= 80 else said[:79] + "…"


class _Representer(RoundTripRepresenter):
    """Writes `null` where ruamel.yaml would leave nothing after the colon."""


_Representer.add_representer(type(None), SafeRepresenter.represent_none)


def write_wrong_stories(path: Path, played: Mapping[Path, Sequence[StoryResult]]) -> None:
    """Write the stories that went wrong, as they were written, a comment before each step that differs.

    Args:
        path: the file to write; without any wrong story its list is empty.
        played: the results of each file.
    """
    yaml = YAML()
    yaml.width = 1_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.Representer = _Representer
    wrong: list[CommentedMap] = []
    for file, results in played.items():
        if all(result.is_right for result in results):
            continue
        written = {item.lc.line + 1: item for item in yaml.load(file.read_text(encoding="utf-8-sig"))["stories"]}
        wrong += (_commented(written[result.story.location.line], result) for result in results if not result.is_right)
    body = CommentedMap(version=DoubleQuotedScalarString("3.1"), stories=wrong)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(body, stream)


def _commented(story: CommentedMap, result: StoryResult) -> CommentedMap:
    for turn in result.turns:
        if turn.difference is not None:
            line = turn.difference.location.line
            number = next((n for n, step in enumerate(story["steps"]) if step.lc.line + 1 == line), 0)
            comment = f"{turn.difference.location}: {sentence(turn.difference, turn)}"
            story["steps"].yaml_set_comment_before_after_key(number, before=comment, indent=6)
    return story
