from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.project.domain_reader import domain_from_raw
from bot.project.loader import read_credentials, read_endpoints, read_project
from bot.project.model import (
    ANY_VALUE,
    NOWHERE,
    ActionStep,
    AnnotatedEntity,
    BotStep,
    CheckpointStep,
    ComponentSpec,
    Entity,
    Form,
    IntentStep,
    Location,
    LookupTable,
    LoopStep,
    MappingCondition,
    OrStep,
    Project,
    RegexFeature,
    ResponseCondition,
    SessionConfig,
    Slot,
    SlotMapping,
    SlotStep,
)
from bot.project.problems import ProjectError
from bot.project.story_reader import read_stories
from tests.bot.project.projects import COMPLETE, MINIMAL, write_project


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("HISTORY", "3")
    found, warnings = read_project(COMPLETE)
    assert [str(problem) for problem in warnings] == []
    return found


def without_places(value: Any) -> Any:
    """The same value with all locations NOWHERE."""
    if isinstance(value, Location):
        return NOWHERE
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: without_places(getattr(value, field.name)) for field in fields(value)})
    if isinstance(value, Mapping):
        return {key: without_places(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(without_places(item) for item in value)
    return value


def test_files(project: Project) -> None:
    assert project.files == (
        "config.yml",
        "data/links.yml",
        "data/nlu/a_intents.yml",
        "data/nlu/b_faq.yml",
        "data/stories/rules.yml",
        "data/stories/stories.yml",
        "domain/actions.yml",
        "domain/memoire.yaml",
    )


def test_config(project: Project) -> None:
    config = project.config
    assert (config.language, config.assistant_id, config.recipe) == ("no", "complet", "default.v1")
    assert config.pipeline == (
        ComponentSpec("WhitespaceTokenizer", {}, Location("config.yml", 5)),
        ComponentSpec("CountVectorsFeaturizer", {"analyzer": "char_wb", "max_ngram": 4}, Location("config.yml", 6)),
    )
    assert [(spec.name, spec.options) for spec in project.config.policies] == [
        ("RulePolicy", {"enable_fallback_prediction": True}),
        ("AugmentedMemoizationPolicy", {"max_history": "3"}),
    ]


def test_another_config(tmp_path: Path) -> None:
    other = tmp_path / "autre.yml"
    other.write_text("assistant_id: autre\n", encoding="utf-8")
    found, _ = read_project(MINIMAL, other)
    assert found.config.assistant_id == "autre"
    assert other.as_posix() in found.files


def test_examples(project: Project) -> None:
    found = [(example.text, example.intent, example.location.line) for example in project.nlu.examples[:3]]
    assert found == [
        ("bonjour", "salutation", 5),
        ("salut à Bruxelles", "salutation", 6),
        ("je pars de bxl et vais à Liège", "salutation", 8),
    ]
    assert project.nlu.examples[2].entities == (
        AnnotatedEntity("ville", "Bruxelles", 11, 14),
        AnnotatedEntity("ville", "Liège", 25, 30, "arrivee"),
    )
    assert {example.location.file for example in project.nlu.examples[:3]} == {"data/nlu/a_intents.yml"}


def test_examples_as_a_list_with_metadata(project: Project) -> None:
    first, second = project.nlu.examples[3:5]
    assert (first.text, first.location.line) == ("demain", 14)
    assert first.metadata == {"intent": {"source": "page"}, "example": {"ton": "neutre"}}
    assert (second.text, second.location.line) == ("le lundi", 16)
    assert second.metadata == {"intent": {"source": "page"}}
    assert second.entities == (AnnotatedEntity("jour", "lundi", 3, 8),)


def test_retrieval_intents(project: Project) -> None:
    assert [(e.intent, e.intent_response_key) for e in project.nlu.examples[-2:]] == [
        ("faq", "faq/horaires"),
        ("faq", "faq/lieu"),
    ]
    assert "utter_faq" in project.domain.raw["actions"]
    assert "utter_faq" not in project.domain.actions
    assert project.domain.responses["utter_faq/lieu"][0].location == Location("data/nlu/b_faq.yml", 16)


def test_synonyms_regexes_and_lookups(project: Project) -> None:
    file = "data/nlu/a_intents.yml"
    assert project.nlu.synonyms == {"bxl": "Bruxelles", "la capitale": "Bruxelles"}
    assert project.nlu.regexes == (
        RegexFeature("fase", r"\d{3,4}", Location(file, 24)),
        RegexFeature("fase", "[0-9]{6}", Location(file, 25)),
    )
    assert project.nlu.lookups == (LookupTable("jour", ("lundi", "mardi", "mercredi"), Location(file, 26)),)


def test_intents_and_the_entities_that_policies_see(project: Project) -> None:
    intents = project.domain.intents
    assert list(intents)[:6] == ["salutation", "faq", "prendre_rdv", "quitter", "inform", "nlu_fallback"]
    assert set(intents) >= {"restart", "back", "out_of_scope", "session_start"}
    assert intents["salutation"].used_entities == {"ville", "jour"}
    assert intents["prendre_rdv"].used_entities == {"ville"}
    assert intents["quitter"].used_entities == set()
    assert intents["inform"].used_entities == set()
    assert intents["restart"].used_entities == {"ville", "jour"}
    assert intents["quitter"].location == Location("domain/memoire.yaml", 7)


def test_entities(project: Project) -> None:
    assert [without_places(entity) for entity in project.domain.entities.values()] == [
        Entity("ville", ("depart", "arrivee"), ("1",)),
        Entity("jour"),
        Entity("humeur", influence_conversation=False),
    ]


def test_slots(project: Project) -> None:
    slots = {name: without_places(slot) for name, slot in project.domain.slots.items()}
    asking = MappingCondition("rdv_form", "ville")
    assert slots["ville"] == Slot(
        "ville",
        "text",
        (
            SlotMapping(
                "from_entity",
                entity="ville",
                role="depart",
                intents=("inform", "prendre_rdv"),
                conditions=(asking, MappingCondition()),
            ),
            SlotMapping("from_text", not_intents=("quitter",), conditions=(asking,)),
        ),
    )
    assert slots["urgent"].mappings == (
        SlotMapping("from_intent", value=True, intents=("inform",)),
        SlotMapping("from_trigger_intent", value=False, intents=("prendre_rdv",)),
    )
    assert (slots["urgent"].initial_value, slots["urgent"].influence_conversation) == (False, False)
    assert slots["niveau"].values == ("bas", "haut", "3", "__other__")
    assert slots["niveau"].mappings == (SlotMapping("custom", action="action_horaire"),)
    assert (slots["age"].min_value, slots["age"].max_value, slots["age"].mappings) == (0.0, 120.0, ())
    assert (slots["notes"].initial_value, slots["notes"].influence_conversation) == ({"a": [1, None]}, False)
    assert slots["requested_slot"] == Slot("requested_slot", "text", influence_conversation=False)
    assert slots["session_started_metadata"] == Slot("session_started_metadata", "any", influence_conversation=False)
    assert project.domain.slots["urgent"].mappings[1].location == Location("domain/memoire.yaml", 44)


def test_no_requested_slot_without_forms() -> None:
    assert list(read_project(MINIMAL)[0].domain.slots) == ["session_started_metadata"]


def test_forms_actions_and_session(project: Project) -> None:
    domain = project.domain
    assert without_places(domain.forms) == {
        "rdv_form": Form("rdv_form", ("ville", "urgent"), ("salutation",)),
        "libre_form": Form("libre_form"),
    }
    assert domain.actions == ("action_horaire", "validate_rdv_form")
    assert domain.session == SessionConfig(30.0, False)


def test_responses(project: Project) -> None:
    first, second = project.domain.responses["utter_bonjour"]
    assert first.content == {
        "text": "Bonjour {ville}",
        "buttons": [
            {"title": "Oui", "payload": "/affirmer"},
            {"title": "Page", "type": "web_url", "url": "https://example.org"},
        ],
        "metadata": {"source": "page"},
        "id": "b1",
    }
    assert (first.channel, first.conditions) == (None, ())
    assert second.content == {"text": "Salut"}
    assert (second.channel, second.conditions) == ("socketio", (ResponseCondition("urgent", True),))
    assert second.location == Location("domain/memoire.yaml", 83)


def test_raw_domain_is_json_in_rasas_shape(project: Project) -> None:
    raw = project.domain.raw
    assert json.loads(json.dumps(raw)) == raw
    assert raw["version"] == "3.1"
    assert raw["session_config"] == {"session_expiration_time": 30, "carry_over_slots_to_new_session": False}
    assert raw["intents"][:3] == ["salutation", "faq", {"prendre_rdv": {"use_entities": ["ville"]}}]
    assert raw["actions"][:2] == ["action_horaire", {"validate_rdv_form": {"send_domain": True}}]
    assert raw["forms"]["libre_form"] == {}
    assert raw["slots"]["ville"]["mappings"][1]["not_intent"] == "quitter"
    assert raw["responses"]["utter_bonjour"][1]["condition"] == [{"type": "slot", "name": "urgent", "value": True}]
    assert raw["e2e_actions"] == ["Bonne journée !"]


def test_domain_from_raw_is_the_same_domain(project: Project) -> None:
    again = domain_from_raw(json.loads(json.dumps(project.domain.raw)))
    assert without_places(again) == without_places(project.domain)
    assert list(again.slots) == list(project.domain.slots)


def test_domain_from_a_broken_raw() -> None:
    with pytest.raises(ProjectError):
        domain_from_raw({"slots": {"a": {"type": "texte", "mappings": []}}})


def test_rules(project: Project) -> None:
    first, second = project.rules
    assert (first.name, first.conversation_start, first.wait_for_user_input) == ("saluer", True, True)
    assert first.location == Location("data/stories/rules.yml", 3)
    assert without_places(first.steps) == (IntentStep("salutation"), ActionStep("utter_bonjour"))
    assert without_places(second.condition) == (LoopStep("rdv_form"), SlotStep((("urgent", True),)))
    assert without_places(second.steps) == (
        ActionStep("rdv_form"),
        LoopStep(None),
        SlotStep((("requested_slot", None),)),
        ActionStep("action_horaire"),
    )
    assert (second.wait_for_user_input, second.metadata) == (False, {"auteur": "x"})
    assert [step.location.line for step in second.steps] == [14, 15, 16, 18]


def test_stories(project: Project) -> None:
    (story,) = project.stories
    assert (story.name, story.metadata, story.location.line) == ("longue", {"auteur": "y"}, 3)
    assert without_places(story.steps) == (
        CheckpointStep("debut", (("ville", ANY_VALUE),)),
        OrStep(
            (
                IntentStep(
                    "inform",
                    (
                        {"entity": "jour"},
                        {"entity": "ville", "value": "Namur", "role": "depart"},
                        {"entity": "ville", "value": "Mons", "group": "1"},
                    ),
                ),
                IntentStep("faq"),
            )
        ),
        SlotStep((("niveau", "haut"), ("liste", ["a", "b"]), ("ville", ANY_VALUE))),
        ActionStep("rdv_form"),
        LoopStep("rdv_form"),
        IntentStep("inform", ({"entity": "ville", "value": "Mons"},), "à Mons"),
        BotStep("Au revoir"),
        OrStep((SlotStep((("urgent", True),)), SlotStep((("urgent", False),)))),
    )
    assert [step.location.line for step in story.steps] == [6, 9, 17, 21, 22, 23, 27, 28]


def test_test_stories_keep_whole_intents_and_texts() -> None:
    stories, rules, warnings = read_stories(COMPLETE / "tests" / "test_faq.yml", COMPLETE)
    assert (rules, warnings) == ((), [])
    assert without_places(stories[0].steps) == (
        IntentStep("faq/horaires", ({"entity": "jour", "value": "lundi"},), "c'est ouvert lundi ?"),
        ActionStep("utter_faq"),
        IntentStep("inform", (), '/inform{"ville": "Mons"}'),
        ActionStep("utter_bonjour"),
    )
    assert stories[0].location == Location("tests/test_faq.yml", 3)


def test_broken_test_stories(tmp_path: Path) -> None:
    path = tmp_path / "test_a.yml"
    path.write_text("stories:\n- story: a\n  steps:\n  - acton: b\n", encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        read_stories(path, tmp_path)
    assert str(caught.value).startswith("test_a.yml:4: ")


def test_a_retrieval_step_of_a_training_story_is_its_base_intent(tmp_path: Path) -> None:
    root = write_project(tmp_path / "p", {"data/r.yml": "rules:\n- rule: r\n  steps:\n  - intent: /faq/a\n"})
    assert read_project(root)[0].rules[0].steps[0] == IntentStep("faq", location=Location("data/r.yml", 4))


def test_files_are_merged_in_path_order(tmp_path: Path) -> None:
    nlu = "nlu:\n- intent: salutation\n  examples: |\n    - {}\n"
    root = write_project(
        tmp_path / "p",
        {
            "data/nlu.yml": None,
            "data/b/x.yml": nlu.format("deux"),
            "data/a.yml": nlu.format("un"),
            "data/b/a/y.yaml": nlu.format("trois"),
            "data/.b/z.yml": "nlu: [",
            "data/c.json": "{",
        },
    )
    examples = read_project(root)[0].nlu.examples
    assert [example.text for example in examples] == ["un", "trois", "deux"]


def test_the_first_file_wins(tmp_path: Path) -> None:
    root = write_project(
        tmp_path / "p",
        {"data/a.yml": "responses:\n  utter_bonjour:\n  - text: autre\n  utter_a:\n  - text: a\n"},
    )
    found, warnings = read_project(root)
    assert found.domain.responses["utter_bonjour"][0].content == {"text": "Bonjour"}
    assert found.domain.responses["utter_a"][0].content == {"text": "a"}
    assert [problem.code for problem in warnings] == ["duplicate_across_files"]


def test_the_same_thing_twice_in_two_files_is_no_problem(tmp_path: Path) -> None:
    files = {"domain.yml": None, "domain/a.yml": "intents:\n- salutation\n", "domain/b.yml": "intents:\n- salutation\n"}
    assert read_project(write_project(tmp_path / "p", files))[1] == []


def test_a_file_may_be_of_several_kinds(tmp_path: Path) -> None:
    everything = "".join((MINIMAL / name).read_text(encoding="utf-8").replace('version: "3.1"\n', "") for name in
                         ("data/nlu.yml", "data/rules.yml"))  # fmt: skip
    root = write_project(tmp_path / "p", {"data/nlu.yml": None, "data/rules.yml": None, "data/tout.yml": everything})
    found, warnings = read_project(root)
    assert (len(found.nlu.examples), len(found.rules), warnings) == (2, 1, [])


def test_folders_linked_in_a_circle_are_read_once(tmp_path: Path) -> None:
    root = write_project(tmp_path / "p", {})
    (root / "data" / "cercle").symlink_to(root / "data", target_is_directory=True)
    assert len(read_project(root)[0].nlu.examples) == 2


def test_a_newer_file_is_skipped(tmp_path: Path) -> None:
    newer = 'version: "3.2"\n' + (MINIMAL / "data" / "nlu.yml").read_text(encoding="utf-8").partition("\n")[2]
    found, warnings = read_project(write_project(tmp_path / "p", {"data/nlu.yml": newer}))
    assert (found.nlu.examples, [problem.code for problem in warnings]) == ((), ["newer_version"])


def test_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTION_HOST", "localhost")
    assert read_endpoints(COMPLETE / "endpoints.yml").sections == {
        "action_endpoint": {"url": "http://localhost:5055/webhook"},
        "tracker_store": {"type": "SQL", "query": {"timeout": 5}},
    }


def test_credentials() -> None:
    assert read_credentials(COMPLETE / "credentials.yml", {"SECRET": "a: b"}).channels == {
        "rest": {},
        "socketio": {"session_persistence": True},
        "my.own.Channel": {"secret": "a: b"},
    }


def test_no_endpoints_and_no_credentials(tmp_path: Path) -> None:
    assert read_endpoints(tmp_path / "endpoints.yml").sections == {}
    assert read_credentials(tmp_path / "credentials.yml").channels == {}


@pytest.mark.parametrize(
    ("text", "code", "place", "says"),
    [
        ("nlg:\n  type: rephrase\n", "rasa_pro_only", "endpoints.yml:2", "nlg: rephrase"),
        ("nlg: rephrase\n", "rasa_pro_only", "endpoints.yml:1", "Rasa Pro"),
        ("models:\n  url: a\nmodel_groups:\n- id: b\n", "rasa_pro_only", "endpoints.yml:3", "model_groups"),
        ("action_endpoints:\n  url: a\n", "unknown_key", "endpoints.yml:1", "Vouliez-vous dire « action_endpoint » ?"),
        ("action_endpoint: http://localhost\n", "not_a_map", "endpoints.yml:1", "action_endpoint"),
        ("action_endpoint:\n  token: x\n", "missing_key", "endpoints.yml:2", "« url » manque"),
        ("action_endpoint:\n  url:\n", "empty_text", "endpoints.yml:2", "url"),
        ("action_endpoint:\n  url: ${NOT_SET}\n", "unset_variable", "endpoints.yml:2", "NOT_SET"),
        ("- a\n", "not_a_map", "endpoints.yml:1", "endpoints.yml"),
    ],
)
def test_wrong_endpoints(tmp_path: Path, text: str, code: str, place: str, says: str) -> None:
    path = tmp_path / "endpoints.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        read_endpoints(path, {})
    problem = caught.value.problems[0]
    assert (problem.code, str(problem.location)) == (code, place)
    assert says in problem.sentence


def test_wrong_credentials(tmp_path: Path) -> None:
    path = tmp_path / "credentials.yml"
    path.write_text("rest:\nteams: ${A}\n", encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        read_credentials(path, {})
    assert [problem.code for problem in caught.value.problems] == ["unset_variable", "not_a_map"]


def test_a_project_can_be_anywhere(tmp_path: Path) -> None:
    root = tmp_path / "école [1] {a}"
    shutil.copytree(MINIMAL, root)
    (root / "data" / "nlu.yml").write_text("nlu: 5", encoding="utf-8")
    with pytest.raises(ProjectError, match=r"^data/nlu\.yml:1: "):
        read_project(root)
