"""Several questions in one message: where it is cut, and what is answered."""

from pathlib import Path
from time import perf_counter

import pytest
from ruamel.yaml import YAML

from bot.nlu.interpreter import Interpreter
from bot.nlu.message import Context, Message
from bot.nlu.question_splitter import QuestionSplitter
from bot.project.config_reader import read_config
from bot.project.model import AnnotatedEntity, ComponentSpec, Example, LookupTable, NluData
from bot.project.problems import Problems
from bot.training import archive
from tests.trained import model_path

ROOT = Path(__file__).parents[3]
NAME = "bot.nlu.question_splitter.QuestionSplitter"
SPEC = next(spec for spec in read_config(ROOT / "config.yml", "config.yml", Problems()).pipeline if spec.name == NAME)
CASES = YAML(typ="safe", pure=True).load((ROOT / "tests/nlu/several.yml").read_text(encoding="utf-8"))
LONG = (
    "Notre école a déménagé en juin dans un nouveau bâtiment et toute l'équipe s'y plait beaucoup, les enfants aussi. "
    "Les anciens locaux sont vides et attendent leur démolition."
)


def splitter(**options: object) -> QuestionSplitter:
    return QuestionSplitter({**QuestionSplitter.OPTIONS, **SPEC.options, **options})


def understood(name: str, confidence: float, text: str = "x", entities: list | None = None) -> Message:
    """A message that the pipeline took for `name`, with the rest of the probability for « autre »."""
    ranking = [{"name": name, "confidence": confidence}, {"name": "autre", "confidence": 1 - confidence}]
    return Message(text, intent=dict(ranking[0]), ranking=ranking, entities=entities or [])


def parts(text: str) -> list[str]:
    message = understood("capacite", 0.9, text)
    splitter().process(message)
    return [text[start:end] for start, end in message.segments]


def chosen(text: str, whole: tuple[str, float], *found: tuple[str, float], context: Context | None = None) -> list[str]:
    """The intents that are answered when the parts of the text are understood as given."""
    message = understood(*whole, text)
    message.context = context
    ours = splitter()
    ours.process(message)
    assert len(message.segments) == len(found), [text[start:end] for start, end in message.segments]
    ours.choose(message, [understood(*part) for part in found])
    return [message.intent["name"], *(question["intent"]["name"] for question in message.questions)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C'est quoi MODE ? Où lire les mails ?", ["C'est quoi MODE ?", "Où lire les mails ?"]),
        ("c'est quoi mode\nComment lire les mails", ["c'est quoi mode", "Comment lire les mails"]),
        ("1) Comment lire les mails 2) Pourquoi la migration", ["1) Comment lire les mails 2)", "Pourquoi la migration"]),
        (
            "Je cherche le lien du site. Merci de m'envoyer le numéro.",
            ["Je cherche le lien du site.", "Merci de m'envoyer le numéro."],
        ),
        (
            "Comment ça marche pour M. Dupont ? Quel est le n° du support ?",
            ["Comment ça marche pour M. Dupont ?", "Quel est le n° du support ?"],
        ),
    ],
)
def test_sentences_that_ask_are_proposed(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("comment on lit les mails et pourquoi on a migré", ["comment on lit les mails", "pourquoi on a migré"]),
        ("Comment lire les mails, et sinon c'est quoi MODE ?", ["Comment lire les mails", "c'est quoi MODE ?"]),
        ("j'ai perdu le code et je voudrais le lien du site", ["j'ai perdu le code", "je voudrais le lien du site"]),
        ("quel est le lien, comment on récupère le code", ["quel est le lien", "comment on récupère le code"]),
    ],
)
def test_clauses_that_ask_are_proposed_beside_their_sentence(text: str, clauses: list[str]) -> None:
    assert sorted(parts(text)) == sorted([text, *clauses])


@pytest.mark.parametrize(
    "text",
    [
        "mot de passe perdu",
        "Comment et où lire les mails ?",
        "Quels nom et prénom faut-il donner ?",
        "Où puis-je lire les mails de la direction et du secrétariat ?",
        "J'ai perdu mon mot de passe, que faire ?",
        "Le PO a perdu son mot de passe, comment en obtenir un nouveau ?",
        "Le PO a perdu son mot de passe. Où puis-je le récupérer ?",
        "Le code est refusé. Qui dois-je contacter ?",
        "La page reste blanche ! C'est normal ? Qui peut nous aider ?",
        "Comment ravoir le compte Cerbère ? J'ai oublié le mot de passe.",
        "Je n'arrive plus à me connecter à Cerbère et j'ai oublié le mot de passe",
        "Comment lire les mails de ec001234@adm.cfwb.be?x=1 ou sur https://adm.be/index.php?page=1&navi=2 svp",
        "Je voudrais savoir comment\nlire les mails de la boite",
        "En tant que directeur, je reçois de plus en plus de courrier. Pourquoi ?",
    ],
)
def test_one_question_is_not_cut(text: str) -> None:
    assert len(parts(text)) <= 1


def test_an_ellipsis_and_a_denial_ask_nothing() -> None:
    text = "Quel est le numéro du support ? Et par mail ? Et pour les internats ? Je ne demande pas le mot de passe."
    assert parts(text) == ["Quel est le numéro du support ?"]


def test_only_so_many_parts_are_classified_questions_first() -> None:
    text = "Je cherche le site du support. " + "Comment lire les mails ? " * 9
    assert parts(text) == ["Comment lire les mails ?"] * 6


TWO = "C'est quoi MODE ? Où lire les mails ?"
THREE = TWO + " Pourquoi la migration ?"
MODE, MAILS, WHY, CODE = ("definition_mode", 0.9), ("acces_webmail", 0.9), ("migration_pourquoi", 0.9), ("mot_de_passe", 0.9)
OTHER, DOUBT, TALK = ("hors_sujet", 0.9), ("nlu_fallback", 0.45), ("suite_comment", 0.9)


@pytest.mark.parametrize(
    ("text", "whole", "found", "expected"),
    [
        (TWO, MODE, [MODE, MAILS], ["definition_mode", "acces_webmail"]),
        (TWO, MAILS, [MODE, MAILS], ["definition_mode", "acces_webmail"]),
        (TWO, MODE, [MODE, MODE], ["definition_mode"]),
        (TWO, MODE, [MODE, ("acces_webmail", 0.5)], ["definition_mode"]),
        (TWO, ("definition_mode", 0.99), [MODE, ("acces_webmail", 0.7)], ["definition_mode"]),
        (TWO, MODE, [MODE, TALK], ["definition_mode"]),
        (TWO, TALK, [MODE, TALK], ["definition_mode"]),
        (TWO, DOUBT, [MODE, DOUBT], ["definition_mode"]),
        (TWO, OTHER, [OTHER, MAILS], ["hors_sujet"]),
        (TWO, CODE, [CODE, ("mot_de_passe_mode", 0.9)], ["mot_de_passe"]),
        (THREE, MODE, [MODE, CODE, ("mot_de_passe_mode", 0.9)], ["definition_mode", "mot_de_passe_mode"]),
        (THREE, MODE, [MODE, MAILS, WHY], ["definition_mode", "acces_webmail", "migration_pourquoi"]),
        (THREE + " Qui a perdu le code ?", MODE, [MODE, MAILS, WHY, CODE], [MODE[0], MAILS[0], WHY[0]]),
    ],
)
def test_what_is_answered(text: str, whole: tuple, found: list, expected: list[str]) -> None:
    assert chosen(text, whole, *found) == expected


@pytest.mark.parametrize(
    ("text", "whole", "found", "expected"),
    [
        (f"{LONG} C'est quoi MODE ?", DOUBT, MODE, "definition_mode"),
        (f"{LONG} C'est quoi MODE ?", ("hors_sujet", 0.6), MODE, "definition_mode"),
        (f"{LONG} C'est quoi MODE ?", OTHER, MODE, "hors_sujet"),
        (f"{LONG} C'est quoi MODE ?", ("migration_adresse", 0.6), MODE, "definition_mode"),
        (f"{LONG} C'est quoi MODE ?", ("migration_adresse", 0.6), ("definition_mode", 0.7), "migration_adresse"),
        ("Merci pour tout. C'est quoi MODE ?", ("remerciement", 0.9), MODE, "definition_mode"),
        ("Nous avons déménagé. C'est quoi MODE ?", ("migration_adresse", 0.6), MODE, "definition_mode"),
        ("Ni le code ni le lien ; je ne demande pas ça. C'est quoi MODE ?", ("hors_sujet", 0.6), MODE, "definition_mode"),
    ],
)
def test_the_question_of_a_mail_is_found(text: str, whole: tuple, found: tuple, expected: str) -> None:
    assert chosen(text, whole, found) == [expected]


def test_the_answer_to_a_form_is_left_alone() -> None:
    form = Context({}, "mot_de_passe_form")
    message = understood("affirmation", 0.9, "Oui merci. C'est quoi MODE ?")
    message.context = form
    splitter().process(message)
    assert message.segments == []
    assert chosen(TWO, MODE, MODE, MAILS, context=form) == ["definition_mode", "acces_webmail"]


def test_the_interpreter_understands_each_part_and_keeps_positions() -> None:
    texts = {"lire": ["où lire les mails", "lire mes mails"], "code": ["comment ravoir le code", "code perdu"]}
    typed = Example("code internat", "code", entities=(AnnotatedEntity("type", "internat", 5, 13),))
    examples = [Example(text, label) for label, both in texts.items() for text in both * 3]
    nlu = NluData((*examples, typed), lookups=(LookupTable("type", ("internat", "école")),))
    names = ("WhitespaceTokenizer", "RegexEntityExtractor", "CountVectorsFeaturizer", "LogisticRegressionClassifier")
    cues = {"questions": ["où", "comment"], "joins": ["et aussi"], "threshold": 0.5}
    trained = Interpreter.train([*(ComponentSpec(name) for name in names), ComponentSpec(NAME, cues)], nlu)
    text = "Où lire les mails de l'école et aussi comment ravoir le code de l'internat"
    parsed = Interpreter.load(trained.specs, trained.save()).parse(text)
    assert parsed["intent"]["name"] == "lire"
    assert [item["value"] for item in parsed["entities"]] == ["école"]
    (question,) = parsed["questions"]
    assert sorted(question) == ["end", "entities", "intent", "intent_ranking", "start"]
    assert (question["intent"]["name"], question["intent_ranking"][0]) == ("code", question["intent"])
    assert text[question["start"] : question["end"]] == "comment ravoir le code de l'internat"
    assert [text[item["start"] : item["end"]] for item in question["entities"]] == ["internat"]
    assert "questions" not in trained.parse("Où lire les mails de l'école")


def test_hostile_texts_are_cut_fast() -> None:
    texts = ["-", "@", ", ", "x, ", "comment on fait et ", "?x", "a@?", "'", "et , ", ".", "[(", "je ", "où\n"]
    begin = perf_counter()
    for piece in texts:
        parts((piece * 5000)[:5000])
    assert perf_counter() - begin < 2


def test_every_option_is_described() -> None:
    assert [name for name in QuestionSplitter.OPTIONS if name not in (QuestionSplitter.__doc__ or "")] == []


@pytest.mark.slow
def test_messages_with_one_question_or_several() -> None:
    interpreter = archive.read(model_path()).interpreter
    wrong, cut = {}, []
    for case in CASES:
        parsed = interpreter.parse(case["text"].strip())
        found = [parsed["intent"]["name"], *(question["intent"]["name"] for question in parsed.get("questions", ()))]
        if found != case["intents"]:
            wrong[case["text"]] = (case["intents"], found)
        if len(found) > len(case["intents"]) == 1:
            cut.append(case["text"])
    assert len(CASES) >= 60
    assert len(wrong) <= 0.15 * len(CASES), wrong
    assert len(cut) <= 2, cut
