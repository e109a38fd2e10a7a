"""Whether a right answer stays right when the same question is written otherwise."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.nlu.interpreter import Interpreter
from bot.training.metrics import Share
from bot.training.nlu_report import place_json, share_json
from bot.training.noise import NOISES, Noise
from bot.training.prediction import Outcome, Prediction, Scope, Sentence, predict


@dataclass(frozen=True, slots=True)
class Turned:
    """A sentence that was right and is not any more."""

    before: Prediction
    after: Prediction
    """Of the noisy text."""
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class NoiseResult:
    """What a noise did."""

    noise: str
    lost: Share
    """Of the sentences that were right, those that are not any more."""
    turned: tuple[Turned, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON (docs/evaluation.md)."""
        return {
            "noise": self.noise,
            "lost": share_json(self.lost),
            "turned": [
                {
                    **place_json(item.before),
                    "noisy": item.after.text,
                    "expected": item.before.expected,
                    "found": item.after.found,
                    "outcome": item.outcome,
                }
                for item in self.turned
            ],
        }


def robustness(
    interpreter: Interpreter,
    sentences: Sequence[Sentence],
    scope: Scope,
    *,
    without: Collection[str] = (),
    noises: Mapping[str, Noise] = NOISES,
    seed: int = 42,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[NoiseResult, ...]:
    """Ask sentences as they are, then the right ones with each noise.

    Args:
        interpreter: a trained model.
        sentences: with their right intents.
        scope: what the configuration says about its intents.
        without: intents that are left out, such as small talk.
        noises: by name.
        seed: of the noises; each sentence has its own generator, so that others do not change what happens to it.
        progress: called with noises done and their count, the sentences as they are being the first.
    """
    asked = [sentence for sentence in sentences if sentence.expected not in without]
    plain = predict(interpreter, asked)
    right = [
        (sentence, prediction) for sentence, prediction in zip(asked, plain, strict=True) if scope.outcome(prediction) == "right"
    ]
    results = []
    for number, (name, noise) in enumerate(noises.items(), 1):
        if progress:
            progress(number, len(noises) + 1)
        noisy = [
            replace(sentence, text=noise(sentence.text, random.Random(f"{seed} {name} {sentence.text}"))) for sentence, _ in right
        ]
        after = predict(interpreter, noisy)
        turned = tuple(
            Turned(before, now, outcome)
            for (_, before), now in zip(right, after, strict=True)
            if (outcome := scope.outcome(now)) != "right"
        )
        results.append(NoiseResult(name, Share(len(turned), len(right)), turned))
    if progress:
        progress(len(noises) + 1, len(noises) + 1)
    return tuple(results)
