"""`${NAME}` in a file: replaced by the environment's value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.project.model import Location
from bot.project.nodes import ListNode, MapNode, Node, ScalarNode
from bot.project.problems import Problems

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


def with_environment(node: Node, environment: Mapping[str, str], problems: Problems) -> Node:
    """Replace each `${NAME}` in the values of a node; as in Rasa, the result is always a text.

    Args:
        node: what a file says.
        environment: values by name.
        problems: gets the names that have no value.
    """
    match node:
        case ListNode():
            return replace(node, items=tuple(with_environment(item, environment, problems) for item in node.items))
        case MapNode():
            items = ((key, with_environment(value, environment, problems)) for key, value in node.items)
            return replace(node, items=tuple(items))
        case ScalarNode():
            if "${" not in node.text:
                return node
            text = _VARIABLE.sub(lambda found: _value(found[1], environment, node.location, problems), node.text)
            return replace(node, value=text, text=text)


def _value(name: str, environment: Mapping[str, str], location: Location, problems: Problems) -> str:
    value = environment.get(name)
    if value is None:
        problems.error("unset_variable", location, name=name)
        return f"${{{name}}}"
    return value
