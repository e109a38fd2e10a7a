"""Which answers can be switched off at once, and switching them off and on again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection

from bot.agent import Agent
from bot.execution.suspension import OWN
from bot.project.model import Domain, ResponseVariation
from bot.responses import title_of
from bot.storage import suspensions
from bot.storage.outcomes import Outcome, Outcomes, OutcomesError, present_outcomes
from bot.storage.suspensions import Switch

HISTORY = 30
"""Switchings that are shown."""


class NotSwitched(Exception):
    """A response that stays as it is; the argument is a key of the console's texts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and whether it is said."""

    name: str
    title: str
    """What a button that offers it says; empty when none does."""
    texts: tuple[str, ...]
    """Its wordings; none of a response that the model does not have."""
    suspended: Switch | None
    """Who has switched it off, when and why; None: it is said."""

    @property
    def is_present(self) -> bool:
        """Whether the model has it."""
        return bool(self.texts)


class Switchboard:
    """Switches answers of one process off and on.

    Args:
        table: the project's file that says which response counts as what.
    """

    def __init__(self, table: Path) -> None:
        self._table = table
        self._one = asyncio.Lock()
        """Two switchings of this process are noted in the order in which they are stored."""

    async def switch(self, agent: Agent, switch: Switch) -> None:
        """Switch a response off or on; this process does so when this returns, the others at their next look.

        Args:
            agent: of this process.
            switch: which response, who, when and why; its reason is masked already.

        Raises:
            NotSwitched: says why not.
            StorageError: the database does not answer.
        """
        if not switch.reason:
            raise NotSwitched("reason_missing")
        if not switch.is_on and not self._may_be_off(agent.model.domain, switch.response):
            raise NotSwitched("not_an_answer")

        def work(connection: Connection) -> tuple[bool, frozenset[str]]:
            done = suspensions.resume(connection, switch) if switch.is_on else suspensions.suspend(connection, switch)
            return done, suspensions.names(connection)

        async with self._one:
            done, off = await agent.store.run(work)
            agent.suspend(off)
        if not done:
            raise NotSwitched("already_on" if switch.is_on else "already_off")

    def answers(self, domain: Domain, off: list[Switch]) -> list[Answer]:
        """Those that are off, the latest first; then those that can be switched off, as the domain's files order them.

        Args:
            domain: the model's that is served.
            off: what is off.
        """
        outcomes = self._outcomes()
        first = [_answer(switch.response, domain, switch) for switch in off]
        known = {answer.name for answer in first}
        return first + [
            _answer(name, domain, None)
            for name, variations in domain.responses.items()
            if name not in known and is_answer(name, variations, outcomes)
        ]

    def _may_be_off(self, domain: Domain, name: str) -> bool:
        return name in domain.responses and is_answer(name, domain.responses[name], self._outcomes())

    def _outcomes(self) -> Outcomes:
        try:
            return present_outcomes(self._table)
        except OutcomesError:  # « bma check » and « Savoir » say so; an emergency does not wait for it
            return Outcomes()


def is_answer(name: str, variations: tuple[ResponseVariation, ...], outcomes: Outcomes) -> bool:
    """Whether a response is an answer to a topic, which may be switched off.

    It counts as an answer in the figures, or it is offered as a topic and names a person to turn to. So neither questions of
    forms, nor clarifications, nor « je ne sais pas », nor politeness, nor what the engine itself says.
    """
    outcome = outcomes.of(name)
    if name in OWN or not variations:
        return False
    return outcome is Outcome.ANSWERED or (outcome is Outcome.HANDED_OVER and bool(title_of(variations)))


def texts_of(variations: Iterable[ResponseVariation]) -> tuple[str, ...]:
    """The wordings of a response."""
    return tuple(str(variation.content.get("text", "")) for variation in variations)


def _answer(name: str, domain: Domain, suspended: Switch | None) -> Answer:
    variations = domain.responses.get(name, ())
    return Answer(name, title_of(variations), texts_of(variations), suspended)
