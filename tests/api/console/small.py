"""A small project that trains in a second, its frozen sentences, and corrections for it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from api.settings import Settings
from bot.agent import Agent
from bot.identity import Secret
from bot.storage import Store, jobs
from bot.storage.jobs import Job
from bot.storage.schema import corrections
from bot.training import archive
from bot.training.train import prepare, train
from tests.bot.project.projects import write_project

CONFIG = """
recipe: default.v1
assistant_id: petit
language: fr
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: LogisticRegressionClassifier
    max_iter: 200
  - name: FallbackClassifier
    threshold: 0.5
    ambiguity_threshold: 0.0
  - name: bot.nlu.question_splitter.QuestionSplitter
    out_of_scope: hors_sujet
policies:
  - name: RulePolicy
"""
DOMAIN = """
version: "3.1"
intents: [salutation, horaire, hors_sujet]
responses:
  utter_bonjour:
    - text: Bonjour
  utter_horaire:
    - text: De 9 h à 17 h
  utter_hors_sujet:
    - text: Je ne sais pas
  utter_default:
    - text: Je n'ai pas compris
"""
NLU = """
version: "3.1"
nlu:
  - intent: salutation
    examples: |
      - bonjour
      - salut
      - bonsoir
      - bonjour tout le monde
      - salut les amis
      - bonsoir madame
  - intent: horaire
    examples: |
      - quand le bureau ouvre
      - heures du bureau
      - le bureau ferme quand
      - horaire du bureau
      - heures du secrétariat
      - quand le bureau ferme
  - intent: hors_sujet
    examples: |
      - quel temps demain
      - une recette de gaufres
      - le train de Namur
      - la météo demain
      - une gaufre de Liège
      - le train est en retard
"""
RULES = """
version: "3.1"
rules:
  - rule: saluer
    steps: [{intent: salutation}, {action: utter_bonjour}]
  - rule: horaire
    steps: [{intent: horaire}, {action: utter_horaire}]
  - rule: hors sujet
    steps: [{intent: hors_sujet}, {action: utter_hors_sujet}]
"""
FROZEN = """
version: "3.1"
nlu:
  - intent: salutation
    metadata: {protected: true}
    examples: |
      - bonjour
  - intent: salutation
    examples: |
      - yo les gens du train
      - salut tout le monde
  - intent: horaire
    examples: |
      - horaire du secrétariat
  - intent: hors_sujet
    examples: |
      - le train de Liège
"""
LEARNT = ("yo les gens du train", "yo les gens")
"""The project is not sure of the first; trained with the second, it is."""


def small_project(folder: Path) -> Path:
    """The project, in a folder of its own."""
    files = {
        "config.yml": CONFIG,
        "domain.yml": DOMAIN,
        "data/nlu.yml": NLU,
        "data/rules.yml": RULES,
        "tests/nlu/frozen.yml": FROZEN,
    }
    return write_project(folder, files)


def small_settings(folder: Path, database_url: str, **more: Any) -> Settings:
    """Settings of a server on the small project, which is trained."""
    project = small_project(folder / "projet")
    settings = Settings(project_dir=project, model_dir=folder / "modeles", database_url=database_url, **more)
    model = train(prepare(project))
    archive.write(settings.model_dir / f"{model.info.model_id}.tar.gz", model)
    return settings


def small_agent(settings: Settings, store: Store) -> Agent:
    """The assistant on the small project's newest model; it runs no custom action."""
    path = archive.latest(settings.model_dir)
    assert path is not None
    nobody: Any = None
    return Agent(archive.read(path), store, nobody, Secret(b"s" * 32))


def add_sentence(
    connection: sa.Connection, text: str, intent: str, destination: str = "training", author: str = "editeur"
) -> int:
    """A correction that an editor has confirmed."""
    row = {
        "kind": "intent",
        "text": text,
        "intent": intent,
        "destination": destination,
        "status": "confirmed",
        "author": "testeur",
        "created_at": 1.0,
        "decided_by": "editeur",
        "decided_at": 2.0,
    }
    return int(connection.execute(sa.insert(corrections).returning(corrections.c.id), [row]).scalar_one())


async def until_over(store: Store, agent: Agent, job_id: int | None, seconds: float = 60.0) -> Job:
    """The job, once it is not running any more."""
    assert job_id is not None
    async with asyncio.timeout(seconds):
        while True:
            found = await store.run(lambda connection: jobs.find(connection, job_id, agent.clock()))
            assert found is not None
            if found.status != "running":
                return found
            await asyncio.sleep(0.1)
