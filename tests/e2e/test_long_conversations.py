"""Long conversations: what a turn reads stays small, and what it needs of the past is there."""

import json
from pathlib import Path

import pytest

from bot import snapshot
from bot.storage.records import Known
from tests.conversing import Conversation, answers, assistant
from tests.e2e.test_random_conversations import check_snapshot

pytestmark = pytest.mark.slow


async def known(conversation: Conversation) -> Known:
    async with conversation.agent.store.turn(str(conversation.key)) as turn:
        return await turn.known(None)


async def check(conversation: Conversation) -> None:
    whole = await conversation.agent.tracker(conversation.key)
    assert whole is not None
    await check_snapshot(conversation, whole)


async def test_taken_back_beyond_what_a_turn_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with assistant(tmp_path) as (agent, clock):
        conversation = Conversation(agent, agent.secret.conversation("rest", "somebody"), clock)
        replays = 0
        whole = agent._whole

        async def counted(*arguments: object) -> object:
            nonlocal replays
            replays += 1
            return await whole(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(agent, "_whole", counted)
        await conversation.say("/mot_de_passe_hors_mode")
        for _ in range(40):
            await conversation.say("/capacite")
        for _ in range(41):
            await conversation.say("/back", trusted=True)
            await check(conversation)
        assert replays
        tracker = await agent.tracker(conversation.key)
        assert tracker is not None
        assert tracker.slots["connu_mode"] is None
        assert answers(await conversation.say("/mot_de_passe")) == ["ask_connu_mode"]


async def test_a_form_that_is_never_answered_leaves_a_small_state(tmp_path: Path) -> None:
    async with assistant(tmp_path) as (agent, clock):
        conversation = Conversation(agent, agent.secret.conversation("rest", "somebody"), clock)
        await conversation.say("/preparer_demande")
        sizes = []
        for _ in range(120):
            await conversation.say("oui")
            found = await known(conversation)
            sizes.append((len(json.dumps(found.snapshot)), len(found.events)))
        await check(conversation)
        assert max(sizes[60:]) <= (4_000, 200)
        assert sum(event.type_name == "user" for event in found.events) <= snapshot.RECENT_MESSAGES + 5


async def test_a_snapshot_of_another_format_is_made_again(tmp_path: Path) -> None:
    async with assistant(tmp_path) as (agent, clock):
        conversation = Conversation(agent, agent.secret.conversation("rest", "somebody"), clock)
        await conversation.say("/mot_de_passe_hors_mode")
        for value in ("NULL", "'{\"format\": 0}'"):
            await agent.store.run(
                lambda connection, value=value: connection.exec_driver_sql(f"UPDATE conversations SET snapshot = {value}")
            )
            assert answers(await conversation.say("/mot_de_passe")) == ["mot_de_passe_hors_mode"]
            await check(conversation)


async def test_events_that_retention_took_are_missed_by_nobody(tmp_path: Path) -> None:
    async with assistant(tmp_path) as (agent, clock):
        conversation = Conversation(agent, agent.secret.conversation("rest", "somebody"), clock)
        for _ in range(20):
            await conversation.say("/capacite")
        await agent.store.run(lambda connection: connection.exec_driver_sql("DELETE FROM events WHERE position < 100"))
        assert answers(await conversation.say("/redirection")) == ["redirection"]
