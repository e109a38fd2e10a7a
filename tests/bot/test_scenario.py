"""Conversations as test stories: the tester plays them without a difference, and texts come back as they were."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from api.runners import InProcessRunner
from bot.execution.runner import ActionAnswer, ActionCall, ActionFailed
from bot.project.model import IntentStep, Story
from bot.project.story_reader import read_stories
from bot.rehearsal import Rehearsed, rehearse
from bot.scenario import NotATestError, story_file
from bot.training.archive import Model
from tests.api.cli.test_commands import bma
from tests.conversing import project_model

pytestmark = pytest.mark.slow

CONVERSATIONS = (
    (
        "Bonjour Madame, j'ai perdu le mot de passe de la BMA, merci d'avance",
        "non, et c'est quoi cerbère ?",
        "mon code est Soleil2024!, où lire les mails ?",
        "/preparer_demande",
        "5464",
        "C'est quoi MODE ? Et pourquoi a-t-on migré les boites ?",
        "laisse tomber",
        "recommencer",
        "pourquoi ?",
    ),
    ("/mot_de_passe", "je ne sais pas", "je ne sais pas", "ah non, en fait on y est", "je me suis trompée de bouton"),
    ("le mdp de notre internat est perdu", "et pour une académie ?", "et le PO ?", "oui", "/mot_de_passe_hors_mode"),
    ("/redirection", "j'ai pas compris", "je comprends toujours pas", "merci", "redis"),
    (
        "goeiemorgen, ik heb mijn wachtwoord verloren",
        "bonjour",
        "blorg zut frtz",
        "encore blorg",
        "/support_etnic",
        "le numéro ?",
    ),
    ("l'adresse de l'école ec004417@adm.cfwb.be ou 5464 ?", "et pour un pouvoir organisateur ?", "c'est nul", "/passer"),
    (
        "vous pouvez m'aider à écrire au support ?",
        "l'adresse c'est ec004417@adm.cfwb.be",
        "comment s'écrit l'adresse de l'école ?",
        "la connexion",
    ),
)
HOSTILE = (
    "c'est \"quoi\" l'adresse # pas un commentaire",
    "# rien: [de, tout] {ça: va} & *x !y %z @w `v` | > -",
    "- user: |",
    "---\n...\n---",
    "[x](y) le mot de passe de l'internat",
    "[internat](type_etablissement) et [a]{b} et [c][d] et [[e](f)](g)",
    "numéro FASE [5464](numero_fase:9999), l'adresse ?",
    '[Mons]{"entity": "ville", "value": 3}',
    "[[][] ]( [",
    "le mdp 😀👩‍🏫 perdu 𝔘",
    "première ligne\n\n  deuxième: # ligne\nl'internat",
    "  \n\tdes blancs\u00a0autour \r\n",
    "null",
    "~",
    "12:30",
    "0x1F",
    "'guillemets' \\ \\n \"fin",
    "sans caractère \ufffe ni \uffff, \\ufffe",
    "/bonjour madame",
    "/ 5464 # [x](y)",
    "{{ 7*7 }} ${x} <b>gras</b>",
)


async def play(texts: Sequence[str], model: Model | None = None) -> list[Rehearsed]:
    return await rehearse(model or project_model(), InProcessRunner(), texts, "page")


def write(path: Path, turns: Sequence[Rehearsed]) -> None:
    comments = ["Un # essai\n- du soir"]
    path.write_text(story_file(turns, project_model().domain, f"Essai : {path.stem}", comments), encoding="utf-8")


def said(story: Story) -> list[str | None]:
    return [step.text for step in story.steps if isinstance(step, IntentStep)]


def read(path: Path) -> Story:
    (story,), rules, warnings = read_stories(path, path.parent)
    assert (rules, warnings) == ((), [])
    return story


async def test_the_tester_finds_no_difference(tmp_path: Path) -> None:
    files = [tmp_path / f"test_{number}.yml" for number in range(len(CONVERSATIONS))]
    steps = 0
    for file, texts in zip(files, CONVERSATIONS, strict=True):
        turns = await play(texts)
        write(file, turns)
        assert said(read(file)) == [turn.text for turn in turns]
        steps += len(read(file).steps)
    done = await asyncio.to_thread(bma, "test", "dialogues", *map(str, files))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓ Essai") == len(files)
    assert str(steps) in done.stdout.splitlines()[-2]
    assert "Soleil2024" not in "".join(file.read_text(encoding="utf-8") for file in files)


async def test_what_a_story_says(tmp_path: Path) -> None:
    write(tmp_path / "test_a.yml", await play(["le mot de passe de notre internat est perdu", "/redirection"]))
    assert (
        (tmp_path / "test_a.yml").read_text(encoding="utf-8")
        == """# Un # essai - du soir
stories:
  - story: "Essai : test_a"
    steps:
      - user: |
          le mot de passe de notre [internat](type_etablissement) est perdu
        intent: mot_de_passe_hors_mode
      - slot_was_set:
          - sujet: mot_de_passe
          - type_etablissement: internat
      - action: mot_de_passe_form
      - active_loop: null
      - slot_was_set:
          - connu_mode: non
          - type_du_statut: internat
          - mode_de_memoire: false
      - action: action_mot_de_passe
      - user: |
          /redirection
        intent: redirection
      - slot_was_set:
          - sujet: redirection
      - action: utter_redirection
"""
    )


async def test_hostile_texts_come_back_and_are_played(tmp_path: Path) -> None:
    file = tmp_path / "test_hostile.yml"
    turns = await play(HOSTILE)
    write(file, turns)
    assert said(read(file)) == [turn.text for turn in turns]
    found = [step.entities for step in read(file).steps if isinstance(step, IntentStep)]
    assert {"entity": "type_etablissement", "value": "internat"} in found[4]
    assert not [entity for entities in found for entity in entities if entity["entity"] in ("y", "ville", "f", "g")]
    done = await asyncio.to_thread(bma, "test", "dialogues", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


async def test_texts_of_chance_come_back(tmp_path: Path) -> None:
    chance = random.Random(8)
    alphabet = [*"[](){}:#-|>'\"\\&*!%@`,?~= \n/", "5464", "internat", "é", "😀", "\ufffe", "\x85", "\u2028", "mot", "[x](y)"]
    for number in range(12):
        texts = ["mot" + "".join(chance.choices(alphabet, k=12)) for _ in range(30)]
        file = tmp_path / f"test_{number}.yml"
        turns = await play(texts)
        write(file, turns)
        assert said(read(file)) == [turn.text for turn in turns]


class Failing:
    """Runs no action."""

    async def run(self, call: ActionCall) -> ActionAnswer:
        raise ActionFailed(call.action)


async def test_what_a_story_cannot_tell() -> None:
    model = project_model()
    domain = model.domain
    without = replace(model, payloads=model.payloads - {"/capacite"})
    for turns, obstacle in (
        (await play(["bonjour", "/capacite"], without), ("payload", 2)),
        (await play(["mot " * 600]), ("too_long", 1)),
        (await rehearse(model, Failing(), ["bonjour", "/support_etnic"], "page"), ("apology", 2)),
    ):
        with pytest.raises(NotATestError) as raised:
            story_file(turns, domain, "x")
        assert (raised.value.reason, raised.value.number) == obstacle
    assert "/capacite" in story_file(await play(["bonjour", "/capacite"]), domain, "x")
