"""Writes two numbers into a configuration and touches nothing else: comments and layout are the editors'.

A YAML library that writes a file anew would wrap its long lists otherwise (ruamel.yaml does); so the text itself is edited,
and what was written is read again before it is kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.project.config_reader import read_config
from bot.project.files import relative_name
from bot.project.model import Config, Location
from bot.project.problems import Problems
from bot.training.thresholds import fallback_of

_KEYS = ("threshold", "ambiguity_threshold")


def write_thresholds(path: Path, root: Path, threshold: float, ambiguity: float) -> None:
    """Write the options of FallbackClassifier.

    Args:
        path: the configuration's file.
        root: the project's folder, to which names in problems are relative.
        threshold: least confidence of the best intent.
        ambiguity: least difference between the best and the second.

    Raises:
        ProjectError: there is no FallbackClassifier, or it is written so that it cannot be changed alone; the file stays.
    """
    file = relative_name(path, root)
    problems = Problems()
    before = read_config(path, file, problems)
    spec = fallback_of(before.pipeline)
    if spec is None:
        problems.error("threshold_not_found", before.location)
    problems.raise_errors()
    assert spec is not None
    values = dict(zip(_KEYS, (threshold, ambiguity), strict=True))
    text = path.read_bytes().decode("utf-8")
    temporary = path.with_name(path.name + ".partial")
    temporary.write_bytes(edited(text, spec.location.line, values).encode("utf-8"))
    doubts = Problems()
    after = read_config(temporary, file, doubts)
    if doubts.errors or not _is_as_wanted(before, after, values):
        temporary.unlink()
        problems.error("threshold_not_written", spec.location, threshold=threshold, ambiguity=ambiguity)
        problems.raise_errors()
    temporary.chmod(path.stat().st_mode)
    os.replace(temporary, path)


def edited(text: str, line: int, values: Mapping[str, float]) -> str:
    """A configuration's text with other numbers in one entry of its pipeline.

    Args:
        text: the whole file.
        line: of the entry, from 1.
        values: options and their numbers; one that is not written yet gets a line of its own below the entry's first.
    """
    lines = text.splitlines(keepends=True)
    first = lines[line - 1]
    end = _end_of_entry(lines, line - 1)
    for key, value in reversed(list(values.items())):
        option = re.compile(rf"^([^#]*?[\s{{,]){key}(\s*:\s*)[^\s,}}#]+")
        place = next((number for number in range(line - 1, end) if option.match(lines[number])), None)
        if place is not None:
            lines[place] = option.sub(rf"\g<1>{key}\g<2>{value:g}", lines[place], count=1)
        elif "{" in first:
            lines[line - 1] = lines[line - 1].replace("}", f", {key}: {value:g}}}", 1)
        else:
            ending = first[len(first.rstrip("\r\n")) :] or "\n"
            indent = " " * (len(first) - len(first.lstrip(" -")))
            lines[line - 1] = first.rstrip("\r\n") + ending
            lines.insert(line, f"{indent}{key}: {value:g}{ending}")
            end += 1
    return "".join(lines)


def _end_of_entry(lines: list[str], start: int) -> int:
    """The line after the last of an entry: the next one that is indented no more than its dash."""
    dash = len(lines[start]) - len(lines[start].lstrip(" "))
    for number in range(start + 1, len(lines)):
        stripped = lines[number].strip()
        if stripped and len(lines[number]) - len(lines[number].lstrip(" ")) <= dash:
            return number
    return len(lines)


def _is_as_wanted(before: Config, after: Config, values: Mapping[str, Any]) -> bool:
    """Whether only the two numbers differ."""

    def plain(config: Config, changes: Mapping[str, Any]) -> Config:
        chosen = fallback_of(config.pipeline)
        pipeline = tuple(
            replace(spec, options={**spec.options, **(changes if spec is chosen else {})}, location=Location("", 0))
            for spec in config.pipeline
        )
        policies = tuple(replace(spec, location=Location("", 0)) for spec in config.policies)
        return replace(config, pipeline=pipeline, policies=policies)

    return plain(before, values) == plain(after, {})
