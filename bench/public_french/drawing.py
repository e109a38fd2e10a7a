"""Sentences of templates at random, with hassil, Home Assistant's own reader of templates.

hassil (PyPI, Apache-2.0) is needed by this benchmark alone: the product does not depend on it, nor do the tests. Its own
sampler lists all sentences of a template, millions for some; this one walks down one at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from hassil.expression import Alternative, Expression, Group, ListReference, Permutation, RuleReference, Sentence, TextChunk
from hassil.intents import Intents, RangeSlotList, SlotList, TextSlotList
from hassil.numbers import get_rbnf_engine

from bench.public_french.corpus import Corpus, Draw, names_for


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names in a template mean."""

    language: str
    rules: Mapping[str, Sentence]
    lists: Mapping[str, SlotList]
    texts: Mapping[str, Sequence[str]]
    """Lists that are plain texts: names of devices, areas and floors."""
    anything: Sequence[str]
    """What stands for free text (`wildcard: true`)."""


def draws_of(corpus: Corpus) -> dict[str, list[Draw]]:
    """One function a template, by intent."""
    intents = Intents.from_dict(dict(corpus.grammar))
    anything = [device.name for device in corpus.devices]
    found: dict[str, list[Draw]] = {}
    for name, intent in intents.intents.items():
        for data in intent.data:
            texts = {
                "name": names_for(corpus.devices, data.requires_context, data.excludes_context),
                "area": corpus.areas,
                "floor": corpus.floors,
            }
            rules, lists = {**intents.expansion_rules, **data.expansion_rules}, {**intents.slot_lists, **data.slot_lists}
            scope = Scope(intents.language, rules, lists, texts, anything)
            found.setdefault(name, []).extend(partial(_draw, sentence.expression, scope) for sentence in data.sentences)
    return found


def _draw(expression: Expression, scope: Scope, random: Random) -> str:
    if isinstance(expression, TextChunk):
        return expression.original_text
    if isinstance(expression, RuleReference):
        return _draw(scope.rules[expression.rule_name].expression, scope, random)
    if isinstance(expression, ListReference):
        return _value(expression, scope, random)
    if isinstance(expression, Alternative):
        return _draw(random.choice(expression.items), scope, random)
    if isinstance(expression, Permutation):
        return " ".join(_draw(item, scope, random) for item in random.sample(expression.items, len(expression.items)))
    if isinstance(expression, Group):
        return "".join(_draw(item, scope, random) for item in expression.items)
    raise TypeError(f"hassil has a kind of expression that is not known here: {type(expression).__name__}")


def _value(reference: ListReference, scope: Scope, random: Random) -> str:
    if reference.list_name in scope.texts:
        return random.choice(scope.texts[reference.list_name])
    values = scope.lists[reference.list_name]
    if isinstance(values, TextSlotList):
        return _draw(random.choice(values.values).text_in, scope, random)
    if isinstance(values, RangeSlotList):
        number = random.randrange(values.start, values.stop + 1, values.step)
        in_words = values.words and random.random() < 0.5
        return get_rbnf_engine(scope.language).format_number(number).text if in_words else str(number)
    return random.choice(scope.anything)
