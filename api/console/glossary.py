"""How the assistant reads abbreviations and acronyms: what a model's pipeline says, and how often training sentences use them.

No meaning is made up here: what neither the tokenizer's abbreviations nor the synonyms name is only counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from api.console.searching import Query
from bot.nlu.entity_synonym_mapper import EntitySynonymMapper
from bot.nlu.folding import fold
from bot.nlu.french_tokenizer import FrenchTokenizer
from bot.nlu.interpreter import Interpreter
from bot.nlu.message import Message
from bot.project.model import ComponentSpec, Example, Project

LEAST_SENTENCES = 2
"""Training sentences that must hold an acronym for it to be shown."""
LEAST_SHARE = 1 / 3
"""Part of the sentences with an acronym that must have it in capitals: « QUAND » is none."""
MOST_ACRONYMS = 100
TOPICS = 2
"""Topics that are told of an acronym."""
_ACRONYM = re.compile(r"(?<![\w.@/-])[A-ZÀ-Ý]{2,6}(?![\w@])")
_WORD = re.compile(r"[^\W\d_]{2,}")

Draft = Literal["", "new", "gone", "other"]
"""What the project's files would change: nothing, this is new, this goes, this is read otherwise."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read as what."""

    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Of the tokenizer: what is typed to what it is compared as, both as written."""
    synonyms: Mapping[str, str] = field(default_factory=dict)
    """Of entities: what is typed, lower-cased, to the value that it stands for."""


@dataclass(frozen=True, slots=True)
class Acronym:
    """Capitals that training sentences hold and that nothing reads as something else."""

    text: str
    sentences: int
    """That hold it, in capitals or not."""
    topics: tuple[tuple[str, int], ...]
    """Most frequent topics of these sentences, and how many."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What the training sentences use."""

    words: Mapping[str, int]
    """Folded word to how many sentences hold it."""
    phrases: Mapping[str, int]
    """Surface of a synonym to how many sentences hold it."""
    values: Mapping[str, int]
    """Value of synonyms to how many sentences hold it or a surface of it."""
    acronyms: tuple[Acronym, ...]


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """An abbreviation of the tokenizer."""

    spellings: tuple[str, ...]
    """Those that differ in case and accents only."""
    meaning: str
    draft: Draft = ""
    becomes: str = ""
    """What the project's files make of it, when `draft` is `other`."""

    @property
    def word(self) -> str:
        """As it is compared."""
        return fold(self.spellings[0])


@dataclass(frozen=True, slots=True)
class Surface:
    """A word that stands for a value."""

    text: str
    draft: Draft = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A value of an entity, and the words that are read as it."""

    name: str
    surfaces: tuple[Surface, ...]


def reading_of_model(interpreter: Interpreter) -> Reading:
    """How a model reads."""
    mapper = next((part for part in interpreter.components if isinstance(part, EntitySynonymMapper)), None)
    return Reading(_abbreviations(interpreter.specs), dict(mapper.save().json["synonyms"]) if mapper is not None else {})


def reading_of_files(project: Project) -> Reading:
    """How a model would read that is trained on the project's files."""
    maps = any(spec.name.rpartition(".")[2] == EntitySynonymMapper.__name__ for spec in project.config.pipeline)
    synonyms = {surface.lower(): value for surface, value in project.nlu.synonyms.items()} if maps else {}
    return Reading(_abbreviations(project.config.pipeline), synonyms)


def _abbreviations(specs: Iterable[ComponentSpec]) -> dict[str, str]:
    tokenizer = next((spec for spec in specs if spec.name.rpartition(".")[2] == FrenchTokenizer.__name__), None)
    found = tokenizer.options.get("abbreviations") if tokenizer is not None else None
    return {str(short): str(long) for short, long in (found or {}).items()}


def abbreviations_of(present: Reading, draft: Reading | None, query: Query) -> list[Abbreviation]:
    """The abbreviations in alphabetical order, those that only the draft has too.

    Args:
        present: how the model reads.
        draft: how the project's files read; None when they cannot be read.
        query: what is searched.
    """
    now, then = _by_word(present.abbreviations), _by_word(draft.abbreviations) if draft is not None else None
    found = []
    for word in sorted({*now, *(then or {})}):
        spellings, meaning = now.get(word) or (then or {})[word]
        mark: Draft = ""
        becomes = ""
        if then is not None:
            mark = "new" if word not in now else "gone" if word not in then else ""
            if not mark and fold(then[word][1]) != fold(meaning):
                mark, becomes = "other", then[word][1]
        item = Abbreviation(spellings, meaning, mark, becomes)
        if query.holds(fold(" ".join((*spellings, meaning, becomes)))):
            found.append(item)
    return found


def _by_word(abbreviations: Mapping[str, str]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Spellings and meaning by the word as it is compared; of two meanings the later one counts, as in the tokenizer."""
    found: dict[str, tuple[tuple[str, ...], str]] = {}
    for short, meaning in abbreviations.items():
        word = fold(short)
        found[word] = ((*(found[word][0] if word in found else ()), short), meaning)
    return found


def values_of(present: Reading, draft: Reading | None, query: Query) -> list[Value]:
    """The values in alphabetical order with their words; of a search that names no value, those of its words that are found.

    Args:
        present: how the model reads.
        draft: how the project's files read; None when they cannot be read.
        query: what is searched.
    """
    by_value: dict[str, list[Surface]] = {}
    for surface, value in present.synonyms.items():
        stays = draft is None or draft.synonyms.get(surface) == value
        by_value.setdefault(value, []).append(Surface(surface, "" if stays else "gone"))
    for surface, value in (draft.synonyms if draft is not None else {}).items():
        if present.synonyms.get(surface) != value:
            by_value.setdefault(value, []).append(Surface(surface, "new"))
    found = []
    for name, surfaces in sorted(by_value.items(), key=lambda item: fold(item[0])):
        kept = [item for item in surfaces if query.holds(fold(f"{name} {item.text}"))]
        if kept:
            found.append(Value(name, tuple(kept)))
    return found


def acronyms_of(usage: Usage, query: Query) -> list[Acronym]:
    """The acronyms that a search finds; the most frequent first."""
    return [item for item in usage.acronyms if query.holds(fold(item.text))][:MOST_ACRONYMS]


def usage_of(examples: Sequence[Example], reading: Reading) -> Usage:
    """Count in training sentences; 17,000 take a second.

    Args:
        examples: the sentences.
        reading: what is counted, besides acronyms.
    """
    tokenizer = FrenchTokenizer(FrenchTokenizer.OPTIONS)  # one of its own: the model's is busy with messages, and spells out
    words: Counter[str] = Counter()
    phrases: Counter[str] = Counter()
    values: Counter[str] = Counter()
    capitals: Counter[str] = Counter()
    held: list[tuple[str, set[str]]] = []
    forms = {value.lower(): value for value in reading.synonyms.values()} | dict(reading.synonyms)
    for example in examples:
        message = Message(example.text, (0, len(example.text)))
        tokenizer.process(message)
        held.append((example.intent, {token.norm for token in message.tokens}))
        words.update(held[-1][1])
        lower = example.text.lower()
        there = [form for form in forms if _holds(lower, form)]
        phrases.update(there)
        values.update({forms[form] for form in there})
        if not _shouts(example.text):
            capitals.update(set(_ACRONYM.findall(example.text)))
    known = {*map(fold, reading.abbreviations), *map(fold, forms)}
    kept = {
        fold(text): text
        for text, count in capitals.items()
        if count >= max(LEAST_SENTENCES, LEAST_SHARE * words[fold(text)]) and fold(text) not in known and words[fold(text)]
    }
    topics: dict[str, Counter[str]] = {word: Counter() for word in kept}
    for intent, found in held:
        for word in found & kept.keys():
            topics[word][intent] += 1
    acronyms = [Acronym(text, words[word], tuple(topics[word].most_common(TOPICS))) for word, text in kept.items()]
    return Usage(words, phrases, values, tuple(sorted(acronyms, key=lambda item: (-item.sentences, item.text))))


def _holds(text: str, form: str) -> bool:
    """Whether a form stands in a text as words of its own."""
    at = text.find(form)
    while at >= 0:
        if not _is_of_a_word(text[at - 1 : at]) and not _is_of_a_word(text[at + len(form) : at + len(form) + 1]):
            return True
        at = text.find(form, at + 1)
    return False


def _is_of_a_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _shouts(text: str) -> bool:
    """Whether a sentence is written in capitals, which then make no acronym."""
    found = _WORD.findall(text)
    return sum(1 for word in found if word.isupper()) * 2 > len(found)
