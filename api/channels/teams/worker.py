"""From the inbox to Teams: claim, answer, send, note. Nothing that was acknowledged is lost, whenever a process dies.

| killed after | found at the next start |
|---|---|
| the claim | claimed again: at once by the one process of SQLite, after `LEASE` seconds by others |
| the turn's commit | the stored answer, by the activity's id |
| the answer was noted | it is sent |
| the connector took it | it is sent again: at least once |
| it was noted as sent | nothing to do |
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from microsoft_agents.activity import ConversationReference
from sqlalchemy.engine import Connection

from api import request_ids
from api.channels.teams import outgoing
from api.channels.teams.answering import answer, is_answer
from api.channels.teams.connector import Connector, NotDelivered
from api.channels.teams.reception import CHANNEL, request_id
from bot.agent import Agent
from bot.storage import inbox
from bot.storage.errors import StorageError
from bot.storage.inbox import Received

log = logging.getLogger("bma.teams")

LEASE = 60.0
"""Seconds that a claim holds. A turn and its sending take less, or are given up."""
PATIENCE = 45.0
"""Seconds for one activity; afterwards it is claimed again."""
POLL = 1.0
"""Seconds between two looks into the inbox when nobody wakes us: what was put off, what others left."""
TYPING_AFTER = 1.0
"""Seconds after which a slow turn shows that we are typing."""
LONGEST_PAUSE = 300.0
GIVEN_UP_AFTER = 200
"""Attempts; with pauses of `LONGEST_PAUSE`, most of a day."""
DRAIN = 10.0
"""Seconds for what is being worked on when the server stops."""


class Workers:
    """Works on the inbox until it is closed.

    Args:
        agent: the assistant.
        connector: to Teams.
        count: activities at the same time, at most.
        max_chars: longest message.
    """

    def __init__(self, agent: Agent, connector: Connector, count: int, max_chars: int) -> None:
        self._agent = agent
        self._connector = connector
        self._count = count
        self._max_chars = max_chars
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    async def start(self, *, is_alone: bool) -> None:
        """Begin.

        Args:
            is_alone: whether no other process works on this inbox; what a dead one had claimed is then free.
        """
        if is_alone:
            now = self._agent.clock()
            await self._agent.store.run(lambda connection: inbox.release(connection, CHANNEL, now))
        self._loop = asyncio.create_task(self._run(), name="bma-teams")

    def wake(self) -> None:
        """There is something in the inbox."""
        self._wake.set()

    async def close(self) -> None:
        """Finish what is being worked on; what is not finished in time stays in the inbox."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=DRAIN)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                found = await self._claim()
            except Exception as error:  # whatever it is: a channel that stops looking would be silent for good
                log.error("the inbox cannot be read: %s", error, exc_info=None if isinstance(error, StorageError) else error)
                found = []
            for received in found:
                task = asyncio.create_task(self._work(received))
                self._tasks.add(task)
                task.add_done_callback(self._done)
            if not found:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL)

    async def _claim(self) -> list[Received]:
        free = self._count - len(self._tasks)
        if free < 1:
            return []
        now = self._agent.clock()
        return await self._agent.store.run(lambda connection: inbox.claim(connection, CHANNEL, now, LEASE, free))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()  # the conversation's next activity may be claimed
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an activity waits for its next claim: %s", type(error).__name__, exc_info=error)

    async def _work(self, received: Received) -> None:
        with request_ids.bound(request_id(received, self._agent)):
            await self._work_on(received)

    async def _work_on(self, received: Received) -> None:
        try:
            reference = ConversationReference.model_validate(received.reference)
            async with asyncio.timeout(PATIENCE):
                if received.answer is None:
                    received = await self._answered(received, reference)
                await self._deliver(received, reference)
        except NotDelivered as error:
            await self._undelivered(received, error)
        except (StorageError, TimeoutError) as error:
            log.error("an activity is put off: %s", str(error) or type(error).__name__)
            await self._put_off(received, _pause(received.attempts))
        except Exception as error:  # whatever it is: tried again, more and more seldom, and given up in the end
            log.error("error at an activity: %s", type(error).__name__, exc_info=error)
            await self._undelivered(received, NotDelivered(type(error).__name__, may_pass=True))

    async def _answered(self, received: Received, reference: ConversationReference) -> Received:
        """The row with its answer; Teams shows that we are typing while that takes long."""
        typing = asyncio.create_task(self._type(reference))
        try:
            said = await answer(received, self._agent, self._max_chars)
        finally:
            typing.cancel()
        await self._agent.store.run(partial(inbox.answered, received=received, answer=said))
        return _with_answer(received, said)

    async def _type(self, reference: ConversationReference) -> None:
        await asyncio.sleep(TYPING_AFTER)
        with contextlib.suppress(NotDelivered):
            await self._connector.send(reference.service_url, outgoing.typing(reference))

    async def _deliver(self, received: Received, reference: ConversationReference) -> None:
        """Send what is left of the answer, message by message; each is noted when the connector has it."""
        rest = list(received.answer or ())
        while rest:
            is_last = len(rest) == 1
            activity = outgoing.message(reference, rest[0], with_thumbs=is_last and is_answer(received))
            delivered_id = await self._connector.send(reference.service_url, activity)
            rest = rest[1:]
            await self._note(received, delivered_id, rest)

    async def _note(self, received: Received, delivered_id: str, rest: Sequence[Mapping[str, Any]]) -> None:
        now = self._agent.clock()
        message_id = str(received.activity["message_id"])

        def note(connection: Connection) -> None:
            is_there = inbox.answered(connection, received, rest) if rest else inbox.sent(connection, received)
            if is_there and delivered_id and is_answer(received):  # not there: the conversation was erased meanwhile
                inbox.note_delivery(connection, received, delivered_id, message_id, now)

        await self._agent.store.run(note)

    async def _undelivered(self, received: Received, error: NotDelivered) -> None:
        if error.may_pass and received.attempts < GIVEN_UP_AFTER:
            pause = error.retry_after if error.retry_after is not None else _pause(received.attempts)
            log.warning("an answer was not taken (%s), again in %.1f s", error, pause)
            await self._put_off(received, pause)
            return
        log.error("an answer is given up after %d attempts: %s", received.attempts + 1, error)
        await self._agent.store.run(partial(inbox.sent, received=received))

    async def _put_off(self, received: Received, pause: float) -> None:
        until = self._agent.clock() + pause
        try:
            await self._agent.store.run(partial(inbox.put_off, received=received, until=until))
        except StorageError as error:
            log.error("the inbox cannot be written; the claim runs out by itself: %s", error)


def _with_answer(received: Received, said: Sequence[Mapping[str, Any]]) -> Received:
    return Received(
        received.sender_id,
        received.activity_id,
        received.channel,
        received.activity,
        received.reference,
        said,
        received.attempts,
    )


def _pause(attempts: int) -> float:
    """Seconds to wait after so many attempts: doubling, and not all at the same moment."""
    longest: float = min(LONGEST_PAUSE, 2.0 ** min(attempts, 10))
    return longest * random.uniform(0.75, 1.0)
