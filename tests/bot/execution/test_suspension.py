"""A domain in which some responses are not said: whoever says them, a notice is said instead."""

from typing import Any

import pytest

from bot import events as ev
from bot.execution.affirmation import ask_affirmation
from bot.execution.performer import APOLOGY, Performer
from bot.execution.runner import ActionAnswer, ActionCall
from bot.execution.suspension import OWN, without
from bot.project.domain_reader import domain_from_raw
from bot.project.model import Domain
from bot.responses import NOTICE, BotMessage, pieces, respond
from bot.tracker import Tracker

RAW: dict[str, Any] = {
    "intents": ["prix"],
    "actions": ["action_prix"],
    "slots": {"ville": {"type": "text", "mappings": [{"type": "custom"}]}},
    "forms": {"lieu_form": {"required_slots": ["ville"]}},
    "responses": {
        "utter_prix": [
            {"text": "Dix euros, {lien}.", "buttons": [{"title": "Payer", "payload": "/prix"}], "metadata": {"titre": "Prix"}},
            {"text": "Dix.", "channel": "teams", "image": "https://exemple.be/a.png"},
        ],
        "utter_autre": [{"text": "Autre chose."}],
        "utter_ask_ville": [{"text": "Quelle ville ?", "buttons": [{"title": "Namur", "payload": "/prix"}]}],
        NOTICE: [{"text": "Pas pour le moment."}, {"text": "Pas maintenant."}],
        APOLOGY: [{"text": "Désolé."}],
        "utter_default": [{"text": "Pas compris."}],
    },
}
DOMAIN = domain_from_raw(RAW)


class Actions:
    """A custom action that says a response with values, buttons and even a text of its own."""

    async def run(self, call: ActionCall) -> ActionAnswer:
        more = {"lien": "ici", "buttons": [{"title": "Carte", "payload": "/prix"}], "image": "https://exemple.be/b.png"}
        return ActionAnswer([], [{"response": "utter_prix", **more}, {"response": "utter_autre"}])


async def perform(domain: Domain, action: str, channel: str = "rest") -> list[BotMessage]:
    outcome = await Performer(domain, Actions(), channel).perform(action, Tracker("a", domain.slots))
    return [item for item in outcome.items if isinstance(item, BotMessage)]


@pytest.mark.parametrize("channel", ["rest", "page", "teams", "cmdline"])
async def test_every_channel_and_every_way_gets_the_notice_and_nothing_of_the_response(channel: str) -> None:
    domain = without(DOMAIN, ["utter_prix", "utter_ask_ville"])
    (said,) = await perform(domain, "utter_prix", channel)
    by_action, other = await perform(domain, "action_prix", channel)
    (asked,) = await perform(domain, "lieu_form", channel)
    for message in (said, by_action, asked):
        (piece,) = pieces([message])
        assert piece["metadata"] == {"utter_action": NOTICE}
        assert piece["text"] in ("Pas pour le moment.", "Pas maintenant.")
        assert piece.keys() == {"text", "metadata"}
    assert other.text == "Autre chose."


async def test_without_suspension_the_same_ways_say_the_response() -> None:
    by_action, _ = await perform(DOMAIN, "action_prix")
    assert (by_action.text, len(by_action.buttons), by_action.response) == ("Dix euros, ici.", 2, "utter_prix")
    (asked,) = await perform(DOMAIN, "lieu_form")
    assert (asked.text, len(asked.buttons)) == ("Quelle ville ?", 1)


def test_the_event_says_what_the_notice_stood_for() -> None:
    message = respond("utter_prix", without(DOMAIN, ["utter_prix"]), Tracker("a", DOMAIN.slots), "rest")
    assert message is not None
    assert message.to_event().metadata == {"utter_action": NOTICE, "suspended_response": "utter_prix"}


def test_a_notice_that_has_just_been_said_gives_way_to_its_other_wording() -> None:
    domain, tracker = without(DOMAIN, ["utter_prix", "utter_autre"]), Tracker("a", DOMAIN.slots)
    said = []
    for name in ("utter_prix", "utter_autre"):
        message = respond(name, domain, tracker, "rest")
        assert message is not None
        tracker.update(message.to_event())
        said.append(message.text)
    assert sorted(map(str, said)) == ["Pas maintenant.", "Pas pour le moment."]


def test_the_models_own_domain_stays_as_it_is() -> None:
    domain = without(DOMAIN, ["utter_prix"])
    assert DOMAIN.suspended == frozenset()
    assert domain.raw is DOMAIN.raw
    assert without(DOMAIN, []) is DOMAIN


def test_what_the_engine_says_itself_and_what_there_is_not_cannot_be_suspended() -> None:
    assert {NOTICE, APOLOGY, "utter_default"} <= OWN
    assert without(DOMAIN, [*OWN, "utter_inconnue", ""]) is DOMAIN
    assert without(DOMAIN, [*OWN, "utter_prix"]).suspended == {"utter_prix"}


def test_a_model_without_a_notice_says_the_engines_own() -> None:
    responses = {name: body for name, body in RAW["responses"].items() if name != NOTICE}
    domain = without(domain_from_raw(RAW | {"responses": responses}), ["utter_prix"])
    message = respond("utter_prix", domain, Tracker("a", domain.slots), "rest")
    assert message is not None
    assert (message.response, message.text) == (NOTICE, "Cette réponse n’est pas disponible pour le moment.")


def test_a_suspended_answer_is_still_offered_by_its_title() -> None:
    domain, tracker = without(DOMAIN, ["utter_prix"]), Tracker("a", DOMAIN.slots)
    ranking = [{"name": "prix", "confidence": 0.5}]
    tracker.update(ev.UserUttered(text="?", parse_data={"text": "?", "intent": ranking[0], "intent_ranking": ranking}))
    assert ask_affirmation(tracker, domain, "rest").buttons[0]["title"] == "Prix"
