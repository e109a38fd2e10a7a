"""The public benchmark's own work; templates themselves are read by hassil, which tests do without."""

from pathlib import Path
from random import Random

import pytest
from rapidfuzz.distance import OSA

from bench.public_french.__main__ import accuracy, macro_f1
from bench.public_french.contenders import our_specs, ours
from bench.public_french.corpus import Labelled, names_for, read_corpus, sample, with_typo
from bench.public_french.diet import CONFIG, write_nlu
from bot.project.loader import read_project

COMMON = """\
language: fr
lists:
  couleur: {values: [rouge, vert]}
expansion_rules:
  allume: "(allume|allumer)"
"""
LIGHTS = """\
language: fr
intents:
  Allumer:
    data:
      - sentences: ["<allume> [la ]{name}"]
        requires_context: {domain: light}
"""
COVERS = """\
language: fr
intents:
  Allumer:
    data:
      - sentences: ["ouvre {name}"]
  Fermer:
    data:
      - sentences: ["ferme {name}"]
"""
FIXTURES = """\
language: fr
areas: [{name: salon, id: living_room}]
floors: [{name: étage, id: first}]
entities:
  - {name: lampe, id: light.one}
  - {name: volet, id: cover.one, attributes: {device_class: shutter}}
  - {name: porte, id: cover.two, attributes: {device_class: garage_door}}
"""
TESTS = """\
language: fr
tests:
  - sentences: [Allume la lampe, allumer lampe]
    intent: {name: Allumer}
  - sentences: [ferme le volet]
    intent: {name: Fermer}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    files = {
        "sentences/fr/_common.yaml": COMMON,
        "sentences/fr/light.yaml": LIGHTS,
        "sentences/fr/cover.yaml": COVERS,
        "tests/fr/_fixtures.yaml": FIXTURES,
        "tests/fr/light.yaml": TESTS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_checkout_is_read_whole(checkout: Path) -> None:
    corpus = read_corpus(checkout)
    templates = {name: [block["sentences"] for block in it["data"]] for name, it in corpus.grammar["intents"].items()}
    assert templates == {"Allumer": [["ouvre {name}"], ["<allume> [la ]{name}"]], "Fermer": [["ferme {name}"]]}
    assert corpus.grammar["lists"] == {"couleur": {"values": ["rouge", "vert"]}}
    assert corpus.grammar["expansion_rules"] == {"allume": "(allume|allumer)"}
    assert (corpus.areas, corpus.floors) == (("salon",), ("étage",))
    assert [(item.text, item.intent) for item in corpus.tests] == [
        ("Allume la lampe", "Allumer"),
        ("allumer lampe", "Allumer"),
        ("ferme le volet", "Fermer"),
    ]


def test_a_folder_that_is_no_checkout_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"has no sentences/fr/\*\.yaml.\ngit clone"):
        read_corpus(tmp_path)


@pytest.mark.parametrize(
    ("requires", "excludes", "names"),
    [
        ({}, {}, ["lampe", "volet", "porte"]),
        ({"domain": "light"}, {}, ["lampe"]),
        ({"domain": ["light", "cover"], "device_class": ["shutter"]}, {}, ["volet"]),
        ({}, {"domain": ["cover"]}, ["lampe"]),
        ({"domain": "vacuum"}, {}, ["lampe", "volet", "porte"]),
    ],
)
def test_a_template_speaks_of_devices_of_its_kind(checkout: Path, requires: dict, excludes: dict, names: list[str]) -> None:
    assert names_for(read_corpus(checkout).devices, requires, excludes) == names


def test_samples_are_different_seeded_and_not_in_the_tests() -> None:
    def one(random: Random) -> str:
        return f"allume {random.choice(['la  lampe', 'le four', 'le FOUR !', 'la radio'])}"

    def two(random: Random) -> str:
        return f"règle à {random.randrange(1000)}"

    draws = {"Allumer": [one], "Régler": [two, lambda random: "règle"]}
    found = sample(draws, 20, seed=1, avoid=["Allume la lampe."])
    assert sorted(item.text.lower().strip(" !") for item in found if item.intent == "Allumer") == [
        "allume la radio",
        "allume le four",
    ]
    assert len({item.text for item in found if item.intent == "Régler"}) == 20
    assert {(item.intent, item.template) for item in found} == {("Allumer", 0), ("Régler", 1), ("Régler", 2)}
    assert sample(draws, 20, seed=1, avoid=["Allume la lampe."]) == found != sample(draws, 20, seed=2)


def test_a_typo_is_one_slip() -> None:
    text = "règle à 50% l'éclairage"
    slips = {with_typo(text, Random(seed)) for seed in range(200)}
    assert {OSA.distance(text, slip) for slip in slips} == {1}
    assert all("50%" in slip for slip in slips)
    assert len(slips) > 50
    assert with_typo("à 50 %", Random(1)) == "à 50 %"


def test_the_figures() -> None:
    truth, said = ["a", "a", "a", "b"], ["a", "a", "c", "a"]
    assert accuracy(truth, said) == 50
    assert macro_f1(truth, said) == pytest.approx(100 * (2 / 3 + 0) / 2)  # a: precision and recall 2/3; b: never


def test_our_pipeline_without_the_project_learns_another_one() -> None:
    specs = our_specs()
    names = [spec.name.rpartition(".")[2] for spec in specs]
    assert (names[0], names[-1]) == ("FrenchTokenizer", "LinearSvmClassifier")
    assert not {"CourtesyTrimmer", "RegexEntityExtractor", "ContextPrior", "QuestionSplitter"} & set(names)
    assert not {"prior", "abbreviations"} & {option for spec in specs for option in spec.options}
    rooms = ["salon", "garage", "jardin", "bureau"]
    train = [
        Labelled(f"{verb} {room}", intent, block)
        for block, (verb, intent) in enumerate(
            [("allume", "Allumer"), ("active", "Allumer"), ("ferme", "Fermer"), ("clos", "Fermer")]
        )
        for room in rooms
    ]
    done = ours(specs)(train, [["Allume la cuisine", "ferme la cuisine"], ["alume le salon"]])
    assert done.predictions == (("Allumer", "Fermer"), ("Allumer",))
    assert done.training > 0
    assert done.each > 0


def test_rasa_gets_the_same_sentences(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "config.yml").write_text(CONFIG.format(epochs=1), encoding="utf-8")
    (tmp_path / "domain.yml").write_text("intents: [Allumer, Fermer]\n", encoding="utf-8")
    write_nlu(tmp_path / "data/nlu.yml", [["l'éclairage : 50 %", "Allumer"], ["ferme", "Fermer"], ["# allume", "Allumer"]])
    examples = read_project(tmp_path)[0].nlu.examples
    assert [(item.text, item.intent) for item in examples] == [
        ("l'éclairage : 50 %", "Allumer"),
        ("# allume", "Allumer"),
        ("ferme", "Fermer"),
    ]
