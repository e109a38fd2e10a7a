"""What an interpreter finds in labelled sentences, and how good that is for the person who asks.

An answer is *right*; a question from which the right answer is one click away is *asked*; « je ne sais pas » although
the page answers is *declined*; another topic's answer is *wrong*, and the worst (design of the product: right answers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.masking import mask
from bot.nlu.fallback_classifier import NLU_FALLBACK
from bot.nlu.interpreter import Interpreter
from bot.nlu.message import Context
from bot.project.files import read_files
from bot.project.model import NOWHERE, ComponentSpec, Example, Location
from bot.project.nlu_reader import NluReader
from bot.project.problems import Problems, did_you_mean
from bot.text import clean_text

Outcome = Literal["right", "asked", "declined", "wrong"]
OUTCOMES: tuple[Outcome, ...] = ("right", "asked", "declined", "wrong")
CHOICES = 3
"""Topics that a clarification offers: in doubt, the right one must be among so many to be one click away."""
DEFAULT_OUT_OF_SCOPE = "out_of_scope"
"""Rasa's name for it, when the configuration has no other."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence whose right intent is known."""

    text: str
    expected: str
    accept: frozenset[str] = frozenset()
    """Other right intents."""
    protected: bool = False
    """It must be right, whatever else is wrong."""
    location: Location = NOWHERE

    @property
    def wanted(self) -> frozenset[str]:
        """All right intents."""
        return self.accept | {self.expected}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was found in a sentence."""

    text: str
    """As written in the file; what the interpreter saw has secrets masked."""
    expected: str
    found: str
    """The intent that the dialogue gets; `nlu_fallback` in doubt."""
    confidence: float
    """Of the likeliest intent, in doubt too."""
    ranking: tuple[tuple[str, float], ...]
    """Intents and their confidence, likeliest first, without `nlu_fallback`."""
    location: Location = NOWHERE
    protected: bool = False
    accept: frozenset[str] = frozenset()

    @property
    def likeliest(self) -> str:
        """The first of the ranking, whether the interpreter was sure or not."""
        return self.ranking[0][0] if self.ranking else self.found

    @property
    def wanted(self) -> frozenset[str]:
        """All right intents."""
        return self.accept | {self.expected}

    @property
    def counted(self) -> str:
        """The intent found, as the scores count it: another right intent counts as the expected one."""
        return self.expected if self.found in self.accept else self.found


@dataclass(frozen=True, slots=True)
class Scope:
    """What a configuration says about its intents."""

    out_of_scope: str = DEFAULT_OUT_OF_SCOPE
    """The intent of what the assistant has no answer to."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Intents that are one question, vague ones first: a vaguer one asks which is meant."""

    def outcome(self, prediction: Prediction) -> Outcome:
        """How good a prediction is."""
        return self.outcome_of(prediction, prediction.found)

    def outcome_of(self, prediction: Prediction, found: str) -> Outcome:
        """How good it would be if `found` (an intent, or `nlu_fallback`) were what the dialogue gets."""
        wanted = prediction.wanted
        in_doubt = found == NLU_FALLBACK
        declines = (prediction.likeliest if in_doubt else found) == self.out_of_scope
        if not in_doubt and found in wanted:
            return "right"
        if self.out_of_scope in wanted:
            return "right" if declines else "asked" if in_doubt else "wrong"
        if declines:
            return "declined"
        if in_doubt:
            return "asked" if wanted & {name for name, _ in prediction.ranking[:CHOICES]} else "declined"
        return "asked" if any(self._is_vaguer(found, intent) for intent in wanted) else "wrong"

    def _is_vaguer(self, found: str, wanted: str) -> bool:
        return any(group.index(found) < group.index(wanted) for group in self.groups if found in group and wanted in group)


def scope_of(specs: Iterable[ComponentSpec]) -> Scope:
    """The scope that a pipeline's options say: `out_of_scope` and `same` of QuestionSplitter."""
    options: dict[str, Any] = {}
    for spec in specs:
        options.update({name: spec.options[name] for name in ("out_of_scope", "same") if name in spec.options})
    groups = tuple(tuple(map(str, group)) for group in options.get("same", ()))
    return Scope(str(options.get("out_of_scope", DEFAULT_OUT_OF_SCOPE)), groups)


def read_sentences(path: Path, root: Path, intents: Iterable[str]) -> tuple[Sentence, ...]:
    """Read labelled sentences from a Rasa NLU file.

    `metadata` of a block or of a sentence may say `accept: [intent, …]` (also right) and `protected: true`.

    Args:
        path: the file.
        root: the project's folder, to which names in problems are relative.
        intents: those that the interpreter knows.

    Raises:
        ProjectError: with all that is wrong with the file; also when it holds no sentence.
    """
    problems = Problems()
    reader = NluReader(problems)
    for file in read_files([path], root, problems):
        if "nlu" in file.kinds:
            reader.read(file.root.get("nlu"))
    sentences = labelled(reader.examples, problems)
    known = frozenset(intents)
    for sentence in sentences:
        for intent in sorted(sentence.wanted - known):
            problems.error("sentence_of_no_intent", sentence.location, intent=intent, suggestion=did_you_mean(intent, known))
    if not sentences and not problems.errors:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        problems.error("no_sentences", Location(name, 0))
    problems.raise_errors()
    return sentences


def labelled(examples: Iterable[Example], problems: Problems) -> tuple[Sentence, ...]:
    """Examples as sentences with a known answer; `problems` gets metadata that say neither yes, no nor intents."""
    sentences = []
    for example in examples:
        said: dict[str, Any] = {"accept": [], "protected": False}
        for level in ("intent", "example"):
            metadata = example.metadata.get(level)
            if isinstance(metadata, Mapping):
                said.update({key: metadata[key] for key in said if key in metadata})
        accept, protected = said["accept"], said["protected"]
        if not isinstance(accept, list) or not all(isinstance(name, str) for name in accept):
            problems.error("accept_not_intents", example.location, found=accept)
            accept = []
        if not isinstance(protected, bool):
            problems.error("protected_not_flag", example.location, found=protected)
        sentences.append(Sentence(example.text, example.intent, frozenset(accept), protected is True, example.location))
    return tuple(sentences)


def predict(
    interpreter: Interpreter, sentences: Sequence[Sentence], progress: Callable[[int], None] | None = None
) -> tuple[Prediction, ...]:
    """What the interpreter finds in sentences, each a message of its own, cleaned and masked as the assistant does.

    Args:
        interpreter: a trained one.
        sentences: what it is asked.
        progress: called after each sentence with how many are done.
    """
    predictions = []
    for number, sentence in enumerate(sentences, 1):
        message = interpreter.understand(mask(clean_text(sentence.text)).text, Context())
        ranking = tuple(
            (str(item["name"]), float(item["confidence"])) for item in message.ranking if item["name"] != NLU_FALLBACK
        )
        found = str(message.intent["name"] or NLU_FALLBACK)
        confidence = ranking[0][1] if ranking else float(message.intent["confidence"])
        predictions.append(
            Prediction(
                text=sentence.text,
                expected=sentence.expected,
                found=found,
                confidence=confidence,
                ranking=ranking,
                location=sentence.location,
                protected=sentence.protected,
                accept=sentence.accept,
            )
        )
        if progress:
            progress(number)
    return tuple(predictions)
