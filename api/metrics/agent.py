"""The assistant, whose turns are counted and timed."""

from __future__ import annotations

import time
from typing import Any

from api.metrics.definitions import Metrics
from bot import stopwatch
from bot.agent import Agent, Message, MessageIdReused, Reply
from bot.execution.runner import ActionRunner
from bot.identity import Secret
from bot.masking.canvas import count_placeholders
from bot.stopwatch import Stopwatch
from bot.storage import Store
from bot.storage.outcomes import Outcome, Outcomes
from bot.training.archive import Model


class MeasuredAgent(Agent):
    """An agent that notes each turn.

    Args:
        model: the trained model.
        store: where turns are stored.
        actions: who runs custom actions.
        secret: key of the hashes.
        metrics: where turns are noted.
        outcomes: which response counts as what.
    """

    def __init__(
        self, model: Model, store: Store, actions: ActionRunner, secret: Secret, metrics: Metrics, outcomes: Outcomes
    ) -> None:
        self._metrics = metrics
        self._outcomes = outcomes
        super().__init__(model, store, actions, secret)

    def use(self, model: Model) -> None:
        """Talk with this model from the next message on."""
        if hasattr(self, "model"):
            self._metrics.model.labels(self.model.info.model_id).set(0)
        super().use(model)
        self._metrics.model.labels(model.info.model_id).set(1)

    async def handle(self, message: Message) -> Reply:
        """Answer a message; see `Agent.handle`. A stored answer that is given again is no turn."""
        arrived = time.perf_counter()
        channel, metrics = message.conversation.channel, self._metrics
        try:
            with Stopwatch() as watch:
                reply = await super().handle(message)
        except MessageIdReused:
            raise
        except Exception:
            metrics.note_turn(channel, Outcome.FAILED, time.perf_counter() - arrived, watch.seconds)
            raise
        if not reply.repeated:
            outcome = self._outcomes.of(_first_response(reply))
            metrics.note_turn(channel, outcome, time.perf_counter() - arrived, watch.seconds)
        return reply

    def read(self, received: str, trusted: bool) -> str | dict[str, Any]:
        """Clean and mask a text; see `Agent.read`. Secrets are counted in turns only: Teams reads a text twice."""
        read = super().read(received, trusted)
        if isinstance(read, str) and "[" in read and stopwatch.running():
            self._metrics.note_masked(count_placeholders(read))
        return read


def _first_response(reply: Reply) -> str:
    named = (item.get("metadata", {}).get("utter_action") for item in reply.messages)
    return next((str(name) for name in named if name), "")
