"""One turn of conversation, from a received message to a committed answer."""

from __future__ import annotations

import hmac
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot import snapshot, stopwatch, turns
from bot.execution.runner import ActionRunner
from bot.identity import ConversationKey, Secret
from bot.nlu.interpreter import Interpreter
from bot.responses import pieces
from bot.reviewing import ReviewRule
from bot.storage import Store, conversations, erasure
from bot.storage.conversations import Overtaken
from bot.storage.records import Known, Turn, TurnRecord
from bot.tracker import HistoryNeeded, Tracker
from bot.training.archive import Model


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a channel received it."""

    conversation: ConversationKey
    text: str
    trusted: bool = False
    """Whether any `/intent{…}` payload is honoured, not only the listed ones."""
    message_id: str | None = None
    """The sender's own id of the message, at most 64 characters; when it comes again it gets the stored answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be said: Rasa's message objects (`text`, `buttons`, … and `metadata.utter_action`)."""

    messages: list[dict[str, Any]]
    repeated: bool = False
    """Whether this is the stored answer to a message id that came again."""


class MessageIdReused(Exception):
    """A message id came again with another text."""


class Agent:
    """The assistant: a model that talks, and a store that remembers.

    Args:
        model: the trained model.
        store: where turns are stored before they are answered.
        actions: who runs custom actions.
        secret: key of the hashes.
        clock: time in seconds since 1970.
    """

    def __init__(
        self, model: Model, store: Store, actions: ActionRunner, secret: Secret, clock: Callable[[], float] = time.time
    ) -> None:
        self.store = store
        self.secret = secret
        self.clock = clock
        self.actions = actions
        self.suspended: frozenset[str] = frozenset()
        """Names of the responses that are suspended, whether the model has them or not."""
        self.use(model)

    def use(self, model: Model) -> None:
        """Talk with this model from the next message on."""
        self.model = model
        self.interpreter: Interpreter = model.interpreter
        self._reviewing = ReviewRule.of(model.interpreter.specs)
        self._engine = turns.engine_of(model, self.actions, self.clock, self.suspended)

    def suspend(self, responses: frozenset[str]) -> None:
        """Say a notice in place of exactly these responses from the next message on, whatever model talks."""
        if responses != self.suspended:
            self.suspended = responses
            self._engine = turns.engine_of(self.model, self.actions, self.clock, responses)

    async def handle(self, message: Message) -> Reply:
        """Answer a message; the turn is stored when this returns.

        Raises:
            MessageIdReused: the message's id was used for another text.
            StorageError: the turn could not be stored; nothing was said.
        """
        arrived = time.perf_counter()
        read = self.read(message.text, message.trusted)
        text = read if isinstance(read, str) else read["text"]
        key = str(message.conversation)
        question = self.secret.hash("message", text)
        async with self.store.turn(key) as turn:
            stopwatch.begin("read")
            known = await turn.known(message.message_id)
            if known.answered is not None:
                if not hmac.compare_digest(known.answered.question, question):
                    raise MessageIdReused(str(message.message_id))
                return Reply(known.answered.answer, repeated=True)
            try:
                record = await self._stored(turn, known, message, read, question, arrived)
            except Overtaken:
                if not known.is_remembered:
                    raise
                stopwatch.begin("read")
                known = await turn.known(message.message_id)  # a command of the operator's has erased some of it
                record = await self._stored(turn, known, message, read, question, arrived)
        return Reply([dict(item) for item in record.answer])

    async def _stored(
        self, turn: Turn, known: Known, message: Message, read: str | dict[str, Any], question: str, arrived: float
    ) -> TurnRecord:
        """Play the turn and store it; what was stored."""
        key = str(message.conversation)
        try:
            record = await self._play(self._restored(key, known), known, message, read, question)
        except HistoryNeeded:
            record = await self._play(await self._whole(key, known, turn), known, message, read, question)
        stopwatch.begin("commit")
        record = replace(record, milliseconds=1000 * (time.perf_counter() - arrived))
        await turn.commit(record)
        return record

    def _restored(self, key: str, known: Known) -> Tracker:
        """The conversation as the next turn needs it."""
        if snapshot.is_usable(known.snapshot):
            assert known.snapshot is not None
            return snapshot.restore(key, self.model.domain.slots, known.snapshot, known.events)
        tracker = Tracker(key, self.model.domain.slots, known.events)
        tracker.last_position = known.last_position
        return tracker

    async def _whole(self, key: str, known: Known, turn: Turn) -> Tracker:
        """The conversation with all events of its session."""
        tracker = Tracker(key, self.model.domain.slots, await turn.session())
        tracker.last_position = known.last_position
        return tracker

    async def _play(
        self, tracker: Tracker, known: Known, message: Message, read: str | dict[str, Any], question: str
    ) -> TurnRecord:
        """Play the turn; what is to be stored of it."""
        stopwatch.begin("nlu")
        parsed = self.interpreter.parse(read, turns.context_of(self._engine, tracker)) if isinstance(read, str) else read
        message_id = message.message_id or uuid.uuid4().hex
        user = turns.utterance(parsed, message.conversation.channel, message_id)
        stopwatch.begin("dialogue")
        said = pieces(await self._engine.answer(tracker, user, message.conversation.channel))
        start = conversations.session_start(tracker.events, known.session_start)
        return TurnRecord(
            sender_id=tracker.sender_id,
            known=known.last_position,
            events=[event for event in tracker.events if event.position > known.last_position],
            session_start=start,
            snapshot=snapshot.take(tracker, start, self._engine.depth),
            at=self.clock(),
            message_id=message_id,
            question=question,
            answer=said,
            text=user.text or "",
            intent=user.intent,
            confidence=(parsed.get("intent") or {}).get("confidence"),
            review=self._reviewing.kind(parsed) if isinstance(read, str) else None,
        )

    async def tracker(self, conversation: ConversationKey) -> Tracker | None:
        """The whole conversation, or None when there is none."""
        key = str(conversation)
        events = await self.store.run(lambda connection: conversations.session(connection, key, 0))
        return Tracker(key, self.model.domain.slots, events) if events else None

    async def export(self, conversation: ConversationKey, actor: str) -> dict[str, list[dict[str, Any]]]:
        """All that is stored of a conversation, table by table; empty when there is nothing.

        Args:
            conversation: whose.
            actor: who asks for it, for the audit.
        """
        key, now = str(conversation), self.clock()
        return await self.store.run(lambda connection: erasure.export(connection, key, actor, now))

    async def erase(self, conversation: ConversationKey, actor: str) -> bool:
        """Forget a conversation and all that came of it; tells whether there was anything.

        Args:
            conversation: whose.
            actor: who asks for it, for the audit.
        """
        key, now = str(conversation), self.clock()
        async with self.store.turn(key):
            found = await self.store.run(lambda connection: erasure.erase(connection, key, actor, now))
        await self.store.forget_deleted()  # also when there is nothing: an earlier try may have failed here
        return found

    def read(self, received: str, trusted: bool) -> str | dict[str, Any]:
        """Clean and mask a text.

        Args:
            received: what the channel received.
            trusted: whether any payload is honoured, not only the listed ones.

        Returns:
            The masked text, the only one that later parts see; or, of a payload that may be honoured, its parse result.
        """
        return turns.read(self.model, received, trusted)

    def masked(self, received: str) -> str:
        """A text that is no message, such as a comment, cleaned and masked."""
        return turns.masked(received)

    def understand(self, received: str, trusted: bool) -> dict[str, Any]:
        """Clean, mask and understand a text outside any conversation.

        Args:
            received: what the channel received.
            trusted: whether any payload is honoured, not only the listed ones.

        Returns:
            Rasa's parse result; its `text` is the masked one.
        """
        read = self.read(received, trusted)
        return self.interpreter.parse(read) if isinstance(read, str) else read
