"""Random conversations: whatever is typed, clicked, repeated or sent twice at once, the assistant keeps its word.

`make property` plays 2,000 steps; `make test` plays BMA_PROPERTY_STEPS of them, 300 by default.
"""

import asyncio
import os
import uuid
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot import events as ev
from bot import snapshot
from bot.dialogue.states import states_of
from bot.storage import conversations
from bot.storage.sqlite import SqliteStore
from bot.tracker import Tracker
from tests.conversing import Conversation, assistant
from tests.project import project

pytestmark = pytest.mark.slow
STEPS = int(os.environ.get("BMA_PROPERTY_STEPS", "300"))
LENGTH = 20
"""Steps of one conversation."""
EXAMPLES = sorted({example.text for example in project().nlu.examples})
INTENTS = sorted(set(project().domain.intents) - {"session_start"})


@dataclass(frozen=True)
class Step:
    """What the user does: types a text, clicks the nth button seen, sends the same message twice at once, waits."""

    kind: str
    text: str = ""
    number: int = 0


typed = st.one_of(
    st.sampled_from(EXAMPLES),
    st.sampled_from(EXAMPLES),
    st.builds(lambda first, second: f"{first} {second}", st.sampled_from(EXAMPLES), st.sampled_from(EXAMPLES)),
    st.text(min_size=1, max_size=60),
    st.from_regex(r"(ec|po)?[0-9]{1,8}(@adm\.cfwb\.be)?", fullmatch=True),
)
steps = st.one_of(
    st.builds(Step, st.just("type"), typed),
    st.builds(Step, st.just("type"), typed),
    st.builds(Step, st.just("click"), number=st.integers(0, 30)),
    st.builds(Step, st.just("intent"), st.sampled_from(INTENTS)),
    st.builds(Step, st.just("twice"), typed),
    st.builds(Step, st.just("together"), typed),
    st.just(Step("restart")),
    st.builds(Step, st.just("wait"), typed),
)


async def play(conversation: Conversation, step: Step) -> list[list[dict[str, Any]]]:
    """Do a step; all replies to it."""
    match step.kind:
        case "click":
            payloads = [item["payload"] for item in conversation.buttons() if item["payload"].startswith("/")]
            return [await conversation.say(payloads[step.number % len(payloads)] if payloads else "bonjour")]
        case "intent":
            return [await conversation.say(f"/{step.text}", trusted=True)]
        case "restart":
            return [await conversation.say("/restart", trusted=True)]
        case "wait":
            conversation.clock.now += 61 * 60
            return [await conversation.say(step.text)]
        case "twice":
            message_id = uuid.uuid4().hex
            replies = await asyncio.gather(*(conversation.say(step.text, message_id=message_id) for _ in range(3)))
            assert replies[0] == replies[1] == replies[2]
            return [replies[0]]
        case "together":
            return list(await asyncio.gather(conversation.say(step.text), conversation.say("merci")))
        case _:
            return [await conversation.say(step.text)]


def check_reply(reply: list[dict[str, Any]]) -> None:
    assert reply, "an empty answer"
    for item in reply:
        assert item["metadata"]["utter_action"].startswith("utter_")
        assert item.get("text", "").strip()
        assert "{" not in item["text"], "a placeholder that was not filled"


async def check_state(conversation: Conversation, last: list[dict[str, Any]]) -> None:
    tracker = await conversation.agent.tracker(conversation.key)
    assert tracker is not None
    asked = [item["metadata"]["utter_action"] for item in last if item["metadata"]["utter_action"].startswith("utter_ask_")]
    assert tracker.active_loop or not asked, f"{asked} asked by nobody"
    if tracker.active_loop:
        slot = tracker.slots["requested_slot"]
        assert slot, f"{tracker.active_loop.name} is active and asks nothing"
        assert f"utter_ask_{slot}" in [item["metadata"]["utter_action"] for item in last], "a form without its question"
    else:
        assert tracker.slots["requested_slot"] is None
    assert tracker.latest_action_name == "action_listen"
    again = Tracker(tracker.sender_id, conversation.agent.model.domain.slots, tracker.events)
    assert again.to_json() == tracker.to_json()
    session = Tracker(tracker.sender_id, conversation.agent.model.domain.slots, tracker.events_of_session())
    assert (session.slots, session.active_loop) == (tracker.slots, tracker.active_loop)
    await check_snapshot(conversation, tracker)


async def check_snapshot(conversation: Conversation, whole: Tracker) -> None:
    """What the next turn begins with says the same as all events do."""
    key, domain = str(conversation.key), conversation.agent.model.domain
    store = conversation.agent.store
    known = await store.run(lambda connection: conversations.read(connection, key, None))
    assert known.snapshot is not None
    assert isinstance(store, SqliteStore)
    if (remembered := store.recent.take(key)) is not None:
        assert replace(remembered.known, is_remembered=False) == known
        if whole.last_position % 2:  # every other time, the next turn reads
            store.recent._kept[key] = remembered
    restored = snapshot.restore(key, domain.slots, known.snapshot, known.events)
    assert restored.state() == whole.state()
    assert restored.to_json("NONE") == whole.to_json("NONE")
    assert (restored.loop_names, restored.last_position) == (whole.loop_names, whole.last_position)
    assert restored.events == whole.events[-len(restored.events) :]
    assert sum(isinstance(event, ev.UserUttered) for event in restored.events) <= snapshot.RECENT_MESSAGES
    states = states_of(restored.applied, domain, base=restored.base)
    assert states == states_of(whole.applied, domain)[-len(states) :]


def check_no_echo(before: list[dict[str, Any]] | None, now: list[dict[str, Any]]) -> None:
    texts = [item["text"] for item in now]
    assert len(set(texts)) == len(texts), "the same text twice in one answer"
    repeated = {item["text"] for item in before or ()} & set(texts)
    assert not repeated, f"said twice in a row: {repeated}"


@given(st.lists(steps, min_size=LENGTH, max_size=LENGTH))
@settings(
    max_examples=max(1, STEPS // LENGTH),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    derandomize=os.environ.get("CI") == "true",
)
def test_random_conversations(tmp_path_factory: pytest.TempPathFactory, plan: list[Step]) -> None:
    async def all_steps() -> None:
        async with assistant(tmp_path_factory.mktemp("random")) as (agent, clock):
            conversation = Conversation(agent, agent.secret.conversation("rest", "somebody"), clock)
            before: list[dict[str, Any]] | None = None
            for step in plan:
                for reply in await play(conversation, step):
                    check_reply(reply)
                    last = reply
                if step.kind != "together":
                    check_no_echo(before, last)
                await check_state(conversation, last)
                before = last if step.kind != "together" else None

    asyncio.run(all_steps())
