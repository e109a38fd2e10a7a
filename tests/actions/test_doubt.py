"""Doubt: topics under French titles, never an intent's name."""

from typing import Any

import pytest

OTHER = ("Autre chose", "/autre_chose")
MOVE = ("Rediriger les mails", "/redirection")
SIZE = ("Capacité de la boite", "/capacite")
PASSWORD = ("Mot de passe BMA perdu", "/mot_de_passe")


def doubt(**others: float) -> dict[str, float]:
    return {"nlu_fallback": 0.6, **others}


async def test_clarification_offers_the_likeliest_topics(run: Any) -> None:
    ranking = doubt(redirection=0.4, mot_de_passe=0.3, capacite=0.1, migration_quoi=0.09)
    said = await run("action_clarification", ranking=ranking)
    assert said.response == "utter_clarification"
    assert said.buttons == [MOVE, PASSWORD, SIZE, OTHER]


async def test_three_topics_are_offered_however_unlikely(run: Any) -> None:
    said = await run("action_clarification", ranking=doubt(redirection=0.9, mot_de_passe=0.01, capacite=0.009))
    assert said.buttons == [MOVE, PASSWORD, SIZE, OTHER]


async def test_intents_without_a_title_are_skipped(run: Any) -> None:
    ranking = doubt(robot=0.4, mode_inconnu=0.3, inconnu=0.2, capacite=0.1, hors_sujet=0.05)
    assert (await run("action_clarification", ranking=ranking)).buttons == [SIZE, OTHER]


async def test_order_of_the_ranking_does_not_matter(run: Any) -> None:
    said = await run("action_clarification", ranking=doubt(hors_sujet=0.1, capacite=0.2, redirection=0.5))
    assert said.buttons == [MOVE, SIZE, OTHER]


@pytest.mark.parametrize(
    ("ranking", "buttons"),
    [
        (doubt(hors_sujet=0.5, redirection=0.2, capacite=0.04), [MOVE, SIZE]),  # two topics, however unlikely
        (doubt(hors_sujet=0.5, redirection=0.04), [MOVE]),
        (doubt(robot=0.5, affirmation=0.4), []),
        (doubt(), []),
        ({}, []),
    ],
)
async def test_doubt_that_is_out_of_scope(run: Any, ranking: dict[str, float], buttons: list[Any]) -> None:
    said = await run("action_clarification", ranking=ranking)
    assert (said.response, said.buttons) == ("utter_hors_sujet", buttons)


async def test_out_of_scope_offers_at_most_three_likely_topics(run: Any) -> None:
    ranking = {"hors_sujet": 0.5, "redirection": 0.2, "capacite": 0.1, "mot_de_passe": 0.08, "migration_quoi": 0.07}
    said = await run("action_hors_sujet", ranking=ranking)
    assert (said.response, said.buttons) == ("utter_hors_sujet", [MOVE, SIZE, PASSWORD])


async def test_out_of_scope_by_its_button_offers_nothing(run: Any) -> None:
    assert (await run("action_hors_sujet", ranking={"hors_sujet": 1.0})).buttons == []


@pytest.mark.parametrize("domain", [{"responses": {}}, {"intents": []}])
async def test_without_titles_in_the_domain(run: Any, domain: Any) -> None:
    said = await run("action_clarification", ranking=doubt(capacite=0.5), domain=domain)
    assert (said.response, said.buttons) == ("utter_hors_sujet", [])


async def test_every_topic_of_the_page_has_a_title(run: Any, domain: Any) -> None:
    topics = domain["intents"][: domain["intents"].index("migration_adresse") + 1]
    for topic in topics:
        said = await run("action_clarification", ranking=doubt(**{topic: 0.5}))
        assert said.buttons[0][1] == ("/mot_de_passe" if topic.startswith("mot_de_passe") else f"/{topic}")
        assert said.buttons[0][0] != topic


@pytest.mark.parametrize(
    "before", [("nlu_fallback", ["utter_clarification"]), ("autre_chose", ["utter_autre_chose"]), ("nlu_fallback", [])]
)
async def test_after_a_miss_no_more_asking(run: Any, before: Any) -> None:
    said = await run("action_clarification", ranking=doubt(redirection=0.5, capacite=0.3), before=[before])
    assert (said.response, said.buttons) == ("utter_clarification_contact", [MOVE, SIZE])


async def test_after_an_answer_one_may_ask_again(run: Any) -> None:
    before = [("nlu_fallback", ["utter_clarification"]), ("redirection", ["utter_redirection"])]
    said = await run("action_clarification", ranking=doubt(redirection=0.5, capacite=0.3), before=before)
    assert said.response == "utter_clarification"


@pytest.mark.parametrize(
    ("ranking", "asks_mode"),
    [
        ({"mot_de_passe": 0.4, "mot_de_passe_mode": 0.35, "capacite": 0.1}, True),
        ({"mot_de_passe_hors_mode": 0.3, "mot_de_passe_mode": 0.28, "hors_sujet": 0.2}, True),
        ({"mot_de_passe": 0.3, "capacite": 0.35, "mot_de_passe_mode": 0.1}, False),
        ({"capacite": 0.4, "mot_de_passe": 0.25, "mot_de_passe_mode": 0.22}, False),
    ],
)
async def test_a_doubt_about_mode_only_is_the_forms_question(run: Any, ranking: dict[str, float], asks_mode: bool) -> None:
    said = await run("action_clarification", ranking=doubt(**ranking))
    assert (said.followup == "mot_de_passe_form") is asks_mode
    assert (said.response is None) is asks_mode


@pytest.mark.parametrize(
    ("topic", "ranking", "answer"),
    [
        ("redirection", {"suite_quoi": 0.25, "redirection": 0.22, "hors_sujet": 0.2}, "utter_redirection"),
        ("redirection", {"suite_combien": 0.3, "capacite": 0.2, "redirection": 0.2}, "utter_capacite"),
        ("redirection", {"suite_quoi": 0.2, "redirection": 0.2, "capacite": 0.35}, "utter_clarification"),
        (None, {"suite_quoi": 0.3, "redirection": 0.25, "capacite": 0.2}, "utter_clarification"),
        ("redirection", {"suite_quand": 0.25, "hors_sujet": 0.25, "redirection": 0.2}, "utter_hors_sujet"),
    ],
)
async def test_a_doubt_between_ways_to_ask_for_one_answer(run: Any, topic: str | None, ranking: Any, answer: str) -> None:
    assert (await run("action_clarification", ranking=doubt(**ranking), slots={"sujet": topic})).response == answer


async def test_a_follow_up_is_offered_by_the_title_of_its_answer(run: Any) -> None:
    ranking = doubt(suite_combien=0.3, redirection=0.28)
    said = await run("action_clarification", ranking=ranking, slots={"sujet": "redirection"})
    assert said.buttons == [SIZE, MOVE, OTHER]


CLARIFIED = [("nlu_fallback", ["utter_clarification"])]


@pytest.mark.parametrize(
    ("action", "before", "offered", "response", "followup"),
    [
        ("action_oui", CLARIFIED, ["/redirection", "/autre_chose"], "utter_redirection", None),
        ("action_oui", CLARIFIED, ["/mot_de_passe", "/capacite", "/autre_chose"], None, "mot_de_passe_form"),
        ("action_oui", CLARIFIED, ["/autre_chose"], "utter_affirmation", None),
        ("action_oui", [("capacite", ["utter_capacite"])], [], "utter_affirmation", None),
        ("action_oui", [], [], "utter_affirmation", None),
        ("action_non", CLARIFIED, ["/redirection", "/autre_chose"], "utter_autre_chose", None),
        ("action_non", [("capacite", ["utter_capacite"])], [], "utter_negation", None),
    ],
)
async def test_yes_and_no(run: Any, action: str, before: Any, offered: list[str], response: str, followup: str) -> None:
    said = await run(action, intent="affirmation", before=before, offered=offered)
    assert (said.response, said.followup) == (response, followup)


async def test_small_talk_in_doubt_is_small_talk(run: Any) -> None:
    said = await run("action_clarification", ranking=doubt(au_revoir=0.42, remerciement=0.4, format_adresse=0.1))
    assert (said.response, said.buttons) == ("utter_au_revoir", [])
