"""Forms: loops that ask for slots until all are filled (Rasa 3.6, `rasa/core/actions/forms.py`).

The events of each run are Rasa's, in Rasa's order (rasa-compat section 10): tests/parity compares them with a real one.
"""

from __future__ import annotations

from bot import events as ev
from bot.events import Event
from bot.execution.outcome import Item, Perform, events_of
from bot.execution.runner import ActionRejected
from bot.execution.slot_filling import extract_slots
from bot.project.model import Domain, Form
from bot.tracker import ACTION_LISTEN, Tracker

REQUESTED_SLOT = "requested_slot"


class FormLoop:
    """One run of a form.

    Args:
        form: the form.
        domain: its slots, responses and actions.
        perform: runs the actions that validate and ask.
    """

    def __init__(self, form: Form, domain: Domain, perform: Perform) -> None:
        self.name = form.name
        self._required = form.required_slots
        self._domain = domain
        self._perform = perform
        self._validation = f"validate_{form.name}" if f"validate_{form.name}" in domain.actions else None

    async def activate(self, tracker: Tracker) -> list[Item]:
        """Take what the message that starts the form, or the conversation before it, has already said."""
        draft = tracker.copy()
        draft.update(ev.ActiveLoop(name=self.name))
        extracted = [item for item in await extract_slots(draft, self._domain, self._perform) if isinstance(item, ev.SlotSet)]
        for event in extracted:
            draft.update(event)
        if self._validation is None:
            return [*extracted]
        filled: list[Event] = [
            ev.SlotSet(name=slot, value=draft.slots[slot]) for slot in self._required if draft.slots.get(slot) is not None
        ]
        validated = await self._validated(draft, filled)
        names = {item.name for item in validated if isinstance(item, ev.SlotSet)}
        return [*validated, *(event for event in extracted if event.name not in names)]

    async def do(self, tracker: Tracker, so_far: list[Item]) -> list[Item]:
        """Take the answer, unless that was done at activation, and ask the next question."""
        items: list[Item] = []
        if not any(not isinstance(item, ev.ActiveLoop) for item in so_far):
            items = await self._take_answer(tracker)
        if not _rejected_by_hand(items):
            items += await self._request_next_slot(tracker, [*so_far, *items])
        return items

    def is_done(self, tracker: Tracker, so_far: list[Item]) -> bool:
        """Whether nothing is requested any more, or validation has ended the loop."""
        if _rejected_by_hand(so_far):
            return False
        requested = [item for item in so_far if isinstance(item, ev.SlotSet) and item.name == REQUESTED_SLOT]
        loops = [item for item in so_far if isinstance(item, ev.ActiveLoop)]
        return bool((requested and requested[-1].value is None) or (loops and loops[-1].name is None))

    async def deactivate(self, tracker: Tracker, so_far: list[Item]) -> list[Item]:
        """Nothing more than the end of the loop."""
        return []

    async def _take_answer(self, tracker: Tracker) -> list[Item]:
        loop = tracker.active_loop
        answered = loop is None or (tracker.latest_action_name == ACTION_LISTEN and not loop.is_interrupted)
        if not answered:
            return await self._validated(tracker, [])
        requested = self._requested(tracker)
        wanted = {*self._required, *([requested] if requested else [])}
        said: dict[str, Event] = {event.name: event for event in _slots_since_user(tracker) if event.name in wanted}
        items = await self._validated(tracker, list(said.values()))
        some_validated = any(isinstance(item, ev.SlotSet) and item.name != REQUESTED_SLOT for item in items)
        if requested and not said and not some_validated and not _rejected_by_hand(items):
            raise ActionRejected(self.name)
        return items

    async def _validated(self, tracker: Tracker, candidates: list[Event]) -> list[Item]:
        """What the form's validation action makes of new values; nothing when the domain has none."""
        if self._validation is None:
            return []
        outcome = await self._perform(self._validation, self._draft(tracker, candidates))
        return list(outcome.items)

    async def _request_next_slot(self, tracker: Tracker, so_far: list[Item]) -> list[Item]:
        if self.is_done(tracker, so_far):
            return [ev.SlotSet(name=REQUESTED_SLOT)]
        draft = self._draft(tracker, events_of(so_far))
        slot = next((item.value for item in so_far if isinstance(item, ev.SlotSet) and item.name == REQUESTED_SLOT), None)
        items: list[Item] = []
        if not slot:
            slot = next((name for name in self._required if draft.slots.get(name) is None), None)
            items.append(ev.SlotSet(name=REQUESTED_SLOT, value=slot))
        if slot and (question := self._question(str(slot))):
            items += (await self._perform(question, draft)).items
        return items

    def _question(self, slot: str) -> str | None:
        """Who asks for a slot: the form's own action or response first."""
        for asked in (f"ask_{self.name}_{slot}", f"ask_{slot}"):
            for name in (f"action_{asked}", f"utter_{asked}"):
                if name in self._domain.actions or name in self._domain.responses:
                    return name
        return None

    def _requested(self, tracker: Tracker) -> str | None:
        loop = tracker.active_loop
        return tracker.slots.get(REQUESTED_SLOT) if loop and loop.name == self.name else None

    def _draft(self, tracker: Tracker, events: list[Event] | tuple[Event, ...]) -> Tracker:
        """The tracker as actions of the form see it: new values stand after a run of the form."""
        draft = tracker.copy()
        for event in (
            ev.SlotSet(name=REQUESTED_SLOT, value=self._requested(tracker)),
            ev.ActionExecuted(name=self.name),
            *events,
        ):
            draft.update(event)
        return draft


def _slots_since_user(tracker: Tracker) -> list[ev.SlotSet]:
    found: list[ev.SlotSet] = []
    for event in reversed(tracker.events):
        if isinstance(event, ev.UserUttered | ev.Restarted):
            break
        if isinstance(event, ev.SlotSet):
            found.append(event)
    return found[::-1]


def _rejected_by_hand(items: list[Item]) -> bool:
    return any(isinstance(item, ev.ActionExecutionRejected) for item in items)
