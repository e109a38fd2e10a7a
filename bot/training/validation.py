"""Checks of a whole project: all of Rasa's `data validate`, and what real projects stumble over (rasa-compat 19)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from bot.dialogue.rule_policy import RulePolicy, contradictions
from bot.dialogue.scripts import Script, TooManyPaths, scripts_of
from bot.dialogue.states import state_key
from bot.execution.default_actions import DEFAULT_ACTIONS
from bot.execution.suspension import OWN
from bot.nlu.fallback_classifier import NLU_FALLBACK
from bot.project.domain_reader import DEFAULT_INTENTS
from bot.project.model import (
    ActionStep,
    IntentStep,
    Location,
    LoopStep,
    OrStep,
    Project,
    ResponseVariation,
    SlotStep,
    Step,
)
from bot.project.problems import Problem, Problems, nearest
from bot.responses import placeholders
from bot.training.near_duplicates import words_of

LOOP_ACTIONS = frozenset({"action_two_stage_fallback", "action_default_ask_affirmation", "action_extract_slots", "..."})
MAX_TEXT = 2_000
"""Characters of one response that every channel shows whole."""
MIN_EXAMPLES = 2


def validate(project: Project) -> list[Problem]:
    """Check a project that could be read.

    Args:
        project: the project.

    Returns:
        Errors and warnings, in the order of files and lines.
    """
    problems = Problems()
    for check in _CHECKS:
        check(project, problems)
    return sorted(problems.found, key=lambda problem: (problem.location.file, problem.location.line, problem.code))


def _steps(project: Project) -> Iterator[Step]:
    scripts = [(rule.condition, rule.steps) for rule in project.rules] + [((), story.steps) for story in project.stories]
    for condition, steps in scripts:
        for step in (*condition, *steps):
            yield from step.choices if isinstance(step, OrStep) else (step,)


def _intents(project: Project, problems: Problems) -> None:
    domain, trained = project.domain, defaultdict(list)
    for example in project.nlu.examples:
        trained[example.intent].append(example)
    used = {step.intent for step in _steps(project) if isinstance(step, IntentStep)}
    triggers = {name for slot in domain.slots.values() for mapping in slot.mappings for name in mapping.intents}
    for name, intent in domain.intents.items():
        if name in DEFAULT_INTENTS:
            continue
        if name not in trained:
            problems.warning("intent_without_examples", intent.location, intent=name)
        elif len(trained[name]) < MIN_EXAMPLES:
            problems.warning("few_examples", intent.location, intent=name, count=len(trained[name]))
        if name not in used | triggers:
            problems.warning("intent_unused", intent.location, intent=name)
    for name, examples in trained.items():
        if name not in domain.intents:
            problems.error("intent_not_in_domain", examples[0].location, intent=name, suggestion=_or(name, domain.intents))
    for step in _steps(project):
        if isinstance(step, IntentStep) and step.intent not in domain.intents:
            problems.error("intent_not_in_domain", step.location, intent=step.intent, suggestion=_or(step.intent, domain.intents))


def _examples(project: Project, problems: Problems) -> None:
    exact: dict[str, tuple[str, Location]] = {}
    near: dict[str, tuple[str, Location]] = {}
    for example in project.nlu.examples:
        key = words_of(example.text)
        if example.text in exact and exact[example.text][0] != example.intent:
            first = exact[example.text]
            problems.error(
                "example_in_two_intents",
                example.location,
                text=_short(example.text),
                intent=example.intent,
                other=first[0],
                other_place=first[1],
            )
        elif key in near and near[key][0] != example.intent:
            first = near[key]
            problems.warning(
                "near_example_in_two_intents",
                example.location,
                text=_short(example.text),
                intent=example.intent,
                other=first[0],
                other_place=first[1],
            )
        elif key in near:
            problems.warning("near_duplicate", example.location, text=_short(example.text), other_place=near[key][1])
        exact.setdefault(example.text, (example.intent, example.location))
        near.setdefault(key, (example.intent, example.location))


def _entities(project: Project, problems: Problems) -> None:
    known = project.domain.entities
    annotated = set()
    for example in project.nlu.examples:
        for entity in example.entities:
            annotated.add(entity.entity)
            if entity.entity not in known:
                problems.error(
                    "entity_not_in_domain", example.location, entity=entity.entity, suggestion=_or(entity.entity, known)
                )
    features = [(item.name, item.location) for item in project.nlu.regexes]
    features += [(item.name, item.location) for item in project.nlu.lookups]
    for name, place in features:
        if name in known and name not in annotated:
            problems.warning("entity_never_annotated", place, entity=name)
    for slot in project.domain.slots.values():
        for mapping in slot.mappings:
            if mapping.entity is not None and mapping.entity not in known:
                problems.error(
                    "entity_not_in_domain", mapping.location, entity=mapping.entity, suggestion=_or(mapping.entity, known)
                )


def _actions(project: Project, problems: Problems) -> None:
    domain = project.domain
    known = {*domain.actions, *domain.forms, *domain.responses, *DEFAULT_ACTIONS, *LOOP_ACTIONS}
    used = set()
    for step in _steps(project):
        if not isinstance(step, ActionStep):
            continue
        used.add(step.action)
        if step.action not in known:
            problems.error("action_unknown", step.location, action=step.action, suggestion=_or(step.action, known))
    spoken = used | OWN
    if not domain.actions:  # custom actions may say any response
        for name, variations in domain.responses.items():
            if name not in spoken and not name.startswith("utter_ask_") and variations:
                problems.warning("response_unused", variations[0].location, response=name)


def _loops_and_slots(project: Project, problems: Problems) -> None:
    domain = project.domain
    loops = {*domain.forms, "action_two_stage_fallback"}
    for step in _steps(project):
        if isinstance(step, LoopStep) and step.loop is not None and step.loop not in loops:
            problems.error("form_unknown", step.location, form=step.loop, suggestion=_or(step.loop, loops))
        if isinstance(step, SlotStep):
            for name, _ in step.slots:
                if name not in domain.slots:
                    problems.error("slot_unknown", step.location, slot=name, suggestion=_or(name, domain.slots))
    for form in domain.forms.values():
        for name in form.required_slots:
            if name not in domain.slots:
                problems.error("slot_unknown", form.location, slot=name, suggestion=_or(name, domain.slots))
    for slot in domain.slots.values():
        for mapping in slot.mappings:
            if mapping.type == "from_text" and not mapping.conditions:
                problems.warning("from_text_everywhere", mapping.location, slot=slot.name)
            for condition in mapping.conditions:
                loop = condition.active_loop
                if loop is not None and loop not in domain.forms:
                    problems.error("form_unknown", mapping.location, form=loop, suggestion=_or(loop, domain.forms))
                elif loop is not None and condition.requested_slot is not None:
                    wanted = domain.forms[loop].required_slots
                    if wanted and condition.requested_slot not in wanted:
                        problems.error("slot_not_in_form", mapping.location, slot=condition.requested_slot, form=loop)


def _responses(project: Project, problems: Problems) -> None:
    domain = project.domain
    for name, variations in domain.responses.items():
        for variation in variations:
            _variation(name, variation, project, problems)
    for name in ("utter_default",):
        if name not in domain.responses:
            problems.warning("response_missing", Location("domain.yml", 0), response=name)


def _variation(name: str, variation: ResponseVariation, project: Project, problems: Problems) -> None:
    domain, place = project.domain, variation.location
    text = str(variation.content.get("text") or "")
    if len(text) > MAX_TEXT:
        problems.warning("text_too_long", place, response=name, length=len(text), limit=MAX_TEXT)
    if not domain.actions:  # custom actions pass values of their own
        for slot in placeholders(text):
            if slot not in domain.slots:
                problems.warning("placeholder_unknown", place, response=name, slot=slot, suggestion=_or(slot, domain.slots))
    for condition in variation.conditions:
        if condition.slot not in domain.slots:
            problems.error("slot_unknown", place, slot=condition.slot, suggestion=_or(condition.slot, domain.slots))
    for button in variation.content.get("buttons") or ():
        _payload(name, str(button.get("payload", "")), place, project, problems)


def _payload(name: str, payload: str, place: Location, project: Project, problems: Problems) -> None:
    found = re.match(r"^/([^{@]+)(?:@[0-9.]+)?(\{.*\})?$", payload)
    if found is None:
        return
    intent = found[1].strip()
    retrieval = {example.intent for example in project.nlu.examples if example.intent_response_key}
    if intent in retrieval:
        problems.warning("retrieval_payload", place, response=name, payload=payload)
    elif intent.partition("/")[0] not in project.domain.intents:
        problems.error("payload_unknown", place, response=name, payload=payload, suggestion=_or(intent, project.domain.intents))
    if found[2]:
        try:
            json.loads(found[2])
        except ValueError:
            problems.error("payload_not_json", place, response=name, payload=payload)


def _stories(project: Project, problems: Problems) -> None:
    try:
        scripts = scripts_of(project.stories, project.rules, project.domain)
    except TooManyPaths as error:
        problems.error("too_many_paths", error.location)
        return
    rules = RulePolicy.train(scripts, {})
    problems.found.extend(contradictions(rules, scripts))
    _conflicts(scripts, problems)
    if any(spec.name == RulePolicy.name for spec in project.config.policies):
        _fallback_rule(project, problems)


def _conflicts(scripts: Iterable[Script], problems: Problems) -> None:
    """Two stories that do different things in the same situation (Rasa's story conflicts)."""
    seen: dict[str, tuple[str, str, Location]] = {}
    for script in scripts:
        if script.is_rule:
            continue
        for turn in script.turns:
            key = state_key(turn.states)
            first = seen.setdefault(key, (turn.action, script.name, turn.location))
            if first[0] != turn.action:
                details = {
                    "story": script.name,
                    "action": turn.action,
                    "other": first[1],
                    "other_place": first[2],
                    "other_action": first[0],
                }
                problems.error("story_conflict", turn.location, **details)


def _fallback_rule(project: Project, problems: Problems) -> None:
    handled = {step.intent for step in _steps(project) if isinstance(step, IntentStep)}
    if NLU_FALLBACK not in handled and any(spec.name == "FallbackClassifier" for spec in project.config.pipeline):
        problems.warning("fallback_unhandled", project.config.location)


def _or(name: str, valid: Iterable[str]) -> str:
    found = nearest(name, valid)
    return f" → {found}" if found else ""


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


_CHECKS: tuple[Callable[[Project, Problems], None], ...] = (
    _intents,
    _examples,
    _entities,
    _actions,
    _loops_and_slots,
    _responses,
    _stories,
)
