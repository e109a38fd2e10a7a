"""What an activity asks of us, from recorded wire forms."""

import json
from typing import Any

import pytest

from api.channels.teams.activities import Arrival, BadInvoke, Question, Vote, asked, read_activity, tenant_of
from api.channels.teams.outgoing import reference_of
from tests.api.channels.teams import wire
from tests.api.channels.teams.microsoft import BOT, TENANT, Microsoft

M = Microsoft(None)  # type: ignore[arg-type]  # only its addresses are needed


def ask(body: dict[str, Any]) -> Any:
    return asked(read_activity(json.dumps(body).encode()))


def test_text_is_a_question_without_our_mention() -> None:
    assert ask(wire.message(M, " bonjour\u00a0! ")) == Question("bonjour !")
    assert ask(wire.in_group(wire.message(M, "et la capacité ?"), "channel", "19:x")) == Question("et la capacité ?")


def test_mentions_of_others_stay() -> None:
    body = wire.message(M, "<at>Zoé</at> et <at>Assistant BMA</at> : bonjour")
    other = {"type": "mention", "text": "<at>Zoé</at>", "mentioned": {"id": "29:zoe", "name": "Zoé"}}
    ours = {"type": "mention", "mentioned": {"id": BOT, "name": "Assistant BMA"}}
    assert ask({**body, "entities": [other, ours]}) == Question("<at>Zoé</at> et   : bonjour")


def test_a_click_is_the_payload_and_knows_its_card() -> None:
    one, other = ({"data": {"payload": "/aide", "question": name}} for name in ("a", "b"))
    first, again, elsewhere = (ask(wire.click(M, button, "1")) for button in (one, one, other))
    assert first.text == "/aide"
    assert first.clicked == again.clicked != elsewhere.clicked


@pytest.mark.parametrize("value", [[], "x", 3, {}, {"payload": 1}, {"payload": ""}, {"payload": "x" * 256}, {"other": "/aide"}])
def test_a_value_that_is_not_ours_is_no_click(value: Any) -> None:
    assert ask(wire.click(M, {"data": value}, "1")) == Question("")


@pytest.mark.parametrize(
    ("reaction", "feedback", "expected"),
    [
        ("like", '{"feedbackText":""}', Vote("7", True, None)),
        ("dislike", '{"feedbackText":"trop long"}', Vote("7", False, "trop long")),
        ("dislike", {"feedbackText": "trop long"}, Vote("7", False, "trop long")),
        ("like", "no JSON", Vote("7", True, None)),
        ("like", "[1]", Vote("7", True, None)),
        ("love", "{}", BadInvoke()),
        (None, "{}", BadInvoke()),
    ],
)
def test_thumbs(reaction: str | None, feedback: Any, expected: Any) -> None:
    body = wire.vote(M, "7", "like")
    body["value"]["actionValue"] = {"reaction": reaction, "feedback": feedback}
    assert ask(body) == expected


def test_arrivals() -> None:
    us, someone = {"id": BOT}, {"id": "29:x"}

    def added(*members: dict[str, str]) -> dict[str, Any]:
        return wire.activity(M, type="conversationUpdate", membersAdded=list(members))

    assert ask(added(us, someone)) == Arrival(False)
    assert ask(added(us)) is None
    assert ask(wire.in_group(added(us), "groupChat", "19:x")) == Arrival(True)
    assert ask(wire.in_group(added(someone), "groupChat", "19:x")) is None
    assert ask(wire.activity(M, type="installationUpdate", action="add")) == Arrival(False)
    assert ask(wire.activity(M, type="installationUpdate", action="remove")) is None
    assert ask(wire.activity(M, type="typing")) is None


def test_the_tenant_is_the_conversation_s_or_the_channel_s() -> None:
    body = wire.message(M, "x")
    assert tenant_of(read_activity(json.dumps(body).encode())) == TENANT
    del body["conversation"]["tenantId"]
    assert tenant_of(read_activity(json.dumps(body).encode())) == TENANT
    body["channelData"] = {"tenant": "x"}
    assert tenant_of(read_activity(json.dumps(body).encode())) is None


def test_where_an_answer_goes_holds_no_name_and_no_directory_id() -> None:
    reference = reference_of(read_activity(json.dumps(wire.message(M, "x", "camille")).encode()))
    assert reference["conversation"]["id"] == "a:camille"
    assert reference["user"] == {"id": "29:camille"}
    assert "Camille" not in str(reference)
