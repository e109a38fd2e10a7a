"""`bma check`: everything that is wrong or doubtful in a project, links included."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console

from actions.data_files import DataFileError
from actions.links import read_links
from actions.request import read_template
from actions.suites import PASSWORD, TOPIC, Suites, read_suites
from api.cli.texts import text
from api.settings import Settings
from bot.project.model import Location, Project
from bot.project.problems import Problem, ProjectError
from bot.storage.outcomes import FILE as OUTCOMES_FILE
from bot.storage.outcomes import Outcomes, OutcomesError, read_outcomes
from bot.training.train import prepare
from bot.training.validation import validate

LINKS_FILE = "data/links.yml"
SUITES_FILE = "data/suites.yml"
REQUEST_FILE = "data/demande.yml"
_URL = re.compile(r"https?://[^\s)»]+")


def check_project(settings: Settings, out: Console, err: Console, *, strict: bool) -> int:
    """Print what is found.

    Returns:
        Exit status: 1 with errors (or, when strict, warnings), else 0.
    """
    try:
        prepared = prepare(settings.project_dir, settings.config)
    except ProjectError as error:
        found = list(error.problems)
        project = None
    else:
        project = prepared.project
        found = [*prepared.warnings, *validate(project), *check_links(project), *check_tables(project)]
    errors = [problem for problem in found if problem.severity == "error"]
    warnings = [problem for problem in found if problem.severity == "warning"]
    notes = [problem for problem in found if problem.severity == "info"]
    for title, style, group in (("project_errors", "red", errors), ("warnings", "yellow", warnings), ("notes", "cyan", notes)):
        if group:
            err.print(text(title, count=len(group)), style=style, markup=False)
            for problem in group:
                err.print(str(problem), markup=False, soft_wrap=True)
    if project is not None and not errors:
        counts = {
            "examples": len(project.nlu.examples),
            "intents": len(project.domain.intents),
            "responses": len(project.domain.responses),
        }
        out.print(text("check_ok", **counts), markup=False, soft_wrap=True)
    return 1 if errors or (strict and warnings) else 0


def check_links(project: Project) -> Iterator[Problem]:
    """Links that are not set, and addresses in responses that data/links.yml does not list."""
    path = project.root / LINKS_FILE
    if not path.exists():
        return
    place = Location(LINKS_FILE, 0)
    try:
        links = read_links(path)
    except DataFileError as error:
        yield Problem("actions_file", place, "error", (("error", error),))
        return
    listed = {link.url for link in links.all() if link.url} | {link.printed for link in links.all() if link.printed}
    for link in links.all():
        if link.url is None:
            yield Problem("link_unset", place, "info", (("id", link.id),))
    slot = project.domain.slots.get("lien_page")
    page = links.get("page_bma")
    if slot is not None and page is not None and slot.initial_value != page.url:
        yield Problem("link_page_differs", slot.location, "error", (("slot", slot.initial_value), ("link", page.url)))
    for name, variations in project.domain.responses.items():
        for variation in variations:
            for url in _URL.findall(str(variation.content.get("text") or "")):
                if url.rstrip(".,;") not in listed:
                    yield Problem("link_not_listed", variation.location, "error", (("response", name), ("url", url)))


def check_tables(project: Project) -> Iterator[Problem]:
    """The follow-ups, the request, the figures' table: files that cannot be used, names that the domain does not have."""
    for file, read in ((SUITES_FILE, read_suites), (REQUEST_FILE, read_template), (OUTCOMES_FILE, read_outcomes)):
        try:
            table = read(project.root / file) if (project.root / file).exists() else None
        except (DataFileError, OutcomesError) as error:
            yield Problem("actions_file", Location(file, 0), "error", (("error", error),))
            continue
        if isinstance(table, Outcomes):
            yield from _check_outcomes(table, project)
        if isinstance(table, Suites):
            yield from _check_suites(table, project)


def _check_suites(table: Suites, project: Project) -> Iterator[Problem]:
    place = Location(SUITES_FILE, 0)
    for answer in sorted(table.answers() - {PASSWORD}):
        if f"utter_{answer}" not in project.domain.responses:
            yield Problem("suite_without_answer", place, "error", (("answer", answer),))
    slot = project.domain.slots.get(TOPIC)
    for topic in sorted(set(table.topics) - set(slot.values if slot else ())):
        yield Problem("suite_without_topic", place, "error", (("topic", topic), ("slot", TOPIC)))
    for intent in sorted(table.intents() - set(project.domain.intents)):
        yield Problem("suite_without_intent", place, "error", (("intent", intent),))


def _check_outcomes(table: Outcomes, project: Project) -> Iterator[Problem]:
    for response in table.patterns:
        if response.startswith("utter_") and "*" not in response and response not in project.domain.responses:
            yield Problem("outcome_without_response", Location(OUTCOMES_FILE, 0), "error", (("response", response),))
