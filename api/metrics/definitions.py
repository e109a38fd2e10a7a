"""All metrics, by name; docs/operators.md lists them (a test compares the two)."""

from __future__ import annotations

import asyncio
import platform
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    Summary,
    disable_created_metrics,
)

from api import VERSION
from api.metrics.sharing import is_shared
from bot.masking import PLACEHOLDERS
from bot.stopwatch import STEPS
from bot.storage.errors import Cause
from bot.storage.outcomes import Outcome

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds of the histogram of turns."""
SETTLED = 1.0
"""Seconds after which a turn is in the figures, at most."""


disable_created_metrics()  # type: ignore[no-untyped-call] # a series more for each, that nobody asks for


class Metrics:
    """The metrics of a process; with several workers, each writes into files that any of them reads (`api.metrics.sharing`)."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry()
        self.turns = Counter("bma_turns", "Messages that were answered, or could not be", ["channel", "outcome"], registry=own)
        self.turn_seconds = Histogram(
            "bma_turn_seconds", "From a message's arrival to its stored answer", ["channel"], registry=own, buckets=SECONDS
        )
        self.step_seconds = Summary("bma_step_seconds", "Steps of a turn, together its time", ["step"], registry=own)
        self.masked = Counter("bma_masked_secrets", "Secrets in messages that were masked", ["kind"], registry=own)
        self.rate_limited = Counter("bma_rate_limited", "Messages refused as too many", ["scope"], registry=own)
        self.requests = Counter("bma_http_requests", "HTTP requests", ["method", "route", "status"], registry=own)
        self.storage_failures = Counter("bma_storage_failures", "What the database could not do", ["cause"], registry=own)
        self.pool_in_use = _gauge("bma_database_pool_in_use", "Connections to PostgreSQL that work", own)
        self.pool_size = _gauge("bma_database_pool_size", "Connections to PostgreSQL that are allowed", own)
        self.teams_inbox = _gauge("bma_teams_inbox", "Activities of Teams that wait for their answer", own, mode="livemostrecent")
        self.model = _gauge("bma_model_processes", "Processes that serve a model", own, ["model_id"])
        self.build = _gauge("bma_build_processes", "Processes of a version of the assistant", own, ["version", "python"])
        self.build.labels(VERSION, platform.python_version()).set(1)
        self._noted: list[tuple[str, Outcome, float, dict[str, float]]] = []
        self._turns: dict[str, tuple[dict[Outcome, Counter], Histogram]] = {}
        self._requests: dict[tuple[str, str, int], Counter] = {}
        self._steps = {name: self.step_seconds.labels(name) for name in STEPS}
        self._kinds = {kind: self.masked.labels(kind) for kind in PLACEHOLDERS}
        for scope in ("address", "conversation"):
            self.rate_limited.labels(scope)  # a figure that begins with 0 shows its first increase
        for cause in get_args(Cause):
            self.storage_failures.labels(cause)
        if not is_shared():
            ProcessCollector(registry=own)

    def note_request(self, method: str, route: str, status: int) -> None:
        """Count a request.

        Args:
            method: one of HTTP's, or `?`.
            route: as it was declared, or `?`.
            status: of the answer.
        """
        found = self._requests.get((method, route, status))
        if found is None:
            found = self._requests[method, route, status] = self.requests.labels(method, route, str(status))
        found.inc()

    def note_turn(self, channel: str, outcome: Outcome, seconds: float, steps: dict[str, float]) -> None:
        """Note a turn, to be counted by `settle`.

        Args:
            channel: where it was asked.
            outcome: what became of it.
            seconds: how long it took.
            steps: how long its steps took.
        """
        self._noted.append((channel, outcome, seconds, steps))

    def settle(self) -> None:
        """Count the turns that were noted: many at once cost each a tenth of what they would cost one by one."""
        noted, self._noted = self._noted, []
        for channel, outcome, seconds, steps in noted:
            found = self._turns.get(channel)
            if found is None:
                counters = {item: self.turns.labels(channel, item) for item in Outcome}
                found = self._turns[channel] = counters, self.turn_seconds.labels(channel)
            found[0][outcome].inc()
            found[1].observe(seconds)
            for name, elapsed in steps.items():
                self._steps[name].observe(elapsed)

    async def settle_regularly(self) -> None:
        """Count what was noted every `SETTLED` seconds, until cancelled."""
        try:
            while True:
                await asyncio.sleep(SETTLED)
                self.settle()
        finally:
            self.settle()

    def note_masked(self, counts: dict[str, int]) -> None:
        """Add secrets that were masked, by kind."""
        for kind, count in counts.items():
            self._kinds[kind].inc(count)


def _gauge(name: str, what: str, registry: CollectorRegistry, labels: list[str] | None = None, mode: str = "livesum") -> Gauge:
    return Gauge(name, what, labels or [], registry=registry, multiprocess_mode=mode)  # type: ignore[arg-type]
