"""`python -m bench.public_french --data DIR`: the table of docs/public_benchmark.md."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from bench.public_french.contenders import Contender, diet, ngrams, our_specs, ours
from bench.public_french.corpus import Labelled, read_corpus, sample, with_typo

HEAD = (
    "| pipeline | accuracy | macro-F1 | with a typo: accuracy | macro-F1 | training, s | µs a sentence |\n"
    "|---|---|---|---|---|---|---|"
)


def accuracy(truth: Sequence[str], said: Sequence[str]) -> float:
    """Share of the sentences whose intent was named, in percent."""
    return 100 * sum(one == other for one, other in zip(truth, said, strict=True)) / len(truth)


def macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """Mean of the F1 of the intents that occur in the truth, in percent; rare intents count as much as frequent ones."""
    right = Counter(one for one, other in zip(truth, said, strict=True) if one == other)
    there, named = Counter(truth), Counter(said)
    return 100 * statistics.fmean(2 * right[intent] / (there[intent] + named[intent]) for intent in there)


def contenders(rasa: Path | None, epochs: int) -> dict[str, Contender]:
    """Rows of the table."""
    specs = our_specs()
    words, characters = ("word", 1, 2), ("char_wb", 2, 4)
    rows = {
        "ours, as `config.yml` composes it": ours(specs),
        "ours without `SpellingCorrector`": ours([spec for spec in specs if not spec.name.endswith("SpellingCorrector")]),
    }
    for strength in (1, 100):
        rows[f"words 1–2, logistic regression, C {strength}"] = ngrams(strength, words)
        rows[f"characters 2–4, logistic regression, C {strength}"] = ngrams(strength, characters)
        rows[f"both, logistic regression, C {strength}"] = ngrams(strength, words, characters)
    if rasa:
        rows[f"Rasa 3.6 DIET, {epochs} epochs"] = diet(rasa, epochs)
    return rows


Sets = Sequence[tuple[list[Labelled], list[list[str]]]]
"""Training sentences, and the texts to understand: as they are and with a typo; one a seed."""


def row(name: str, contender: Contender, sets: Sets, truth: Sequence[str]) -> str:
    """A row of the table: medians over the training sets, each of which is told on stderr when it is done."""
    figures: list[list[float]] = []
    for train, texts in sets:
        done = contender(train, texts)
        right = [measure(truth, said) for said in done.predictions for measure in (accuracy, macro_f1)]
        figures.append([*right, done.training, done.each])
        print(_cells(name, figures[-1]), file=sys.stderr, flush=True)
    return _cells(name, [statistics.median(column) for column in zip(*figures, strict=True)])


def _cells(name: str, figures: Sequence[float]) -> str:
    *right, training, each = figures
    return f"| {name} | {' | '.join(f'{value:.1f}' for value in right)} | {training:.2f} | {each:.0f} |"


def main() -> None:
    """Read the set, train and measure, print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.public_french", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="checkout of home-assistant/intents")
    parser.add_argument("--examples", type=int, default=50, help="training sentences of an intent")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="one training set each")
    parser.add_argument("--rasa", type=Path, help="a Python 3.10 that has Rasa 3.6; without it DIET is left out")
    parser.add_argument("--epochs", type=int, default=100, help="of DIET")
    options = parser.parse_args()
    try:
        from bench.public_french.drawing import draws_of
    except ModuleNotFoundError as error:
        sys.exit(f"{error}: pip install hassil, which reads the templates (this benchmark alone needs it)")
    try:
        corpus = read_corpus(options.data)
    except FileNotFoundError as error:
        sys.exit(str(error))
    truth, clean = [item.intent for item in corpus.tests], [item.text for item in corpus.tests]
    draws = draws_of(corpus)
    sets = []
    for seed in options.seeds:
        random = Random(seed)
        sets.append((sample(draws, options.examples, seed, avoid=clean), [clean, [with_typo(text, random) for text in clean]]))
    sizes = ", ".join(str(len(train)) for train, _ in sets)
    print(f"{len(draws)} intents, {sizes} training sentences, {len(clean)} test sentences\n\n{HEAD}")
    for name, contender in contenders(options.rasa, options.epochs).items():
        print(row(name, contender, sets, truth), flush=True)


if __name__ == "__main__":
    main()
