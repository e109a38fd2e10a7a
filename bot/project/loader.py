"""Reads a whole project: configuration, domain, training data."""

from __future__ import annotations

from pathlib import Path

from bot.project.config_reader import read_config, read_credentials, read_endpoints
from bot.project.domain_reader import read_domain
from bot.project.domain_sections import DOMAIN_KEYS, DomainSections
from bot.project.files import ProjectFile, find_files, read_files, relative_name
from bot.project.model import Location, Project
from bot.project.nlu_reader import NluReader
from bot.project.problems import Problem, Problems
from bot.project.story_reader import StoryReader

__all__ = ["read_credentials", "read_endpoints", "read_project"]

TEST_PREFIX = "test_"


def read_project(root: Path, config: Path | None = None) -> tuple[Project, list[Problem]]:
    """Read a project.

    Args:
        root: its folder, with config.yml, domain.yml or domain/, and data/.
        config: another configuration file than its config.yml.

    Returns:
        The project, and the warnings.

    Raises:
        ProjectError: with all errors of all files.
    """
    problems = Problems()
    config_path = root / "config.yml" if config is None else config
    config_name = relative_name(config_path, root)
    if not config_path.is_file():
        problems.error("missing_file", Location(config_name, 0), file=config_name)
        problems.raise_errors()
    read = read_config(config_path, config_name, problems)
    domain_paths, data_paths = find_files(root)
    if not domain_paths:
        problems.error("missing_file", Location("domain.yml", 0), file="domain.yml")
    if not data_paths:
        problems.error("missing_file", Location("data", 0), file="data/")
    if (root / "domain.yml").is_file() and any(path.parent != root for path in domain_paths):
        problems.warning("domain_twice", Location("domain", 0))
    nlu, stories, sections = NluReader(problems), StoryReader(problems), DomainSections(problems)
    for file in read_files(domain_paths, root, problems):
        _check_place(file, "domain", problems)
        _read_file(file, nlu, stories, sections)
    for file in read_files(data_paths, root, problems):
        _check_place(file, "data", problems)
        if _is_test(file):
            problems.error("test_stories_in_data", Location(file.file, 0))
            continue
        _read_file(file, nlu, stories, sections)
    data = nlu.data()
    bases = {example.intent: example.location for example in reversed(data.examples) if example.intent_response_key}
    sections.add_retrieval_actions(dict(sorted(bases.items())))
    domain = read_domain(sections)
    problems.raise_errors()
    names = sorted({config_name, *(relative_name(path, root) for path in (*domain_paths, *data_paths))})
    project = Project(root, read, domain, data, tuple(stories.stories), tuple(stories.rules), tuple(names))
    return project, list(problems)


def _read_file(file: ProjectFile, nlu: NluReader, stories: StoryReader, sections: DomainSections) -> None:
    if "nlu" in file.kinds:
        nlu.read(file.root.get("nlu"))
    if "stories" in file.kinds:
        stories.read_stories(file.root.get("stories"))
        stories.read_rules(file.root.get("rules"))
    if file.kinds & {"domain", "responses"}:
        sections.read(file.root)


def _is_test(file: ProjectFile) -> bool:
    """Whether a file of data/ holds test stories, by Rasa's rule."""
    return "stories" in file.kinds and file.file.rpartition("/")[2].startswith(TEST_PREFIX)


def _check_place(file: ProjectFile, place: str, problems: Problems) -> None:
    """Warn about what is read here, but would not be by Rasa, which looks for it elsewhere only."""
    if place == "data":
        foreign, right = [key for key in DOMAIN_KEYS if key != "responses"], "domain.yml"
    else:
        foreign, right = ["nlu", "stories", "rules"], "data/"
    for key in foreign:
        if key in file.root:
            problems.warning("section_out_of_place", file.root.location_of(key), section=key, place=right)
