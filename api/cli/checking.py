"""`bma check`: everything that is wrong or doubtful in a project, links included."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console

from actions.links import LinksError, read_links
from api.cli.texts import text
from api.settings import Settings
from bot.project.model import Location, Project
from bot.project.problems import Problem, ProjectError
from bot.training.train import prepare
from bot.training.validation import validate

LINKS_FILE = "data/links.yml"
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
        found = [*prepared.warnings, *validate(project), *check_links(project)]
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
    except LinksError as error:
        yield Problem("links_file", place, "error", (("error", error),))
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
