"""Training: from a project's files to a model."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bot.dialogue.ensemble import Policy
from bot.dialogue.memoization import OPTIONS as MEMOIZATION_OPTIONS
from bot.dialogue.memoization import AugmentedMemoizationPolicy
from bot.dialogue.rule_policy import OPTIONS as RULE_OPTIONS
from bot.dialogue.rule_policy import RulePolicy, contradictions
from bot.dialogue.scripts import TooManyPaths, scripts_of
from bot.dialogue.states import RuleOnly
from bot.nlu.interpreter import Interpreter
from bot.nlu.registry import check_pipeline, check_policies
from bot.project.loader import read_project
from bot.project.model import Project
from bot.project.problems import Problem, Problems
from bot.training.archive import Model, ModelInfo, listed_payloads
from bot.training.examples import pack
from bot.training.fingerprint import TRAINED_WITH, fingerprint

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, its number and their count."""

POLICY_OPTIONS = {"RulePolicy": tuple(RULE_OPTIONS), "AugmentedMemoizationPolicy": tuple(MEMOIZATION_OPTIONS)}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A project that was read and can be trained."""

    project: Project
    fingerprint: str
    warnings: tuple[Problem, ...]


def prepare(root: Path, config: Path | None = None) -> Prepared:
    """Read a project and check that we have what its configuration names.

    Args:
        root: the project's folder.
        config: another configuration than its `config.yml`.

    Raises:
        ProjectError: with all errors found.
    """
    project, warnings = read_project(root, config)
    problems = Problems()
    check_pipeline(project.config.pipeline, problems)
    check_policies(project.config.policies, POLICY_OPTIONS, problems)
    problems.raise_errors()
    text = (config or root / "config.yml").read_text(encoding="utf-8")
    return Prepared(project, fingerprint(root, project.files, text), tuple(warnings))


def train(prepared: Prepared, progress: Progress | None = None) -> Model:
    """Train a model.

    Args:
        prepared: the project.
        progress: told before each step.

    Raises:
        ProjectError: rules and stories contradict each other.
    """
    start = time.perf_counter()
    project = prepared.project
    policies = _train_policies(project)
    with _uncollected():
        interpreter = Interpreter.train(project.config.pipeline, project.nlu, progress)
    now = datetime.now(UTC)
    info = ModelInfo(
        model_id=f"{now:%Y%m%d-%H%M%S}-{prepared.fingerprint[:8]}",
        assistant_id=project.config.assistant_id,
        fingerprint=prepared.fingerprint,
        trained_at=now.isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - start, 2),
        examples=len(project.nlu.examples),
        versions={package: version(package) for package in ("bma-assistant", *TRAINED_WITH)},
    )
    return Model(info, project.domain, interpreter, policies, listed_payloads(project.domain), pack(project.nlu.examples))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: of a million tokens and features none is garbage, and each look goes through them all."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


def _train_policies(project: Project) -> tuple[Policy, ...]:
    problems = Problems()
    try:
        scripts = scripts_of(project.stories, project.rules, project.domain)
    except TooManyPaths as error:
        problems.error("too_many_paths", error.location)
        problems.raise_errors()
        raise
    policies: list[Policy] = []
    rule_only = RuleOnly()
    specs = sorted(project.config.policies, key=lambda spec: spec.name != RulePolicy.name)
    for spec in specs:
        if spec.name == RulePolicy.name:
            rules = RulePolicy.train(scripts, spec.options)
            rule_only = rules.rule_only
            if rules.options["check_for_contradictions"]:
                problems.found.extend(contradictions(rules, scripts))
                problems.raise_errors()
            policies.append(rules)
        else:
            policies.append(AugmentedMemoizationPolicy.train(scripts, rule_only, spec.options))
    return tuple(policies)
