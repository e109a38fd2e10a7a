"""Which components there are, under the names that `config.yml` uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.nlu.answer_splitter import AnswerSplitter
from bot.nlu.component import Component
from bot.nlu.context_prior import ContextPrior
from bot.nlu.count_vectors_featurizer import CountVectorsFeaturizer
from bot.nlu.courtesy_trimmer import CourtesyTrimmer
from bot.nlu.entity_synonym_mapper import EntitySynonymMapper
from bot.nlu.fallback_classifier import FallbackClassifier
from bot.nlu.french_tokenizer import FrenchTokenizer
from bot.nlu.linear_svm_classifier import LinearSvmClassifier
from bot.nlu.logistic_regression_classifier import LogisticRegressionClassifier
from bot.nlu.question_splitter import QuestionSplitter
from bot.nlu.regex_entity_extractor import RegexEntityExtractor
from bot.nlu.spelling_corrector import SpellingCorrector
from bot.nlu.tfidf_featurizer import TfidfFeaturizer
from bot.nlu.whitespace_tokenizer import WhitespaceTokenizer
from bot.project.model import ComponentSpec
from bot.project.problems import Problems, nearest

COMPONENTS: Mapping[str, type[Component]] = {
    "WhitespaceTokenizer": WhitespaceTokenizer,
    "RegexEntityExtractor": RegexEntityExtractor,
    "EntitySynonymMapper": EntitySynonymMapper,
    "CountVectorsFeaturizer": CountVectorsFeaturizer,
    "LogisticRegressionClassifier": LogisticRegressionClassifier,
    "FallbackClassifier": FallbackClassifier,
    "bot.nlu.answer_splitter.AnswerSplitter": AnswerSplitter,
    "bot.nlu.context_prior.ContextPrior": ContextPrior,
    "bot.nlu.courtesy_trimmer.CourtesyTrimmer": CourtesyTrimmer,
    "bot.nlu.french_tokenizer.FrenchTokenizer": FrenchTokenizer,
    "bot.nlu.spelling_corrector.SpellingCorrector": SpellingCorrector,
    "bot.nlu.tfidf_featurizer.TfidfFeaturizer": TfidfFeaturizer,
    "bot.nlu.linear_svm_classifier.LinearSvmClassifier": LinearSvmClassifier,
    "bot.nlu.question_splitter.QuestionSplitter": QuestionSplitter,
}

INSTEAD_OF: Mapping[str, str] = {
    "JiebaTokenizer": "bot.nlu.french_tokenizer.FrenchTokenizer",
    "MitieTokenizer": "bot.nlu.french_tokenizer.FrenchTokenizer",
    "SpacyTokenizer": "bot.nlu.french_tokenizer.FrenchTokenizer",
    "SpacyNLP": "bot.nlu.french_tokenizer.FrenchTokenizer",
    "MitieNLP": "bot.nlu.french_tokenizer.FrenchTokenizer",
    "SpacyFeaturizer": "bot.nlu.tfidf_featurizer.TfidfFeaturizer",
    "MitieFeaturizer": "bot.nlu.tfidf_featurizer.TfidfFeaturizer",
    "ConveRTFeaturizer": "bot.nlu.tfidf_featurizer.TfidfFeaturizer",
    "LanguageModelFeaturizer": "bot.nlu.tfidf_featurizer.TfidfFeaturizer",
    "LexicalSyntacticFeaturizer": "bot.nlu.tfidf_featurizer.TfidfFeaturizer",
    "RegexFeaturizer": "RegexEntityExtractor",
    "DIETClassifier": "LogisticRegressionClassifier",
    "SklearnIntentClassifier": "LogisticRegressionClassifier",
    "MitieIntentClassifier": "LogisticRegressionClassifier",
    "KeywordIntentClassifier": "LogisticRegressionClassifier",
    "ResponseSelector": "LogisticRegressionClassifier",
    "SpacyEntityExtractor": "RegexEntityExtractor",
    "MitieEntityExtractor": "RegexEntityExtractor",
    "CRFEntityExtractor": "RegexEntityExtractor",
    "DucklingEntityExtractor": "RegexEntityExtractor",
}
"""Rasa's other components, each with the nearest that we have."""

POLICIES = ("RulePolicy", "AugmentedMemoizationPolicy")
POLICIES_INSTEAD_OF: Mapping[str, str] = {
    "MemoizationPolicy": "AugmentedMemoizationPolicy",
    "TEDPolicy": "AugmentedMemoizationPolicy",
    "UnexpecTEDIntentPolicy": "RulePolicy",
}

_IGNORED = frozenset({"name"})
"""Keys of a component's entry that are not its options."""


def check_pipeline(specs: Sequence[ComponentSpec], problems: Problems) -> None:
    """Note what `pipeline` names that we do not have, and options that a component does not know."""
    if not specs:
        return
    for spec in specs:
        component = COMPONENTS.get(_short(spec.name))
        if component is None:
            _unknown(spec, tuple(COMPONENTS), INSTEAD_OF, problems)
        else:
            _check_options(spec, tuple(component.OPTIONS), problems)


def check_policies(specs: Sequence[ComponentSpec], options: Mapping[str, Sequence[str]], problems: Problems) -> None:
    """The same for `policies`; `options` gives the options that each policy knows."""
    for spec in specs:
        if spec.name not in POLICIES:
            _unknown(spec, POLICIES, POLICIES_INSTEAD_OF, problems)
        else:
            _check_options(spec, options[spec.name], problems)


def make(spec: ComponentSpec) -> Component:
    """A new component with the options of its entry in `config.yml`."""
    kind = kind_of(spec)
    return kind({**kind.OPTIONS, **spec.options})


def kind_of(spec: ComponentSpec) -> type[Component]:
    """The class that an entry of `config.yml` names."""
    return COMPONENTS[_short(spec.name)]


def _short(name: str) -> str:
    """Rasa's components may be named by their module path too."""
    return name.rpartition(".")[2] if name.startswith("rasa.") else name


def _unknown(spec: ComponentSpec, known: Sequence[str], instead: Mapping[str, str], problems: Problems) -> None:
    name = _short(spec.name)
    replacement = instead.get(name)
    if replacement is not None:
        problems.error("unsupported_component", spec.location, name=name, instead=replacement)
        return
    problems.error(
        "unknown_component", spec.location, name=name, nearest=nearest(name, known) or known[0], known=", ".join(known)
    )


def _check_options(spec: ComponentSpec, known: Sequence[str], problems: Problems) -> None:
    for option in spec.options:
        if option not in known and option not in _IGNORED:
            problems.error("unknown_option", spec.location, name=spec.name, option=option, known=", ".join(known) or "—")
