"""What the latest turns left behind, so that the next ones of the same conversations need not read and decode it again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.events import UserUttered
from bot.snapshot import needed
from bot.storage.records import Known, TurnRecord

MOST = 200
"""Conversations that are remembered: 40 kB of five messages, 80 kB of long ones."""
MOST_CHARACTERS = 2_000
"""What users wrote in one, as far as its events are kept: a character may cost 70 bytes, ten texts of 5,000 would cost 3 MB."""
MOST_IDS = 300
"""Message ids that are kept of one, at most."""
LONGEST = 1800.0
"""Seconds that one is remembered after its latest turn, at most."""


@dataclass(frozen=True, slots=True)
class Recent:
    """A conversation as a turn found it or left it."""

    known: Known
    written: float = 0.0
    """When: with its positions, what tells this state from any other one of the conversation."""
    message_ids: set[str] | None = None
    """Ids of all messages that were ever answered; None when some may not be known here."""

    @classmethod
    def read(cls, known: Known) -> Recent:
        """A conversation that was read from the database."""
        return cls(known, message_ids=None if known.last_position else set())

    def may_have_answered(self, message_id: str | None) -> bool:
        """Whether the database must be asked for an answer to a message."""
        return message_id is not None and (self.message_ids is None or message_id in self.message_ids)


@dataclass(slots=True)
class RecentConversations:
    """Remembers the conversations that were written last. All of it is stored: nothing is lost when it is forgotten."""

    most: int = MOST
    _kept: OrderedDict[str, Recent] = field(default_factory=OrderedDict)

    def take(self, sender_id: str) -> Recent | None:
        """What is remembered of a conversation; until a turn of it is stored, it is not remembered any more."""
        return self._kept.pop(sender_id, None)

    def put(self, before: Recent, record: TurnRecord) -> None:
        """Remember what a turn has stored.

        Args:
            before: the conversation as the turn found it.
            record: what it stored.
        """
        after = _after(before, record)
        if after is not None:
            self._kept[record.sender_id] = after
        while self._kept and (len(self._kept) > self.most or self._oldest.written < record.at - LONGEST):
            self._kept.popitem(last=False)

    @property
    def _oldest(self) -> Recent:
        return next(iter(self._kept.values()))

    def clear(self) -> None:
        """Remember nothing."""
        self._kept.clear()


def _after(before: Recent, record: TurnRecord) -> Recent | None:
    """The conversation after a turn; None when it is too long, has no snapshot, or the turn had to read more than it found."""
    if record.snapshot is None:
        return None
    wanted = needed(record.snapshot, record.session_start)
    also = frozenset(wanted.also)
    every = (*before.known.events, *record.events)
    events = [event for event in every if event.position >= wanted.since or event.position in also]
    if events and len(events) != len(also) + events[-1].position - wanted.since + 1:
        return None
    if sum(len(event.text or "") for event in events if isinstance(event, UserUttered)) > MOST_CHARACTERS:
        return None
    known = Known(None, record.known + len(record.events), record.session_start, record.snapshot, events, is_remembered=True)
    ids = before.message_ids
    if ids is not None:
        ids.add(record.message_id)
    return Recent(known, record.at, ids if ids is None or len(ids) <= MOST_IDS else None)
