"""`python -m tests.abuse.expressions`: every regular expression that the product compiles, as JSON.

They are noted as they are compiled, while all modules are imported, the project is read, its model is loaded and sentences are
answered: expressions that are put together from options and from the project's YAML are there as they run.
"""

from __future__ import annotations

import ast
import functools
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("bot", "actions", "api")
FUNCTIONS = ("compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "subn", "split")
SENTENCES = ("bonjour, mot de passe perdu, je ne suis pas dans MODE. Et l'adresse ec005464@adm.cfwb.be ?", "1", "/mot_de_passe",
             "mon gsm : 12/12/2024", "1789, et comment ouvrir ma boite mail administrative ?")  # fmt: skip
FORM = "demande_form"


@dataclass(frozen=True, slots=True, order=True)
class Expression:
    """One expression, and where it is given to `re`."""

    place: str
    """`folder/module.py:line` of the statement."""
    pattern: str
    flags: int
    methods: tuple[str, ...]
    """How it is used: `match`, `search`, …"""


def calls() -> Iterator[tuple[str, str | None, tuple[str, ...]]]:
    """Every call of a function of `re` in the product.

    Yields:
        Its place, its expression when it is a plain string, and how the expression is used: all ways when that cannot be told.
    """
    sources = {path: path.read_text(encoding="utf-8") for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))}
    everything = "\n".join(sources.values())
    for path, source in sources.items():
        tree = ast.parse(source)
        names = {id(node.value): ast.unparse(node.targets[0]) for node in ast.walk(tree) if isinstance(node, ast.Assign)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in FUNCTIONS:
                continue
            if not isinstance(node.func.value, ast.Name) or node.func.value.id != "re":
                continue
            first = node.args[0]
            text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
            methods = (node.func.attr,)
            if methods == ("compile",):
                name = names.get(id(node), "").rpartition(".")[2]
                where = source if name.startswith("_") else everything
                found = set(re.findall(rf"(?<!\w){re.escape(name)}\.(\w+)\b", where)) & set(FUNCTIONS) if name else set()
                methods = tuple(sorted(found)) or ("match", "search")
            yield f"{path.relative_to(ROOT)}:{node.lineno}", text, methods


def compiled() -> set[Expression]:
    """What is compiled while the product is imported and used; call it in a fresh process."""
    found: set[Expression] = set()
    uses = {place: methods for place, _, methods in calls()}

    def noting(function: Any) -> Any:
        @functools.wraps(function)
        def noted(pattern: Any, *rest: Any, **options: Any) -> Any:
            caller = sys._getframe(1)
            path = Path(caller.f_code.co_filename)
            if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in ROOMS:
                ready = pattern if isinstance(pattern, re.Pattern) else original(pattern, _flags(function, rest, options))
                written = ready.pattern if isinstance(ready.pattern, str) else ready.pattern.decode("latin-1")
                place = f"{path.relative_to(ROOT)}:{_line(caller)}"
                found.add(Expression(place, written, int(ready.flags & ~re.UNICODE), uses[place]))
            return function(pattern, *rest, **options)

        return noted

    original = re.compile
    for name in FUNCTIONS:
        setattr(re, name, noting(getattr(re, name)))
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if not module.name.endswith(("__main__", ".env")):
                importlib.import_module(module.name)
    _use()
    return found


def _line(frame: Any) -> int:
    """The line on which the running call begins."""
    positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    return int(positions[0] or frame.f_lineno)


def _flags(function: Any, rest: tuple[Any, ...], options: dict[str, Any]) -> int:
    place = {"compile": 0, "sub": 3, "subn": 3, "split": 2}.get(function.__name__, 1)
    return int(options.get("flags", rest[place] if len(rest) > place else 0))


def _use() -> None:
    """Read the project, load its model, understand something, and call what puts expressions together from what it is given."""
    from actions.addresses import meant_numbers
    from bot.masking import mask
    from bot.nlu.message import Context
    from bot.project.loader import read_project
    from bot.training import archive
    from bot.training.config_edit import edited
    from bot.training.validation import validate
    from tests.trained import model_path

    model = archive.read(model_path())
    for sentence in SENTENCES:
        model.interpreter.parse(mask(sentence).text, Context({}, FORM))
    validate(read_project(ROOT)[0])
    meant_numbers(["17"], "17 89")
    edited("- name: FallbackClassifier\n  threshold: 0.5\n", 1, {"threshold": 0.4})


def main() -> None:
    """Print them, and the calls that were not seen."""
    print(json.dumps([asdict(expression) for expression in sorted(compiled())]))


if __name__ == "__main__":
    main()
