"""Which files belong to a project, and what each of them holds.

Content decides, not the name (Rasa 3.6, rasa-compat section 1); a file may hold several kinds at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.project.domain_sections import DOMAIN_KEYS
from bot.project.model import Location
from bot.project.nodes import MapNode, Node, ScalarNode, is_null
from bot.project.problems import Problems, did_you_mean
from bot.project.shape import shown
from bot.project.yaml_file import read_yaml

CONFIG_KEYS = ("recipe", "assistant_id", "language", "pipeline", "policies", "importers", "version")
ENDPOINT_KEYS = ("models", "action_endpoint", "nlu", "nlg", "tracker_store", "lock_store", "event_broker")
CHANNELS = ("rest", "callback", "socketio", "botframework", "webexteams", "slack", "telegram", "facebook", "rasa")
"""Channels of Rasa that tell a credentials file by its keys; other keys may name channels too."""

TRAINING_KEYS = ("nlu", "stories", "rules")
PROJECT_KEYS = ("version", *TRAINING_KEYS, *DOMAIN_KEYS, "config")
"""Top keys that files of data/ and of the domain may have."""
ACTION_KEYS = ("links", "suites", "demande", "bilan")
"""Top keys of the files of data/ that custom actions and the console read; `bma check` looks into them."""
VERSION = (3, 1)


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file that was parsed."""

    file: str
    """Path relative to the project's root."""
    root: MapNode
    kinds: frozenset[str]
    """Some of nlu, responses, stories, domain, config, endpoints, credentials, actions; empty when unknown."""


def kinds_of(root: MapNode) -> frozenset[str]:
    """What a file holds, by its top keys."""
    kinds = set()
    keys = root.names()
    nlu_is_endpoint = isinstance(root.get("nlu"), MapNode)
    if "nlu" in keys and not nlu_is_endpoint:
        kinds.add("nlu")
    if "responses" in keys:
        kinds.add("responses")
    if "stories" in keys or "rules" in keys:
        kinds.add("stories")
    if any(key in DOMAIN_KEYS for key in keys if key != "responses"):
        kinds.add("domain")
    if any(key in ACTION_KEYS for key in keys):
        kinds.add("actions")
    if any(key in ("pipeline", "policies", "recipe", "language", "assistant_id") for key in keys):
        kinds.add("config")
    if nlu_is_endpoint or any(key in ENDPOINT_KEYS for key in keys if key != "nlu"):
        kinds.add("endpoints")
    if any(key in CHANNELS for key in keys):
        kinds.add("credentials")
    return frozenset(kinds)


def find_files(root: Path) -> tuple[list[Path], list[Path]]:
    """The YAML files of the domain (domain.yml, domain/) and of data/, each in path order."""
    domain = [path for path in (root / "domain.yml",) if path.is_file()]
    return domain + _yaml_files(root / "domain"), _yaml_files(root / "data")


def _yaml_files(folder: Path) -> list[Path]:
    """All .yml and .yaml files below a folder but those with a dot-name; links are followed, each folder once."""
    found: list[Path] = []
    seen: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += (Path(place, name) for name in names if not name.startswith(".") and name.endswith((".yml", ".yaml")))
    return sorted((path for path in found if path.is_file()), key=lambda path: path.parts)


def relative_name(path: Path, root: Path) -> str:
    """A file's name in problems: relative to the root where it can be, with forward slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def read_files(paths: list[Path], root: Path, problems: Problems) -> Iterator[ProjectFile]:
    """Parse files of data/ or of the domain; those that cannot or need not be read are left out.

    Args:
        paths: the files.
        root: the project's root.
        problems: gets syntax errors, unknown kinds and keys, versions too new.
    """
    for path in paths:
        file = relative_name(path, root)
        node = read_yaml(path, file, problems)
        if node is None:
            continue
        known = _known(node, file, problems)
        if known is not None:
            yield known


def _known(node: Node, file: str, problems: Problems) -> ProjectFile | None:
    """The file if it is of a kind that has a place here; otherwise None and a warning."""
    if not isinstance(node, MapNode):
        problems.error("not_a_map", node.location, key=file, found=shown(node))
        return None
    kinds = kinds_of(node)
    if not kinds:
        first = node.names()[0] if node.items else ""
        suggestion = did_you_mean(first, (*PROJECT_KEYS, *ACTION_KEYS))
        problems.warning("unknown_kind", Location(file, 0), key=first, suggestion=suggestion)
        return None
    foreign = kinds & {"config", "endpoints", "credentials"}
    if foreign and foreign == kinds:
        problems.warning("file_out_of_place", Location(file, 0), kind=sorted(foreign)[0])
        return None
    if "actions" not in kinds:
        if not check_version(node, problems):
            return None
        _check_top_keys(node, problems)
    return ProjectFile(file, node, kinds)


def _check_top_keys(root: MapNode, problems: Problems) -> None:
    for key, _ in root.items:
        if key.text not in PROJECT_KEYS:
            suggestion = did_you_mean(key.text, PROJECT_KEYS)
            known = ", ".join(PROJECT_KEYS)
            problems.error("unknown_key", key.location, key=key.text, suggestion=suggestion, known=known)


def check_version(root: MapNode, problems: Problems) -> bool:
    """Whether a file is to be read, by its `version`; missing means ours."""
    node = root.get("version")
    if is_null(node):
        return True
    place = root.location_of("version")
    text = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})*", text):
        problems.warning("version_not_text", place, found=shown(node))
        return True
    version = tuple(int(part) for part in text.split("."))
    if version > VERSION:
        problems.warning("newer_version", place, version=text)
        return False
    if version < VERSION:
        problems.warning("older_version", place, version=text)
    return True
