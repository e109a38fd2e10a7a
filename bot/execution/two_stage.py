"""Two-stage fallback: ask which intent is meant, then to rephrase, then give up.

Rasa 3.6, `rasa/core/actions/two_stage_fallback.py`; traces in rasa-compat section 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot import events as ev
from bot.execution.affirmation import ACTION_DEFAULT_ASK_AFFIRMATION, OUT_OF_SCOPE
from bot.execution.outcome import Item, Perform
from bot.nlu.fallback_classifier import NLU_FALLBACK
from bot.tracker import ACTION_LISTEN, Tracker


class TwoStageFallback:
    """The loop `action_two_stage_fallback`.

    Args:
        perform: runs the default actions that ask and give up, or the custom ones that replace them.
    """

    name = "action_two_stage_fallback"

    def __init__(self, perform: Perform) -> None:
        self._perform = perform

    async def activate(self, tracker: Tracker) -> list[Item]:
        """Nothing more than the start of the loop."""
        return []

    async def do(self, tracker: Tracker, so_far: list[Item]) -> list[Item]:
        """Ask which intent is meant at the start and after a doubt; otherwise ask to rephrase."""
        starts = any(isinstance(item, ev.ActiveLoop) for item in so_far)
        asks = (
            ACTION_DEFAULT_ASK_AFFIRMATION if starts or tracker.latest_intent == NLU_FALLBACK else "action_default_ask_rephrase"
        )
        return list((await self._perform(asks, tracker)).items)

    def is_done(self, tracker: Tracker, so_far: list[Item]) -> bool:
        """Whether the user has made it clear, or has failed to twice."""
        return tracker.latest_intent not in (NLU_FALLBACK, OUT_OF_SCOPE) or _failed(tracker)

    async def deactivate(self, tracker: Tracker, so_far: list[Item]) -> list[Item]:
        """Give up, or forget the detour and take the message as if it had been clear at once."""
        if _failed(tracker):
            return list((await self._perform("action_default_fallback", tracker)).items)
        return [ev.UserUtteranceReverted(), ev.ActionExecuted(name=ACTION_LISTEN), _certain(tracker)]


def _failed(tracker: Tracker) -> bool:
    """Two doubts in a row, or a doubt between two refusals."""
    doubts, refusals = [NLU_FALLBACK] * 2, [OUT_OF_SCOPE, NLU_FALLBACK, OUT_OF_SCOPE]
    return _latest_intents(tracker, 2) == doubts or _latest_intents(tracker, 3) == refusals


def _latest_intents(tracker: Tracker, number: int) -> list[str | None]:
    """Intents of the session's last messages or rewinds, latest first; a rewind counts, but has none and is left out."""
    found: list[str | None] = []
    seen = 0
    for event in reversed(tracker.events):
        if isinstance(event, ev.Restarted | ev.SessionStarted) or seen == number:
            break
        if isinstance(event, ev.UserUttered | ev.UserUtteranceReverted):
            seen += 1
        if isinstance(event, ev.UserUttered):
            found.append(event.intent)
    return found


def _certain(tracker: Tracker) -> ev.UserUttered:
    """The latest message again, its intent certain."""
    message = tracker.latest_message
    assert message is not None
    intent: Mapping[str, Any] = message.parse_data.get("intent") or {}
    return ev.UserUttered(
        text=message.text,
        parse_data={**message.parse_data, "intent": {**intent, "confidence": 1.0}},
        input_channel=message.input_channel,
        message_id=message.message_id,
        metadata=message.metadata,
    )
