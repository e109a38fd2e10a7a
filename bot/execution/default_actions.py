"""Actions that every project has (Rasa 3.6, `rasa/core/actions/action.py`).

Each tells what it did; the engine records it. All may be replaced by a custom action of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bot import events as ev
from bot.events import Event
from bot.execution.affirmation import ask_affirmation
from bot.execution.outcome import Outcome
from bot.project.model import Domain
from bot.responses import respond
from bot.tracker import ACTION_LISTEN, ACTION_SESSION_START, Tracker

DefaultAction = Callable[[Tracker, Domain, str], Outcome]
"""Tracker, domain and output channel to an outcome."""


def _says(name: str, tracker: Tracker, domain: Domain, channel: str, *events: Event) -> Outcome:
    message = respond(name, domain, tracker, channel)
    return Outcome((message, *events) if message else events)


def listen(tracker: Tracker, domain: Domain, channel: str) -> Outcome:
    """action_listen: wait for the user."""
    return Outcome()


def session_start(tracker: Tracker, domain: Domain, channel: str) -> Outcome:
    """action_session_start: a new session, slots carried over when the domain says so."""
    carried: tuple[Event, ...] = ()
    if domain.session.carry_over_slots:
        carried = tuple(
            ev.SlotSet(name=name, value=value)
            for name, value in tracker.slots.items()
            if value != domain.slots[name].initial_value
        )
    return Outcome((ev.SessionStarted(), *carried, ev.ActionExecuted(name=ACTION_LISTEN)))


def restart(tracker: Tracker, domain: Domain, channel: str) -> Outcome:
    """action_restart: forget everything."""
    return _says("utter_restart", tracker, domain, channel, ev.Restarted())


def back(tracker: Tracker, domain: Domain, channel: str) -> Outcome:
    """action_back: forget this message and the one before it; a form that is active again asks again."""
    forgets = (ev.UserUtteranceReverted(), ev.UserUtteranceReverted())
    return _says("utter_back", tracker, domain, channel, *forgets, *_asks_again(tracker, domain, forgets))


def default_fallback(tracker: Tracker, domain: Domain, channel: str) -> Outcome:
    """action_default_fallback: say that it was not understood and forget the message.

    An active form then asks its question again, where Rasa leaves the user without one.
    """
    forgets = (ev.UserUtteranceReverted(),)
    return _says("utter_default", tracker, domain, channel, *forgets, *_asks_again(tracker, domain, forgets))


def _asks_again(tracker: Tracker, domain: Domain, after: Iterable[Event]) -> tuple[Event, ...]:
    """What makes the form that is active after these events ask its question; nothing when there is none."""
    draft = tracker.copy()
    for event in after:
        draft.update(event)
    loop = draft.active_loop
    return (ev.FollowupAction(name=loop.name),) if loop and loop.name in domain.forms else ()


def deactivate_loop(tracker: Tracker, domain: Domain, channel: str) -> Outcome:
    """action_deactivate_loop: leave the active form."""
    return Outcome((ev.ActiveLoop(name=None), ev.SlotSet(name="requested_slot", value=None)))


def revert_fallback_events(tracker: Tracker, domain: Domain, channel: str) -> Outcome:
    """action_revert_fallback_events: forget the message that was not understood."""
    return Outcome((ev.UserUtteranceReverted(),))


def default_ask_affirmation(tracker: Tracker, domain: Domain, channel: str) -> Outcome:
    """action_default_ask_affirmation: ask which of the likeliest intents is meant."""
    return Outcome((ask_affirmation(tracker, domain, channel),))


def default_ask_rephrase(tracker: Tracker, domain: Domain, channel: str) -> Outcome:
    """action_default_ask_rephrase: ask to say it in other words."""
    return _says("utter_ask_rephrase", tracker, domain, channel)


DEFAULT_ACTIONS: Mapping[str, DefaultAction] = {
    ACTION_LISTEN: listen,
    ACTION_SESSION_START: session_start,
    "action_restart": restart,
    "action_back": back,
    "action_default_fallback": default_fallback,
    "action_deactivate_loop": deactivate_loop,
    "action_revert_fallback_events": revert_fallback_events,
    "action_default_ask_affirmation": default_ask_affirmation,
    "action_default_ask_rephrase": default_ask_rephrase,
    "action_unlikely_intent": listen,
}
"""Rasa's default actions that are no loops; `bot.execution.performer` knows the loops."""
