"""Thumbs: what a user says of an answer goes into the feedback table."""

from __future__ import annotations

from microsoft_agents.activity import Activity
from sqlalchemy.engine import Connection

from api.channels.teams.activities import Vote
from api.channels.teams.reception import conversation_of
from bot.agent import Agent
from bot.storage import feedback, inbox
from bot.storage.feedback import MAX_REASON, Feedback

READ = 10 * MAX_REASON
"""Characters of a comment that are read: Teams sends what users wrote, however long."""


async def note_vote(activity: Activity, vote: Vote, agent: Agent) -> bool:
    """Store a vote; False when it is about no answer that this user got.

    Args:
        activity: from a verified request; says who votes.
        vote: what he says.
        agent: has the store.

    Raises:
        StorageError: it could not be stored.
    """
    sender_id, now = str(conversation_of(activity, agent)), agent.clock()
    reason = agent.masked(vote.reason[:READ])[:MAX_REASON] if vote.reason else None

    def note(connection: Connection) -> bool:
        message_id = inbox.delivered(connection, sender_id, vote.answer_id)
        if message_id is None:
            return False
        return feedback.give(connection, Feedback(sender_id, message_id, vote.helpful, reason, now))

    return await agent.store.run(note)
