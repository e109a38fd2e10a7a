"""Statuses and bodies of rasa-sdk's protocol, and bodies that are no request."""

import logging
import re
from typing import Any

import pytest
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.protocol import ActionProtocol
from tests.actions.conftest import call

SMALLER = {"intent": {"name": "suite_combien"}, "entities": []}


async def test_an_action_that_runs(protocol: ActionProtocol) -> None:
    body = call("action_suite", tracker={"sender_id": "x", "slots": {"sujet": "capacite"}, "latest_message": SMALLER})
    status, body = await protocol.answer(body)
    assert status == 200
    assert [(event["event"], event["name"], event["value"]) for event in body["events"]] == [("slot", "sujet", "capacite")]
    assert [response["response"] for response in body["responses"]] == ["utter_capacite"]


async def test_null_parts_of_a_tracker(protocol: ActionProtocol) -> None:
    nulls = dict.fromkeys(("slots", "latest_message", "events", "active_loop", "latest_action_name"))
    for name in protocol.names():
        status, _ = await protocol.answer(call(name, tracker={"sender_id": "x", **nulls}))
        assert status == 200, name


async def test_unknown_action(protocol: ActionProtocol) -> None:
    status, body = await protocol.answer(call("action_inconnue"))
    assert (status, body["action_name"]) == (404, "action_inconnue")
    assert set(body) == {"error", "action_name"}


@pytest.mark.parametrize("name", [..., None, ""])
async def test_no_action_asked(protocol: ActionProtocol, name: Any) -> None:
    assert await protocol.answer(call(name)) == (200, None)


async def test_domain_once_then_its_digest() -> None:
    protocol = ActionProtocol()
    statuses = [
        (await protocol.answer(call(**changes)))[0]
        for changes in (
            {"domain": ...},
            {"domain": ..., "domain_digest": "a"},
            {"domain_digest": "a"},
            {"domain": ..., "domain_digest": "a"},
            {"domain": ..., "domain_digest": "b"},
            {"domain": {}},
        )
    ]
    assert statuses == [449, 449, 200, 200, 449, 200]


async def broken(dispatcher: Any, tracker: Any, domain: Any) -> Any:
    raise RuntimeError("secret-" + tracker.sender_id)


async def refusing(dispatcher: Any, tracker: Any, domain: Any) -> Any:
    raise ActionExecutionRejection("action_refus")


def with_action(name: str, run: Any) -> ActionProtocol:
    protocol = ActionProtocol()
    protocol._executor.register_function(name, run)
    return protocol


async def test_an_action_that_fails_tells_nothing_but_a_number(caplog: pytest.LogCaptureFixture) -> None:
    protocol = with_action("action_cassee", broken)
    with caplog.at_level(logging.ERROR, "bma.actions"):
        status, body = await protocol.answer(call("action_cassee"))
    assert (status, body["action_name"]) == (500, "action_cassee")
    assert set(body) == {"error", "action_name"}
    (number,) = re.findall(r"[0-9a-f]{8}", body["error"])
    assert number in caplog.text
    assert "RuntimeError" in caplog.text
    assert "secret-x" not in caplog.text + str(body)


async def test_an_action_that_refuses() -> None:
    protocol = with_action("action_refus", refusing)
    status, body = await protocol.answer(call("action_refus"))
    assert (status, body["action_name"]) == (400, "action_refus")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        3,
        call(7),
        call("a" * 201),
        call("a\nb"),
        call("\ud800"),
        call({"$ne": None}),
        call(tracker=...),
        call(tracker=None),
        call(tracker=[]),
        call(tracker={}),
        call(tracker={"sender_id": None}),
        call(tracker={"sender_id": 1}),
        call(tracker={"sender_id": "x", "slots": []}),
        call(tracker={"sender_id": "x", "slots": "x"}),
        call(tracker={"sender_id": "x", "latest_message": "x"}),
        call(tracker={"sender_id": "x", "events": {}}),
        call(domain=[]),
        call(domain="x"),
        call(domain_digest=1),
        call(domain_digest="a" * 201),
    ],
)
async def test_a_body_that_is_no_request(protocol: ActionProtocol, body: Any) -> None:
    status, answer = await protocol.answer(body)
    assert status == 400
    assert set(answer) == {"error"}


@pytest.mark.parametrize("value", [None, 1, True, "x", [], [None], ["x"], {}, {"a": None}, [{"entity": "numero_fase"}], 1e308])
async def test_odd_values_inside_never_make_an_action_fail(protocol: ActionProtocol, value: Any) -> None:
    slots = dict.fromkeys(("connu_mode", "type_etablissement", "numero_fase", "adresse_administrative"), value)
    odd_entities = [{"entity": name, "value": value} for name in (*slots, "dans_mode", "pas_dans_mode")]
    messages = [
        {"entities": value, "intent": value, "intent_ranking": value},
        {
            "entities": odd_entities,
            "intent_ranking": [{"name": value, "confidence": value}, {"name": "capacite", "confidence": 1}],
        },
    ]
    domains = [
        {"responses": value},
        {"responses": {"utter_capacite": value}},
        {"responses": {"utter_capacite": [{"metadata": value}]}},
    ]
    for name in protocol.names():
        for message in messages:
            for domain in domains:
                tracker = {"sender_id": "x", "slots": slots, "latest_message": message}
                status, _ = await protocol.answer(call(name, tracker=tracker, domain=domain))
                assert status == 200, (name, message, domain)


def test_names_are_those_of_the_domain(protocol: ActionProtocol, domain: Any) -> None:
    assert sorted(protocol.names()) == sorted(domain["actions"])
