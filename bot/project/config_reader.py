"""config.yml, endpoints.yml and credentials.yml.

Names of components and policies are not checked here: those who have them know which there are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.project.environment import with_environment
from bot.project.files import CONFIG_KEYS, ENDPOINT_KEYS, check_version
from bot.project.model import ComponentSpec, Config, Credentials, Endpoints, Location
from bot.project.nodes import MapNode, Node, ScalarNode, is_null, plain
from bot.project.problems import Problems
from bot.project.shape import as_map, check_keys, optional_list, optional_text, required_text, shown
from bot.project.yaml_file import read_yaml

_RECIPE = "default.v1"
_IMPORTERS = ("RasaFileImporter", "rasa.shared.importers.rasa.RasaFileImporter")
_PLACEHOLDER_ID = "placeholder_default"
_RASA_PRO_KEYS = ("model_groups",)


def read_config(path: Path, file: str, problems: Problems, environment: Mapping[str, str] | None = None) -> Config:
    """Read a configuration file.

    Args:
        path: where it is.
        file: how to call it in problems.
        problems: gets what is wrong with it.
        environment: values of `${NAME}`; by default the process's.
    """
    root = _read(path, file, problems, environment)
    if root is None:
        return Config(location=Location(file, 0))
    check_keys(root, CONFIG_KEYS, problems)
    check_version(root, problems)
    recipe = optional_text(root, "recipe", problems) or _RECIPE
    if recipe != _RECIPE:
        problems.error("unknown_recipe", root.location_of("recipe"), recipe=recipe, known=_RECIPE)
    assistant_id = optional_text(root, "assistant_id", problems) or ""
    if assistant_id in ("", _PLACEHOLDER_ID):
        problems.warning("no_assistant_id", root.location_of("assistant_id"))
    importers = optional_list(root, "importers", problems)
    for node in importers.items if importers else ():
        name = plain(node.get("name")) if isinstance(node, MapNode) else plain(node)
        if name not in _IMPORTERS:
            problems.error("unsupported_importer", node.location, name=name or shown(node))
    return Config(
        language=optional_text(root, "language", problems) or "fr",
        assistant_id=assistant_id,
        recipe=recipe,
        pipeline=_components(root, "pipeline", problems),
        policies=_components(root, "policies", problems),
        location=Location(file, 0),
    )


def read_endpoints(path: Path, environment: Mapping[str, str] | None = None) -> Endpoints:
    """Read endpoints.yml.

    Args:
        path: where it is; no file there means no endpoints.
        environment: values of `${NAME}`; by default the process's.

    Raises:
        ProjectError: with all that is wrong with it.
    """
    problems = Problems()
    root = _read(path, path.name, problems, environment) if path.exists() else None
    sections: dict[str, Mapping[str, Any]] = {}
    if root is not None:
        for key in _RASA_PRO_KEYS:
            if key in root:
                problems.error("rasa_pro_only", root.location_of(key), key=key)
        check_keys(root, (*ENDPOINT_KEYS, *_RASA_PRO_KEYS, "version"), problems)
        _refuse_rephrase(root, problems)
        server = root.get("action_endpoint")
        if isinstance(server, MapNode) and server.items:
            required_text(server, "url", problems)
        sections = _sections(root, ENDPOINT_KEYS, problems)
    problems.raise_errors()
    return Endpoints({key: body for key, body in sections.items() if body})


def read_credentials(path: Path, environment: Mapping[str, str] | None = None) -> Credentials:
    """Read credentials.yml; arguments and errors as for `read_endpoints`."""
    problems = Problems()
    root = _read(path, path.name, problems, environment) if path.exists() else None
    channels: dict[str, Mapping[str, Any]] = {}
    if root is not None:
        channels = _sections(root, [name for name in root.names() if name != "version"], problems)
    problems.raise_errors()
    return Credentials(channels)


def _read(path: Path, file: str, problems: Problems, environment: Mapping[str, str] | None) -> MapNode | None:
    node = read_yaml(path, file, problems)
    if node is None:
        return None
    root = as_map(node, file, problems, node.location)
    if root is None:
        return None
    replaced = with_environment(root, os.environ if environment is None else environment, problems)
    return replaced if isinstance(replaced, MapNode) else None


def _sections(root: MapNode, keys: list[str] | tuple[str, ...], problems: Problems) -> dict[str, Mapping[str, Any]]:
    """The maps under some of the top keys; a null body is an empty map."""
    sections = {}
    for key, value in root.items:
        if key.text not in keys:
            continue
        body = None if is_null(value) else as_map(value, key.text, problems, key.location)
        sections[key.text] = plain(body) if body else {}
    return sections


def _refuse_rephrase(root: MapNode, problems: Problems) -> None:
    """Refuse Rasa Pro's rewriting of answers by a language model."""
    nlg = root.get("nlg")
    kind: Node | None = nlg.get("type") if isinstance(nlg, MapNode) else nlg
    if isinstance(kind, ScalarNode) and kind.value == "rephrase":
        problems.error("rasa_pro_only", kind.location, key="nlg: rephrase")


def _components(root: MapNode, key: str, problems: Problems) -> tuple[ComponentSpec, ...]:
    nodes = optional_list(root, key, problems)
    specs = []
    for node in nodes.items if nodes else ():
        body = as_map(node, key, problems, node.location)
        name = required_text(body, "name", problems) if body else None
        if body is not None and name is not None:
            options = {option: value for option, value in plain(body).items() if option != "name"}
            specs.append(ComponentSpec(name, options, body.location))
    return tuple(specs)
