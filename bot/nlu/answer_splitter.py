"""An answer and a question in one message: « oui, mais j'ai aussi perdu mon compte Cerbère », while a form asks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

from bot.nlu.component import Stateless
from bot.nlu.message import Message, Options
from bot.nlu.parts import any_of, folded_text, in_whole, question_of, trimmed

_MARK = r"[,.;:!?…\n]+"
_WORD = re.compile(r"\w+")
_MOST_CUTS = 3
_MOST_CHARACTERS = 300
"""A longer message is a letter: what it says first is no answer."""
_LEAST_WORDS = 2
"""Words of a question after an answer."""


class AnswerSplitter(Stateless):
    """Cuts a message into the answer that a form waits for and the question that follows. Stands after QuestionSplitter.

    Options:
        forms: form to the intents that answer it.
        questions: intents that are questions.
        cuts: words between the two, besides punctuation.
        not_alone: answers that are a manner of speaking right before such a word (« non mais… »).
        not_yet: words that put the answer off.
        threshold: least confidence of both.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "forms": {},
        "questions": (),
        "cuts": (),
        "not_alone": (),
        "not_yet": (),
        "threshold": 0.55,
    }

    def __init__(self, options: Options) -> None:
        self._forms = {str(form): frozenset(map(str, intents)) for form, intents in options["forms"].items()}
        self._questions = frozenset(map(str, options["questions"]))
        self._threshold = float(options["threshold"])
        self._not_alone = re.compile(any_of(options["not_alone"]))
        self._not_yet = re.compile(any_of(options["not_yet"]))
        self._cut = re.compile(rf"(?:[,.;:!?…\s]+|\A){any_of(options['cuts'])}|{_MARK}")

    def process(self, message: Message) -> None:
        """Propose what stands before and after each cut; nothing unless a form waits for an answer."""
        message.segments = []
        form = message.context.form if message.context else None
        if form not in self._forms or message.questions or len(message.text) > _MOST_CHARACTERS:
            return
        text, folded = message.text, folded_text(message.text)
        if self._not_yet.search(folded):
            return
        for cut in islice(self._cut.finditer(folded), _MOST_CUTS):
            answer, question = trimmed(text, (0, cut.start())), trimmed(text, (cut.end(), len(text)))
            if not re.match(_MARK, cut[0]) and self._not_alone.fullmatch(folded[slice(*answer)]):
                continue
            if _WORD.search(text, *answer) and len(_WORD.findall(text, *question)) >= _LEAST_WORDS:
                message.segments += [answer, question]

    def choose(self, message: Message, parts: Sequence[Message]) -> None:
        """Take the first cut that has an answer before it and a question after it; see `bot.nlu.parts.Splitter`."""
        answers = self._forms[(message.context and message.context.form) or ""]
        for number in range(0, len(parts), 2):
            answer, question = parts[number], parts[number + 1]
            if self._is_one_of(answer, answers) and self._is_one_of(question, self._questions):
                message.intent, message.ranking = dict(answer.intent), answer.ranking
                message.entities = in_whole(message.segments[number], answer)
                message.questions = [question_of(message.segments[number + 1], question)]
                return

    def _is_one_of(self, part: Message, intents: frozenset[str]) -> bool:
        return part.intent["name"] in intents and float(part.intent["confidence"]) >= self._threshold
