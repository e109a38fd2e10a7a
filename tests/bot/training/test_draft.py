"""The draft: confirmed sentences written into a project's files, and nothing else."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.project.loader import read_project
from bot.project.model import Project
from bot.project.problems import ProjectError
from bot.text import clean_text
from bot.training.draft import (
    CONSOLE_FILE,
    Addition,
    FileChange,
    additions_missing,
    changed_files,
    refusal,
    unified_patch,
    write_changes,
    write_project,
)
from bot.training.train import prepare
from tests.bot.project import projects

ROOT = Path(__file__).parents[3]
HOSTILE = [
    "- tiret devant",
    "-5 messages",
    "# ce n'est pas un commentaire",
    "une fin # pas un commentaire",
    "clé: valeur",
    "fin: ",
    '"entre guillemets"',
    "l'apostrophe d'un \"autre\"",
    "[crochet",
    "mon code [mot de passe] (le vieux)",
    "un [numéro] {et} (des) parenthèses",
    "{accolade: 1}",
    "%pourcent",
    "@arobase",
    "`accent`",
    "* étoile",
    "&ancre",
    "!tag",
    "| barre",
    "> plus grand",
    "? question",
    "~",
    "null",
    "true",
    "12",
    "---",
    "...",
    "😀 où sont mes mails\u00a0?",
    "  deux  espaces  ",
    "\ttabulation",
    "sur\ndeux lignes",
    "\\n n'est pas un saut",
    "<script>alert(1)</script>",
    "/mot_de_passe",
    "{{ slot }}",
]
INTENT = "salutation"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    nlu = """version: "3.1"
# En tête.
nlu:
- intent: salutation   # bonjour
  examples: |
    - bonjour
    - salut

  # Des adieux.
- intent: au_revoir
  examples: |
    - au revoir
- synonym: bma
  examples: |
    - boite
- intent: salutation
  metadata: {a: 1}
  examples:
    - text: |
        coucou
"""
    domain = 'version: "3.1"\nintents: [salutation, au_revoir, neuf, faq]\n'
    return projects.write_project(tmp_path / "projet", {"data/nlu.yml": nlu, "data/autre.yml": AUTRE, "domain.yml": domain})


AUTRE = 'version: "3.1"\nnlu:\n  - intent: salutation\n    examples: |\n      - hello\n'


def read(root: Path) -> Project:
    return read_project(root)[0]


def examples(project: Project) -> list[tuple[str, str]]:
    return [(example.intent, example.text) for example in project.nlu.examples]


def one_line(text: str) -> str:
    return text.replace("\n", " ").strip()


def test_hostile_sentences_come_back_as_they_were(folder: Path, tmp_path: Path) -> None:
    before = examples(read(folder))
    write_project(folder, None, [Addition(text, INTENT) for text in HOSTILE], tmp_path / "copie")
    after = read(tmp_path / "copie")
    added = [item for item in examples(after) if item not in before]
    assert added == [(INTENT, one_line(text)) for text in HOSTILE]
    assert not any(example.entities for example in after.nlu.examples)
    assert examples(read(folder)) == before


@pytest.mark.parametrize(
    "text", ["[a](b)", "voir [ici]{x}", "[e-mail][téléphone]", "nul \x00", "", " \n ", "a" * 2001, "\x85b\x85c"]
)
def test_what_cannot_be_written_is_refused_with_a_reason(folder: Path, text: str) -> None:
    project = read(folder)
    found = refusal(Addition(text, INTENT), project)
    assert found is not None
    assert found.sentence
    with pytest.raises(ProjectError):
        changed_files(folder, project, [Addition("une bonne phrase", INTENT), Addition(text, INTENT)])


def test_an_intent_that_is_not_in_the_domain_is_refused(folder: Path) -> None:
    found = refusal(Addition("une phrase", "salutations"), read(folder))
    assert found is not None
    assert "salutation" in found.sentence


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=60))
def test_any_clean_text_is_written_as_it_is_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    root = projects.write_project(tmp_path_factory.mktemp("projet"), {})
    project, clean = read(root), clean_text(text)
    addition = Addition(clean, INTENT)
    if refusal(addition, project) is not None:
        return
    write_changes(root, changed_files(root, project, [addition]))
    assert not additions_missing(read(root), [addition])
    assert " ".join(clean.split()) in [" ".join(example.text.split()) for example in read(root).nlu.examples]


def test_sentences_go_where_most_of_their_intent_are_and_the_rest_stays(folder: Path) -> None:
    old = (folder / "data/nlu.yml").read_text()
    additions = [Addition("à plus", "au_revoir"), Addition("yo", INTENT), Addition("ciao", "au_revoir")]
    changes = changed_files(folder, read(folder), additions)
    assert list(changes) == ["data/nlu.yml"]
    bye = "# Ajouté depuis la console.\n- intent: au_revoir\n  examples: |\n    - à plus\n    - ciao\n"
    hello = "# Ajouté depuis la console.\n- intent: salutation\n  examples: |\n    - yo\n"
    assert changes["data/nlu.yml"].before == old
    assert changes["data/nlu.yml"].after == old.replace("    - au revoir\n", "    - au revoir\n" + bye) + hello


def test_what_is_there_already_is_not_added_again(folder: Path) -> None:
    additions = [Addition("Bonjour", "au_revoir"), Addition("neuf", INTENT), Addition("NEUF", INTENT)]
    assert additions_missing(read(folder), additions) == (Addition("neuf", INTENT),)
    write_changes(folder, changed_files(folder, read(folder), additions))
    assert changed_files(folder, read(folder), additions) == {}


@pytest.mark.parametrize(
    "text",
    [
        AUTRE.replace("\n", "\r\n"),
        AUTRE.rstrip("\n"),
        AUTRE.replace("\n", "\r\n").rstrip(),
        "\ufeff" + AUTRE,
        AUTRE + "\n\nrules: []\n",
        AUTRE.replace("  - intent", "-   intent").replace("    examples", "    examples"),
    ],
)
def test_line_ends_and_file_ends_are_kept(folder: Path, text: str) -> None:
    (folder / "data/nlu.yml").unlink()
    (folder / "data/autre.yml").write_bytes(text.encode())
    changes = changed_files(folder, read(folder), [Addition("yo", INTENT)])
    after = changes["data/autre.yml"].after
    place = text.index("- hello") + len("- hello")
    assert after.startswith(text[:place])
    assert after.endswith(text[place:])
    assert ("\r\n" in text) == ("\r\n" in after)
    assert "\n" not in after.replace("\r\n", "") or "\r\n" not in text
    write_changes(folder, changes)
    assert ("salutation", "yo") in examples(read(folder))


def test_what_has_no_place_goes_into_a_file_of_its_own(folder: Path) -> None:
    (folder / "data/autre.yml").write_text('version: "3.1"\nnlu: [{intent: neuf, examples: "- un"}]\n')
    changes = changed_files(folder, read(folder), [Addition("deux", "neuf"), Addition("a", "faq/a"), Addition("b", "faq/b")])
    assert list(changes) == [CONSOLE_FILE]
    assert changes[CONSOLE_FILE].before == ""
    write_changes(folder, changes)
    more = changed_files(folder, read(folder), [Addition("trois", "neuf"), Addition("c", "faq/a")])
    assert list(more) == [CONSOLE_FILE]
    write_changes(folder, more)
    found = [(example.intent_response_key or example.intent, example.text) for example in read(folder).nlu.examples]
    assert {("neuf", "deux"), ("neuf", "trois"), ("faq/a", "c"), ("faq/b", "b")} <= set(found)


def apply(folder: Path, patch: str) -> None:
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch.encode(), check=True, env={"GIT_CEILING_DIRECTORIES": "/"})


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_git_applies_the_patch(folder: Path, end: str) -> None:
    path = folder / "data/d'un nom à espaces.yml"
    (folder / "data/autre.yml").rename(path)
    (folder / "data/nlu.yml").unlink()
    path.write_bytes((AUTRE.replace("\n", end) if end else AUTRE.rstrip("\n")).encode())
    changes = changed_files(folder, read(folder), [Addition(text, INTENT) for text in HOSTILE] + [Addition("un", "neuf")])
    assert len(changes) == 2
    apply(folder, unified_patch(changes))
    assert {name: (folder / name).read_bytes().decode() for name in changes} == {
        name: change.after for name, change in changes.items()
    }


def test_a_patch_of_nothing_is_empty() -> None:
    assert unified_patch({}) == ""
    assert unified_patch({"a.yml": FileChange("a", "a")}) == ""


def test_the_written_project_can_be_trained(folder: Path, tmp_path: Path) -> None:
    write_project(folder, None, [], tmp_path / "sans")
    assert prepare(tmp_path / "sans").fingerprint == prepare(folder).fingerprint
    write_project(folder, None, [Addition("yo", INTENT)], tmp_path / "avec")
    prepared = prepare(tmp_path / "avec")
    assert prepared.fingerprint != prepare(folder).fingerprint
    assert (INTENT, "yo") in examples(prepared.project)
    other = folder / "config.autre.yml"
    other.write_text((folder / "config.yml").read_text().replace("assistant_id: ", "assistant_id: autre-"))
    write_project(folder, other, [], tmp_path / "autre")
    assert prepare(tmp_path / "autre").project.config.assistant_id.startswith("autre-")


def test_the_shipped_project_with_a_sentence_for_each_topic(tmp_path: Path) -> None:
    project = read(ROOT)
    topics = sorted({example.intent for example in project.nlu.examples})
    additions = [Addition(f"une phrase toute neuve numéro {number} ({topic})", topic) for number, topic in enumerate(topics)]
    changes = changed_files(ROOT, project, additions)
    patch = unified_patch(changes)
    removed = [line for line in patch.split("\n") if line.startswith("-") and not line.startswith("---")]
    assert not removed
    assert sum(line.startswith("+      - une phrase toute neuve") for line in patch.split("\n")) == len(topics)
    assert CONSOLE_FILE not in changes
    write_project(ROOT, None, additions, tmp_path)
    assert len(prepare(tmp_path).project.nlu.examples) == len(project.nlu.examples) + len(topics)
