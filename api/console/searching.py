"""Searching what the assistant learned, what it is tested with and what it answers: words as typed, folded, anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from actions.doubt import RESPONSE_OF
from bot.nlu.folding import fold
from bot.project.model import Domain, Location, ResponseVariation
from bot.training.archive import Model
from bot.training.overlaps import Known

MOST_CHARS = 200
"""Of what is searched; more is left out."""
MOST_SHOWN = 100
"""Of each kind."""
_QUOTES = "\"'«»“”„‘’` "
_PlaceKey = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched."""

    text: str = ""
    """As it stands in the field."""
    topic: str = ""
    """An intent that everything found belongs to; empty for all."""
    words: tuple[str, ...] = ()
    """Folded: each must be in what is found."""
    is_cut: bool = False
    """Whether the text was longer than what is searched."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.words and not self.topic

    def holds(self, folded: str) -> bool:
        """Whether a folded text has all words."""
        return all(word in folded for word in self.words)

    def marked(self, text: str) -> list[tuple[str, bool]]:
        """A text in pieces, and whether each is a word that was searched."""
        owners: list[int] = []
        folded = ""
        for at, char in enumerate(text):
            piece = fold(char)
            folded += piece
            owners += [at] * len(piece)
        wanted = [False] * len(text)
        for word in self.words:
            start = folded.find(word)
            while start >= 0:
                for position in range(start, start + len(word)):
                    wanted[owners[position]] = True
                start = folded.find(word, start + len(word))
        for at in range(1, len(text)):  # a combining accent goes with its letter
            wanted[at] = wanted[at] or (wanted[at - 1] and not fold(text[at]))
        pieces: list[tuple[str, bool]] = []
        begin = 0
        for at in range(1, len(text) + 1):
            if at == len(text) or wanted[at] != wanted[begin]:
                pieces.append((text[begin:at], wanted[begin]))
                begin = at
        return pieces


def read_query(text: str, topic: str, topics: Iterable[str]) -> Query:
    """What somebody asks for.

    Args:
        text: as typed; quotation marks around a word are left out.
        topic: an intent; one that there is not counts as none.
        topics: all intents.
    """
    clean = " ".join(text.replace("\0", " ").split())
    kept = clean[:MOST_CHARS].rstrip()
    words = (word.strip(_QUOTES) for word in fold(kept).split())
    return Query(kept, topic if topic in topics else "", tuple(dict.fromkeys(filter(None, words))), len(clean) > MOST_CHARS)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that is learned or tested with."""

    text: str
    topic: str
    place: str = ""
    """File and line; empty: confirmed in the console."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button of an answer."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A wording of a response."""

    name: str
    number: int
    """From 1."""
    of: int
    """How many wordings the response has."""
    text: str
    buttons: tuple[Button, ...] = ()
    channel: str = ""
    conditions: tuple[str, ...] = ()
    """As « slot = value »."""
    place: str = ""
    """File and line; empty when the files have no such wording."""

    def is_of(self, topic: str) -> bool:
        """Whether it answers an intent, by its name."""
        return self.name in (RESPONSE_OF.get(topic), f"utter_{topic}") or self.name.startswith(f"utter_{topic}_")

    @property
    def searched(self) -> str:
        """All that it is found by."""
        return "\n".join([self.name, self.text, *(f"{button.title}\n{button.payload}" for button in self.buttons)])


@dataclass(frozen=True, slots=True)
class FoundSentences:
    """Sentences of one kind."""

    total: int
    shown: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class FoundAnswers:
    """Answers."""

    total: int
    shown: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """What was found."""

    answers: FoundAnswers
    training: FoundSentences
    tests: FoundSentences


class Index:
    """All that can be found, folded once: 17,000 sentences take 0.2 s to make and milliseconds to search.

    Args:
        training: sentences that are learned.
        tests: sentences that are tested with.
        answers: what is answered.
    """

    def __init__(self, training: Iterable[Sentence], tests: Iterable[Sentence], answers: Iterable[Answer]) -> None:
        self._training = [(fold(item.text), item) for item in training]
        self._tests = [(fold(item.text), item) for item in tests]
        self._answers = [(fold(item.searched), item) for item in answers]

    def find(self, query: Query, confirmed: Iterable[Sentence] = ()) -> Results:
        """What has all words of a query.

        Args:
            query: what is asked for.
            confirmed: sentences for test that no file has.
        """
        tests = [*self._tests, *((fold(item.text), item) for item in confirmed)]
        answers = [item for folded, item in self._answers if (not query.topic or item.is_of(query.topic)) and query.holds(folded)]
        return Results(
            FoundAnswers(len(answers), tuple(answers[:MOST_SHOWN])), _sentences(query, self._training), _sentences(query, tests)
        )


def _sentences(query: Query, among: Iterable[tuple[str, Sentence]]) -> FoundSentences:
    found = [item for folded, item in among if query.topic in ("", item.topic) and query.holds(folded)]
    return FoundSentences(len(found), tuple(found[:MOST_SHOWN]))


def index_of(model: Model, tests: Iterable[Known], written: Domain | None) -> Index:
    """All that can be found in a model and a project.

    Args:
        model: what is served; unpacked, which takes 0.1 s.
        tests: the project's test sentences.
        written: the project's domain, which knows its files; None when it cannot be read.
    """
    training = (Sentence(item.text, item.intent, _place(item.location)) for item in model.examples())
    found = (Sentence(item.text, item.intent, _place(item.location)) for item in tests)
    return Index(training, found, answers_of(model.domain, _places(written.responses) if written is not None else {}))


def answers_of(domain: Domain, places: Mapping[_PlaceKey, str]) -> list[Answer]:
    """A domain's wordings; `places` says where a file has them."""
    found = []
    for name, variations in sorted(domain.responses.items()):
        for number, variation in enumerate(variations, 1):
            buttons = variation.content.get("buttons") or ()
            found.append(
                Answer(
                    name,
                    number,
                    len(variations),
                    str(variation.content.get("text") or ""),
                    tuple(Button(str(button.get("title", "")), str(button.get("payload", ""))) for button in buttons),
                    variation.channel or "",
                    tuple(f"{condition.slot} = {condition.value}" for condition in variation.conditions),
                    places.get(_key(name, variation), ""),
                )
            )
    return found


def _places(responses: Mapping[str, Sequence[ResponseVariation]]) -> dict[_PlaceKey, str]:
    return {
        _key(name, variation): _place(variation.location) for name, variations in responses.items() for variation in variations
    }


def _key(name: str, variation: ResponseVariation) -> _PlaceKey:
    return name, str(variation.content.get("text") or ""), variation.channel or "", repr(variation.conditions)


def _place(location: Location) -> str:
    return str(location) if location.file else ""
