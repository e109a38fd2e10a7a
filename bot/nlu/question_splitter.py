"""Several questions in one message: « c'est quoi MODE ? et où lire les mails ? » has two, answered in that order.

Precision first: a question cut in two by mistake is worse than a second question missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import translate
from itertools import islice, pairwise
from typing import Any, ClassVar

from bot.nlu.component import Stateless
from bot.nlu.fallback_classifier import NLU_FALLBACK
from bot.nlu.folding import fold
from bot.nlu.message import Message, Options
from bot.nlu.parts import Span, any_of, best_intent, folded_text, pattern, question_of, trimmed

_WORD = re.compile(r"[\w'-]+")
_RUN = re.compile(r"\S+")
_ADDRESS = re.compile(r"@|://|\bwww\.", re.I)
"""Marks a run of characters that is never cut: an address of mail or of a page."""
_STOP = re.compile(r"[?!…]+|;|\.(?=\s|\.|$|[A-ZÀ-Þ][a-zà-ÿ'’])|\n|(?<=\s)\d\)")
_MOST_JOINS = 12
"""Joins of one sentence that are looked at: a long list is no row of questions, and must not take long."""


class QuestionSplitter(Stateless):
    """Proposes the parts of a message that may be questions, and chooses among them. Stands after the classifiers.

    `process` only proposes (`message.segments`); the interpreter sends each part through the components before this
    one and hands what they understood to `choose`. A message of one clause has no part: it costs two searches.

    Options (words are compared without case nor accents; `*` stands for any letters):
        most, segments: questions of one message that are answered, and parts that are classified, at most.
        threshold: least confidence of a part's intent.
        sure, margin: a part replaces the whole when it is as sure as that, and so much surer than the whole.
        long_words: a message of more words may be known by its question rather than as a whole.
        short_words: most words of what is listed in `back` and `ellipses`.
        least_words: a shorter part is no question (« et par mail ? »).
        ignore: intents that are no question of their own.
        out_of_scope: the one of them that is a question, but not ours.
        same: groups of intents that are one question, vague ones first (`[[mot_de_passe, mot_de_passe_mode]]`).
        questions: words that ask, wherever they stand; so does a question mark at the end.
        edge_questions: words that ask at the beginning or the end of a part.
        troubles: words of a complaint: it asks too, but after another question it only explains that one.
        denials: words that say what is not asked.
        back: short questions about what was said just before (« que faire ? »).
        ellipses: first words of short questions that say only half (« et pour les internats ? »).
        joins: words between two questions.
        weak_joins: the same, which also join words: there must be a verb on both sides.
        verbs, abbreviations: words that show a verb; words whose dot ends no sentence.
    """

    OPTIONS: ClassVar[Mapping[str, Any]] = {
        "most": 3,
        "segments": 6,
        "threshold": 0.55,
        "margin": 0.2,
        "sure": 0.8,
        "long_words": 25,
        "short_words": 7,
        "least_words": 3,
        "ignore": [NLU_FALLBACK, "out_of_scope"],
        "out_of_scope": "out_of_scope",
        **dict.fromkeys(("same", "questions", "edge_questions", "troubles", "denials", "back", "ellipses"), ()),
        **dict.fromkeys(("joins", "weak_joins", "verbs", "abbreviations"), ()),
    }

    def __init__(self, options: Options) -> None:
        self._most, self._segments = int(options["most"]), int(options["segments"])
        self._threshold, self._margin, self._sure = (float(options[name]) for name in ("threshold", "margin", "sure"))
        self._long, self._short, self._least = (int(options[f"{name}_words"]) for name in ("long", "short", "least"))
        self._ignored = re.compile("|".join(translate(str(name)) for name in options["ignore"]))
        self._out_of_scope = str(options["out_of_scope"])
        self._same = [tuple(map(str, group)) for group in options["same"]]
        edge = any_of(options["edge_questions"])
        self._asking = re.compile(rf"{any_of(options['questions'])}|\A\W*(?:\w+\W+)?{edge}")
        self._asking_end = re.compile(rf"(?:{edge}|\?)\W*\Z")
        others = (re.compile(any_of(options[name])) for name in ("troubles", "denials", "back"))
        self._trouble, self._denial, self._back = others
        self._ellipsis = re.compile(rf"\A\W*{any_of(options['ellipses'])}")
        strong, weak = any_of(options["joins"]), any_of(options["weak_joins"])
        self._strong = re.compile(strong)
        self._join = re.compile(rf"(?:(?:(?P<strong>{strong})|{weak})\s*)+")
        self._leading = re.compile(rf"\A(?:\W*(?:{strong}|{weak}))*[^\w\"«]*")
        self._verb = re.compile("|".join(rf"\b{pattern(verb)}\b" for verb in options["verbs"]) or r"(?!)")
        self._abbreviations = frozenset(fold(str(word)).rstrip(".") for word in options["abbreviations"])

    def process(self, message: Message) -> None:
        """Propose parts: sentences that ask, and the clauses of those that may ask several things."""
        start, end = message.body
        text = " " * start + message.text[start:end]
        folded = folded_text(text)
        if not _STOP.search(text.rstrip("?!….; ")) and not self._join.search(folded):
            return
        asking = self._questions(folded, self._sentences(text, folded))
        clauses = [clause for span in asking for clause in self._clauses(folded, span)]
        whole = trimmed(text, (0, len(text)))
        if not clauses and (asking == [whole] or (len(asking) == 1 and not self._may_be_replaced(message))):
            return
        spans = sorted([*asking, *clauses], key=lambda span: "?" not in text[slice(*span)])
        message.segments = sorted(spans[: self._segments])

    def choose(self, message: Message, parts: Sequence[Message]) -> None:
        """Decide which parts are questions of their own.

        Several: the first gives the message its intent, the others are its `questions`, and the entities in them are
        theirs. One that is much surer than the whole gives the message its intent, unless the message is short and is
        doubtful or out of scope; the entities of the context stay.

        Args:
            message: what `process` has seen.
            parts: its segments, understood alone.
        """
        understood = dict(zip(message.segments, parts, strict=True))
        whole = best_intent(message)
        found: list[Span] = []
        for sentence, inside in _nested(message.segments).items():
            clauses = self._distinct(inside, understood, whole)
            is_clear = bool(self._distinct([sentence], understood, whole))
            found += clauses if len(clauses) > is_clear else [sentence]
        questions = self._distinct(found, understood, whole)
        if not questions or any(self._is_foreign(understood[span]) for span in found if span < questions[0]):
            return
        first = understood[questions[0]]
        if len(questions) > 1:
            message.intent, message.ranking = dict(first.intent), first.ranking
            message.questions = [question_of(span, understood[span]) for span in questions[1 : self._most]]
            message.entities = [entity for entity in message.entities if not _is_inside(entity, questions[1:])]
        elif self._may_be_replaced(message) or (len(found) > 1 and message.intent["name"] == NLU_FALLBACK):
            self._replace(message, questions[0], first)

    def _replace(self, message: Message, span: Span, part: Message) -> None:
        """Give the message what the part means, when that is surer than the whole, which is something else."""
        whole = best_intent(message)
        if self._group(whole["name"]) == self._group(part.intent["name"]):
            message.intent = {**whole, "confidence": max(whole["confidence"], part.intent["confidence"])}
            others = (item for item in message.ranking if item["name"] not in (NLU_FALLBACK, whole["name"]))
            message.ranking = [dict(message.intent), *others]
        elif part.intent["confidence"] >= max(self._sure, 0.0 if self._is_talk(whole) else whole["confidence"] + self._margin):
            message.intent, message.ranking = dict(part.intent), part.ranking

    def _may_be_replaced(self, message: Message) -> bool:
        """Whether a part can tell better than the whole what is asked: not of an answer that a form waits for."""
        if message.context is not None and message.context.form is not None:
            return False
        is_doubtful = message.intent["name"] in (NLU_FALLBACK, self._out_of_scope) and not self._is_talk(best_intent(message))
        is_long = len(_WORD.findall(message.text)) > self._long
        return is_long or not is_doubtful or self._denial.search(folded_text(message.text)) is not None

    def _is_talk(self, intent: Mapping[str, Any]) -> bool:
        return self._is_ignored(intent) and intent["name"] != self._out_of_scope

    def _distinct(self, spans: Iterable[Span], understood: Mapping[Span, Message], whole: Mapping[str, Any]) -> list[Span]:
        """The parts that have a clear intent; of each group only one, in the place of the first."""
        clear: dict[tuple[str, ...], list[tuple[int, int, Span]]] = {}
        for number, span in enumerate(spans):
            intent = understood[span].intent
            group = self._group(intent["name"])
            contradicts = not self._is_ignored(whole) and group != self._group(whole["name"])
            needed = max(self._threshold, whole["confidence"] - self._margin if contradicts else 0.0)
            if not self._is_ignored(intent) and intent["confidence"] >= needed:
                clear.setdefault(group, []).append((group.index(intent["name"]), -number, span))
        return [max(same)[-1] for same in clear.values()]

    def _group(self, intent: str) -> tuple[str, ...]:
        return next((group for group in self._same if intent in group), (intent,))

    def _is_ignored(self, intent: Mapping[str, Any]) -> bool:
        return self._ignored.match(str(intent["name"])) is not None

    def _is_foreign(self, part: Message) -> bool:
        """Whether it is a question about something else, to which what follows may belong."""
        return bool(part.intent["name"] == self._out_of_scope and part.intent["confidence"] >= self._threshold)

    def _sentences(self, text: str, folded: str) -> list[Span]:
        """The sentences, without those of punctuation only."""
        runs = (run for run in _RUN.finditer(text) if _ADDRESS.search(run[0]))
        whole = [(run.start(), run.start() + len(run[0].rstrip(".,;:!?…)»"))) for run in runs]
        cuts = [0, *(stop.end() for stop in _STOP.finditer(text) if self._ends(text, folded, stop, whole)), len(text)]
        return [span for pair in pairwise(cuts) if _WORD.search(text, *(span := trimmed(text, pair)))]

    def _ends(self, text: str, folded: str, stop: re.Match[str], whole: Iterable[Span]) -> bool:
        """Whether a sentence ends here: not in an address, nor after an abbreviation, nor where a line was broken."""
        if any(start <= stop.start() < end for start, end in whole):
            return False
        if stop[0] == ".":
            word = folded[: stop.start()].rpartition(" ")[2].rpartition("\n")[2]
            return len(word) > 1 and word not in self._abbreviations
        is_broken = text[stop.start() - 1 : stop.start()].isalnum() and text[stop.end() :].lstrip(" ")[:1].islower()
        return stop[0] != "\n" or not is_broken

    def _questions(self, folded: str, sentences: Iterable[Span]) -> list[Span]:
        """The sentences that ask, each with those that only ask or complain on about the same thing."""
        found: list[tuple[Span, bool]] = []
        for sentence in sentences:
            asks = self._asks(folded, sentence)
            is_back = self._is_back(folded, sentence)
            explains = asks and found and found[-1][1] and self._is_trouble(folded, sentence)
            if found and (is_back or (explains and not self._is_joined(folded, sentence))):
                found[-1] = (found[-1][0][0], sentence[1]), True
            else:
                found.append((sentence, asks))
        return [sentence for sentence, asks in found if asks]

    def _clauses(self, folded: str, sentence: Span) -> list[Span]:
        """The clauses of a sentence, each of which asks; none when it has only one."""
        clauses = [sentence]
        for join in islice(self._join.finditer(folded, *sentence), _MOST_JOINS):
            left, right = (clauses[-1][0], join.start()), (join.end(), sentence[1])
            if not all(self._asks(folded, side) and not self._is_back(folded, side) for side in (left, right)):
                continue
            if (join["strong"] and self._has_cue(folded, right)) or self._are_clauses(folded, left, right, join[0]):
                clauses[-1:] = [left, right]
        return [trimmed(folded, clause) for clause in clauses] if len(clauses) > 1 else []

    def _are_clauses(self, folded: str, left: Span, right: Span, join: str) -> bool:
        """Whether a mere « et » or comma joins two questions, not two words, nor a complaint and what concerns it."""
        asks = self._has_cue(folded, right)
        complaints = [self._is_trouble(folded, side) for side in (left, right)]
        is_apart = not all(complaints) if _WORD.search(join) else not any(complaints)
        return asks and is_apart and all(self._verb.search(folded, *side) for side in (left, right))

    def _has_cue(self, folded: str, span: Span) -> bool:
        """Whether words ask or complain here, not the question mark alone: « relever également le courrier ? »."""
        part = self._without_joins(folded, span)
        return self._asking.search(part) is not None or self._trouble.search(part) is not None

    def _asks(self, folded: str, span: Span) -> bool:
        part = self._without_joins(folded, span)
        words = len(_WORD.findall(part))
        if words < self._least or self._denial.search(part):
            return False
        if self._asking.search(part) or self._trouble.search(part):
            return True
        return self._asking_end.search(part) is not None and (words > self._short or not self._ellipsis.search(part))

    def _is_trouble(self, folded: str, span: Span) -> bool:
        part = folded[slice(*span)]
        return not self._asking.search(part) and not self._asking_end.search(part) and bool(self._trouble.search(part))

    def _is_back(self, folded: str, span: Span) -> bool:
        """Whether it asks about what was said just before."""
        part = self._without_joins(folded, span)
        return len(_WORD.findall(part)) <= self._short and self._back.search(part) is not None

    def _is_joined(self, folded: str, span: Span) -> bool:
        part = folded[slice(*span)]
        return self._strong.search(part) is not None or self._join.match(part) is not None

    def _without_joins(self, folded: str, span: Span) -> str:
        return self._leading.sub("", folded[slice(*span)])


def _is_inside(entity: Mapping[str, Any], spans: Iterable[Span]) -> bool:
    """Whether an entity stands in one of the spans."""
    return any(start <= entity["start"] and entity["end"] <= end for start, end in spans)


def _nested(spans: Iterable[Span]) -> Mapping[Span, list[Span]]:
    """The outermost spans, each with those inside it."""
    nested: dict[Span, list[Span]] = {}
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        outer = next((other for other in nested if span[1] <= other[1]), span)
        nested.setdefault(outer, []).extend([span] if outer != span else [])
    return nested
