"""A checkout of home-assistant/intents: the French templates to train on, the French test sentences to measure on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from ruamel.yaml import YAML

from bot.nlu.folding import fold

WHERE = (
    "{folder} is no checkout of home-assistant/intents: it has no {missing}.\n"
    "git clone --depth 1 https://github.com/home-assistant/intents DIR, then: python -m bench.public_french --data DIR"
)
_TRIES = 50
"""Draws for each sentence wanted: small templates have few sentences."""

Draw = Callable[[Random], str]
"""Makes a sentence of one template."""


@dataclass(frozen=True, slots=True)
class Device:
    """A thing of the house in which the tests are said."""

    name: str
    domain: str
    """`light`, `cover`…"""
    device_class: str | None


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence and its intent."""

    text: str
    intent: str
    template: int = 0
    """Number of the template that made it, over all intents."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the checkout holds of one language."""

    grammar: Mapping[str, Any]
    """`intents`, `lists` and `expansion_rules` of all its files, merged."""
    devices: tuple[Device, ...]
    areas: tuple[str, ...]
    floors: tuple[str, ...]
    tests: tuple[Labelled, ...]


def read_corpus(folder: Path, language: str = "fr") -> Corpus:
    """Read the templates and the tests of a language.

    Args:
        folder: the checkout.
        language: name of its folder there.

    Raises:
        FileNotFoundError: what is missing, and how to get it.
    """
    grammar: dict[str, Any] = {"language": language, "intents": {}, "lists": {}, "expansion_rules": {}}
    for content in _contents(folder, f"sentences/{language}"):
        for name, intent in content.get("intents", {}).items():
            grammar["intents"].setdefault(name, {"data": []})["data"] += intent["data"]
        for section in ("lists", "expansion_rules"):
            grammar[section].update(content.get(section, {}))
    devices: list[Device] = []
    areas: list[str] = []
    floors: list[str] = []
    tests: list[Labelled] = []
    for content in _contents(folder, f"tests/{language}"):
        for entity in content.get("entities", ()):
            device_class = (entity.get("attributes") or {}).get("device_class")
            devices.append(Device(entity["name"], entity["id"].partition(".")[0], device_class))
        areas += [area["name"] for area in content.get("areas", ())]
        floors += [floor["name"] for floor in content.get("floors", ())]
        for case in content.get("tests") or ():
            tests += [Labelled(text, case["intent"]["name"]) for text in case["sentences"]]
    return Corpus(grammar, tuple(devices), tuple(areas), tuple(floors), tuple(tests))


def _contents(folder: Path, under: str) -> list[dict[str, Any]]:
    paths = sorted((folder / under).glob("*.yaml"))
    if not paths:
        raise FileNotFoundError(WHERE.format(folder=folder, missing=f"{under}/*.yaml"))
    yaml = YAML(typ="safe", pure=True)
    return [yaml.load(path.read_text(encoding="utf-8")) or {} for path in paths]


def names_for(devices: Sequence[Device], requires: Mapping[str, Any], excludes: Mapping[str, Any]) -> list[str]:
    """Names of the devices that a template speaks of.

    Args:
        devices: all there are.
        requires: its `requires_context`; `domain` and `device_class` count, each a text or a list.
        excludes: its `excludes_context`.

    Returns:
        Their names; all names when no device is of that kind.
    """

    def among(device: Device, context: Mapping[str, Any], key: str) -> bool | None:
        wanted = context.get(key)
        return None if wanted is None else getattr(device, key) in ([wanted] if isinstance(wanted, str) else wanted)

    keys = ("domain", "device_class")
    fitting = [
        device.name
        for device in devices
        if all(among(device, requires, key) is not False and not among(device, excludes, key) for key in keys)
    ]
    return fitting or [device.name for device in devices]


def bare(text: str) -> str:
    """A text without case, accents and punctuation: how two sentences are compared."""
    return " ".join(re.findall(r"\w+", fold(text)))


def sample(draws: Mapping[str, Sequence[Draw]], count: int, seed: int, avoid: Collection[str] = ()) -> list[Labelled]:
    """Draw different sentences of each intent, each from one of its templates at random.

    Args:
        draws: the templates of each intent.
        count: sentences of an intent; fewer when its templates do not make so many.
        seed: of the draws.
        avoid: sentences that must not be among them.

    Returns:
        The sentences, intent by intent.
    """
    unwanted = {bare(text) for text in avoid}
    found: list[Labelled] = []
    first = 0
    for intent, templates in draws.items():
        random, there = Random(f"{seed} {intent}"), set(unwanted)
        left = count
        for _ in range(_TRIES * count):
            number = random.randrange(len(templates))
            text = " ".join(templates[number](random).split())
            if bare(text) not in there:
                there.add(bare(text))
                found.append(Labelled(text, intent, first + number))
                left -= 1
            if not left:
                break
        first += len(templates)
    return found


def with_typo(text: str, random: Random) -> str:
    """A text with one slip of the fingers: a letter doubled, left out, replaced, or exchanged with its neighbour.

    Args:
        text: has a word of two letters or more; else it comes back as it is.
        random: chooses the word, the place and the slip.
    """
    words = list(re.finditer(r"[^\W\d_]{2,}", text))
    if not words:
        return text
    word = random.choice(words)
    place = random.randrange(word.start(), word.end() - 1)
    one, two = text[place], text[place + 1]
    other = random.choice([letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter != one.lower()])
    slips = [one + one + two, two, other + two] + [two + one] * (one != two)
    return text[:place] + random.choice(slips) + text[place + 2 :]
