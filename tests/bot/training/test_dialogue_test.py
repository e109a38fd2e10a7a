"""Test stories: what is compared at which moment, and what is said of the first difference of a turn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.agent import Agent, Message
from bot.execution.runner import ActionAnswer, ActionCall, ActionFailed
from bot.identity import Secret
from bot.project.model import Domain
from bot.project.problems import ProjectError
from bot.project.story_reader import read_stories
from bot.storage.sqlite import SqliteStore
from bot.tracker import Tracker
from bot.training.archive import Model
from bot.training.dialogue_test import Say, StoryResult, check, play
from bot.training.train import prepare, train
from tests.bot.project.projects import write_project

FILES = {
    "config.yml": """
recipe: default.v1
assistant_id: essai
language: fr
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexEntityExtractor
  - name: EntitySynonymMapper
  - name: CountVectorsFeaturizer
  - name: LogisticRegressionClassifier
policies:
  - name: RulePolicy
""",
    "domain.yml": """
version: "3.1"
intents: [salutation, prix, inscrire, dire_ville, panne]
entities: [ville]
slots:
  ville:
    type: text
    influence_conversation: false
    mappings:
      - type: from_entity
        entity: ville
  urgent:
    type: bool
    influence_conversation: false
    mappings:
      - type: from_intent
        intent: panne
        value: true
forms:
  inscription:
    required_slots: [ville]
responses:
  utter_bonjour:
    - text: Bonjour
  utter_prix:
    - text: C'est gratuit.
  utter_merci:
    - text: Inscrit à {ville}.
  utter_ask_ville:
    - text: Quelle ville ?
  utter_default:
    - text: Pas compris.
  utter_erreur:
    - text: Désolé.
actions: [action_panne]
""",
    "data/nlu.yml": """
version: "3.1"
nlu:
  - intent: salutation
    examples: |
      - bonjour
      - bonjour madame
      - salut
  - intent: prix
    examples: |
      - c'est combien
      - quel est le prix
  - intent: inscrire
    examples: |
      - je veux une inscription
      - inscrire une école de [Mons](ville)
  - intent: dire_ville
    examples: |
      - à [Mons](ville)
      - à [Liège](ville)
  - intent: panne
    examples: |
      - panne totale
      - une panne
  - synonym: Liège
    examples: |
      - Luik
  - lookup: ville
    examples: |
      - Mons
      - Liège
      - Luik
""",
    "data/rules.yml": """
version: "3.1"
rules:
  - rule: saluer
    steps:
      - intent: salutation
      - action: utter_bonjour
  - rule: prix
    steps:
      - intent: prix
      - action: utter_prix
  - rule: panne
    steps:
      - intent: panne
      - action: action_panne
  - rule: inscrire
    steps:
      - intent: inscrire
      - action: inscription
      - active_loop: inscription
  - rule: inscrit
    condition:
      - active_loop: inscription
    steps:
      - action: inscription
      - active_loop: null
      - slot_was_set:
          - requested_slot: null
      - action: utter_merci
""",
}
"""A small project that trains in milliseconds."""


class Broken:
    """Custom actions that all fail."""

    async def run(self, call: ActionCall) -> ActionAnswer:
        raise ActionFailed(call.action)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return train(prepare(write_project(tmp_path_factory.mktemp("essai"), FILES)))


@pytest.fixture
async def say(model: Model) -> AsyncIterator[Say]:
    store = SqliteStore("sqlite://")
    agent = Agent(model, store, Broken(), Secret(b"x" * 32))

    async def speak(conversation: str, text: str) -> Tracker:
        key = agent.secret.conversation("test", conversation)
        await agent.handle(Message(key, text, trusted=True))
        tracker = await agent.tracker(key)
        assert tracker is not None
        return tracker

    yield speak
    await store.close()


def written(tmp_path: Path, steps: str) -> Path:
    """A test file with one story; its first step is on line 4."""
    path = tmp_path / "test_a.yml"
    body = "".join(f"  {line}\n" for line in steps.strip().splitlines())
    path.write_text(f"stories:\n- story: essai\n  steps:\n{body}", encoding="utf-8")
    return path


async def played(tmp_path: Path, steps: str, domain: Domain, say: Say) -> StoryResult:
    stories, _, _ = read_stories(written(tmp_path, steps), tmp_path)
    assert check(stories, domain) == []
    (result,) = await play(stories, domain, say)
    return result


RIGHT = {
    "texts, payloads and intents alone": """
- user: bonjour madame
  intent: salutation
- action: utter_bonjour
- user: /prix
  intent: prix
- action: utter_prix
- intent: salutation
- action: utter_bonjour
""",
    "a form, its slots and loop after each action": """
- user: je veux une inscription
  intent: inscrire
- slot_was_set:
    - requested_slot: null
- action: inscription
- active_loop: inscription
- slot_was_set:
    - requested_slot: ville
    - ville: null
- user: à [Mons](ville)
  intent: dire_ville
- slot_was_set:
    - ville
- active_loop: inscription
- action: inscription
- active_loop: null
- slot_was_set:
    - ville: Mons
- action: utter_merci
""",
    "a synonym, by its words or by its value": """
- user: à [Luik](ville)
  intent: dire_ville
- action: action_default_fallback
- user: |
    à [Luik]{"entity": "ville", "value": "Liège"}
  intent: dire_ville
- action: action_default_fallback
""",
    "entities of an intent without text": """
- intent: inscrire
  entities:
    - ville: Mons
- action: inscription
- active_loop: null
- action: utter_merci
- slot_was_set: [ville: Mons]
""",
    "an entity that is not annotated": """
- user: à Mons
  intent: dire_ville
- action: action_default_fallback
""",
    "what is said, after its action or in its place": """
- user: bonjour
  intent: salutation
- action: utter_bonjour
- bot: Bonjour
- user: inscrire une école de [Mons](ville)
  intent: inscrire
- action: inscription
- bot: Inscrit à Mons.
""",
    "actions that need not be listed": """
- user: bonjour
  intent: salutation
- action: action_extract_slots
- action: utter_bonjour
- action: action_listen
""",
    "an apology that is expected": """
- user: une panne
  intent: panne
- action: action_panne
- slot_was_set: [urgent: true]
- bot: Désolé.
""",
}


@pytest.mark.parametrize("steps", RIGHT.values(), ids=RIGHT)
async def test_a_right_story(steps: str, tmp_path: Path, model: Model, say: Say) -> None:
    result = await played(tmp_path, steps, model.domain, say)
    assert [turn.difference for turn in result.turns if turn.difference] == []
    assert result.is_right


HELLO = "- user: bonjour\n  intent: salutation\n"
WRONG = {
    "another intent": ("- user: bonjour\n  intent: prix\n- action: utter_prix\n", "intent", 4, "", "prix", "salutation"),
    "another payload": ("- user: /prix\n  intent: salutation\n", "intent", 4, "", "salutation", "prix"),
    "another action": (HELLO + "- action: utter_prix\n", "action", 6, "", "utter_prix", "utter_bonjour"),
    "an action too few": (HELLO + "- action: utter_bonjour\n- action: utter_prix\n", "action", 7, "", "utter_prix", None),
    "an action too many": (
        "- user: inscrire une école de [Mons](ville)\n  intent: inscrire\n- action: inscription\n",
        "action",
        6,
        "",
        None,
        "utter_merci",
    ),
    "no action listed": (HELLO, "action", 4, "", None, "utter_bonjour"),
    "another value": (
        "- user: à Mons\n  intent: dire_ville\n- slot_was_set: [ville: Liège]\n",
        "slot",
        6,
        "ville",
        "Liège",
        "Mons",
    ),
    "a slot that is not set": (HELLO + "- slot_was_set: [ville]\n", "slot", 6, "ville", "__any_value__", None),
    "a text is no truth": ("- intent: panne\n- slot_was_set: [urgent: 1]\n", "slot", 5, "urgent", 1, True),
    "no loop": (HELLO + "- active_loop: inscription\n", "loop", 6, "", "inscription", None),
    "a loop": ("- intent: inscrire\n- action: inscription\n- active_loop: null\n", "loop", 6, "", None, "inscription"),
    "an entity that is not found": ("- user: à [Namur](ville)\n  intent: dire_ville\n", "entity", 4, "ville", "Namur", None),
    "an entity of another value": (
        '- user: |\n    à [Mons]{"entity": "ville", "value": "Bergen"}\n  intent: dire_ville\n',
        "entity",
        4,
        "ville",
        "Bergen",
        "Mons",
    ),
    "another text": (HELLO + "- bot: Salut\n", "text", 6, "", "Salut", "Bonjour"),
    "a failed action": (
        "- user: une panne\n  intent: panne\n- action: action_panne\n",
        "apology",
        6,
        "",
        "action_panne",
        "Désolé.",
    ),
}


@pytest.mark.parametrize(("steps", "kind", "line", "name", "expected", "found"), WRONG.values(), ids=WRONG)
async def test_a_difference_and_its_place(
    steps: str, kind: str, line: int, name: str, expected: object, found: object, tmp_path: Path, model: Model, say: Say
) -> None:
    result = await played(tmp_path, steps, model.domain, say)
    assert not result.is_right
    difference = result.turns[0].difference
    assert difference is not None
    assert str(difference.location) == f"test_a.yml:{line}"
    assert (difference.kind, difference.name, difference.expected, difference.found) == (kind, name, expected, found)


async def test_each_turn_tells_its_first_difference_and_the_story_goes_on(tmp_path: Path, model: Model, say: Say) -> None:
    steps = """
- user: je veux une inscription
  intent: prix
- action: utter_prix
- active_loop: null
- user: à Mons
  intent: dire_ville
- action: inscription
- action: utter_merci
- user: bonjour
  intent: salutation
- action: utter_prix
- slot_was_set: [ville: Liège]
"""
    result = await played(tmp_path, steps, model.domain, say)
    assert [turn.difference and turn.difference.kind for turn in result.turns] == ["intent", None, "action"]
    assert [turn.actions for turn in result.turns] == [("inscription",), ("inscription", "utter_merci"), ("utter_bonjour",)]
    assert [turn.steps for turn in result.turns] == [3, 3, 3]
    assert result.turns[0].intent == "inscrire"
    assert 0 < result.turns[0].confidence <= 1


async def test_each_story_is_a_new_conversation(tmp_path: Path, model: Model, say: Say) -> None:
    steps = """
- intent: salutation
- slot_was_set: [ville: null]
- action: utter_bonjour
- user: inscrire une école de Mons
  intent: inscrire
- action: inscription
- action: utter_merci
- slot_was_set: [ville: Mons]
"""
    path = written(tmp_path, steps)
    head, _, story = path.read_text(encoding="utf-8").partition("\n")
    path.write_text(f"{head}\n{story}{story}", encoding="utf-8")
    stories, _, _ = read_stories(path, tmp_path)
    results = await play(stories, model.domain, say)
    assert [result.is_right for result in results] == [True, True]


@pytest.mark.parametrize(
    ("steps", "line", "words"),
    [
        ("- user: a\n  intent: salutatio\n", 4, "salutation"),
        ("- user: '[a](vile)'\n  intent: salutation\n", 4, "ville"),
        (HELLO + "- action: utter_bonjou\n", 6, "utter_bonjour"),
        (HELLO + "- slot_was_set: [vile]\n", 6, "ville"),
        (HELLO + "- active_loop: inscripton\n", 6, "inscription"),
        ("- action: utter_bonjour\n", 4, "user, intent"),
        ("- slot_was_set: [ville: Mons]\n" + HELLO, 4, "user, intent"),
        ("- metadata: {}\n", 2, "essai"),
    ],
)
def test_errors_name_the_place_and_what_to_write(steps: str, line: int, words: str, tmp_path: Path, model: Model) -> None:
    stories, _, _ = read_stories(written(tmp_path, steps), tmp_path)
    (problem,) = check(stories, model.domain)
    assert str(problem).startswith(f"test_a.yml:{line}: ")
    assert words in problem.sentence


@pytest.mark.parametrize("steps", ["- or:\n  - intent: a\n  - intent: b\n", "- checkpoint: a\n"])
def test_a_test_story_is_one_conversation(steps: str, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"test_a.yml:4: .*slot_was_set"):
        read_stories(written(tmp_path, steps), tmp_path)
