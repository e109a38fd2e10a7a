"""The draft of a project: its files, and the sentences that editors confirmed in the console.

The files stay as their editors wrote them: the sentences of an intent go into a block of their own, where most of its
examples are. The same changes are shown as a patch, trained from a copy, or written into the working tree.
"""

from __future__ import annotations

import difflib
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.nlu.folding import fold
from bot.project.files import find_files
from bot.project.loader import read_project
from bot.project.model import NOWHERE, Addition, Example, Project
from bot.project.nlu_reader import MAX_EXAMPLE, NluReader
from bot.project.nodes import MapNode, Node, ScalarNode
from bot.project.problems import Problem, Problems, did_you_mean
from bot.project.yaml_file import parse_yaml
from bot.training.nlu_edit import new_file, nlu_items, with_block_after

__all__ = [
    "Addition",
    "FileChange",
    "additions_missing",
    "changed_files",
    "on_one_line",
    "refusal",
    "unified_patch",
    "write_changes",
    "write_project",
]

CONSOLE_FILE = "data/nlu/console.yml"
"""Where sentences go whose intent has no example in a file that can be added to."""
_COPIED = ("domain.yml", "endpoints.yml", "credentials.yml", "domain", "data")


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file's whole text, its own line ends kept."""

    before: str
    """Empty for a file that is new."""
    after: str


def on_one_line(text: str) -> str:
    """A text as a line of examples can hold it: its line breaks are spaces, no blank at either end."""
    return " ".join(line for part in re.split(r"[\n\r]", text) if (line := part.strip()))


def refusal(addition: Addition, project: Project) -> Problem | None:
    """Why a sentence cannot be written as an example; None when it can.

    There is no way to write some texts: `[a](b)` always marks an entity, and YAML knows no control characters.
    """
    problems = Problems()
    if addition.intent.partition("/")[0] not in project.domain.intents:
        suggestion = did_you_mean(addition.intent, project.domain.intents)
        problems.error("intent_not_in_domain", NOWHERE, intent=addition.intent, suggestion=suggestion)
        return problems.found[0]
    text = on_one_line(addition.text)
    if not text:
        problems.error("addition_empty", NOWHERE)
    elif len(text) > MAX_EXAMPLE:
        problems.error("example_too_long", NOWHERE, length=len(text), limit=MAX_EXAMPLE)
    elif [(example.text, example.entities) for example in _read(new_file(addition.intent, [text]))] != [(text, ())]:
        problems.error("addition_unwritable", NOWHERE, text=text)
    return problems.found[0] if problems.found else None


def additions_missing(project: Project, additions: Iterable[Addition]) -> tuple[Addition, ...]:
    """The sentences that no file of the project has yet, each once; case and accents make no difference.

    What a file says of a sentence counts more than what was confirmed: it is not added to another intent.
    """
    known = {_folded(example.text) for example in project.nlu.examples}
    missing = []
    for addition in additions:
        folded = _folded(addition.text)
        if folded not in known:
            known.add(folded)
            missing.append(addition)
    return tuple(missing)


def changed_files(root: Path, project: Project, additions: Iterable[Addition]) -> dict[str, FileChange]:
    """What the files of a project become with sentences added; those that it has already are left out.

    Args:
        root: the project's folder.
        project: what was read from it.
        additions: the sentences, in the order in which they are to be written.

    Returns:
        The changed files by their path relative to the root.

    Raises:
        ProjectError: sentences that cannot be written (see `refusal`).
    """
    missing = additions_missing(project, additions)
    problems = Problems([problem for addition in missing if (problem := refusal(addition, project)) is not None])
    problems.raise_errors()
    sentences: dict[str, list[str]] = defaultdict(list)
    for addition in missing:
        sentences[addition.intent].append(on_one_line(addition.text))
    homes = _homes(project)
    files: dict[str, FileChange] = {}
    for intent, texts in sentences.items():
        for name in dict.fromkeys((homes.get(intent, CONSOLE_FILE), CONSOLE_FILE)):
            before = files[name].before if name in files else _text(root / name)
            after = _with_sentences(files[name].after if name in files else before, intent, texts)
            if after is not None:
                files[name] = FileChange(before, after)
                break
        else:
            problems.error("addition_no_place", NOWHERE, intent=intent, file=CONSOLE_FILE)
    problems.raise_errors()
    return dict(sorted(files.items()))


def unified_patch(changes: Mapping[str, FileChange]) -> str:
    """The changes as `git apply` and `patch -p1` understand them."""
    parts = []
    for name, change in sorted(changes.items()):
        if change.before == change.after:
            continue
        tab = "\t" if " " in name else ""  # as git does: the name ends there
        old = "/dev/null" if not change.before else f"a/{name}{tab}"
        lines = difflib.unified_diff(_lines(change.before), _lines(change.after), old, f"b/{name}{tab}", lineterm="\n")
        parts.append(f"diff --git a/{name} b/{name}\n" + ("" if change.before else "new file mode 100644\n"))
        parts += (line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)
    return "".join(parts)


def write_changes(root: Path, changes: Mapping[str, FileChange]) -> None:
    """Write changed files into a project's folder."""
    for name, change in changes.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(change.after.encode("utf-8"))


def write_project(root: Path, config: Path | None, additions: Sequence[Addition], folder: Path) -> None:
    """Write a project's draft into an empty folder, ready for `bot.training.train.prepare(folder)`.

    Args:
        root: the project's folder, which is not changed.
        config: another configuration than its `config.yml`; in the copy it is the `config.yml`.
        additions: the confirmed sentences.
        folder: where to; made when it does not exist.

    Raises:
        ProjectError: the project cannot be read, or sentences cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(config or root / "config.yml", folder / "config.yml")
    for name in _COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name)
        elif (root / name).is_file():
            shutil.copyfile(root / name, folder / name)
    if additions:
        project, _ = read_project(folder)
        write_changes(folder, changed_files(folder, project, additions))


def _folded(text: str) -> str:
    return fold(" ".join(text.split()))


def _homes(project: Project) -> dict[str, str]:
    """The file of each intent that has most of its examples; of two, the first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    _, data = find_files(project.root)
    inside = {path.relative_to(project.root).as_posix() for path in data}
    for example in project.nlu.examples:
        if example.location.file in inside:
            counts[example.intent_response_key or example.intent][example.location.file] += 1
    return {intent: files.most_common(1)[0][0] for intent, files in counts.items()}


def _with_sentences(text: str, intent: str, sentences: Sequence[str]) -> str | None:
    """A file's text with a block more; None when it would not say just that."""
    if not text:
        return new_file(intent, sentences)
    root = parse_yaml(text.encode("utf-8"), "", Problems())
    items = nlu_items(root)
    own = [item for item in items if _name(item) == intent]
    if not items:
        return None
    changed = with_block_after(text, (own or items)[-1], intent, sentences)
    if changed is None:
        return None
    before = Counter((_label(example), example.text, example.entities) for example in _examples(root))
    after = Counter((_label(example), example.text, example.entities) for example in _read(changed))
    added = Counter((intent, sentence, ()) for sentence in sentences)
    return changed if after == before + added else None


def _name(item: MapNode) -> str | None:
    node = item.get("intent")
    return node.text if isinstance(node, ScalarNode) else None


def _label(example: Example) -> str:
    return example.intent_response_key or example.intent


def _read(text: str) -> Sequence[Example]:
    """The examples of a file's text; none when there is a problem with it."""
    return _examples(parse_yaml(text.encode("utf-8", "surrogatepass"), "", Problems()))


def _examples(root: Node | None) -> Sequence[Example]:
    reader = NluReader(Problems())
    reader.read(root.get("nlu") if isinstance(root, MapNode) else None)
    return reader.examples


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8") if path.is_file() else ""


def _lines(text: str) -> list[str]:
    """Lines with their ends, as git counts them: only \\n ends one."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
