"""The draft, the candidates, the published model and the job that runs, as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy.engine import Connection

from api.console.works import confirmed_for, served, test_set
from api.console.workshop import Workshop
from api.settings import Settings
from bot.agent import Agent
from bot.storage import jobs, models
from bot.storage.corrections import Correction
from bot.storage.jobs import Job
from bot.storage.models import Published


@dataclass(frozen=True, slots=True)
class Present:
    """What both screens of models say."""

    running: Job | None
    failed: Job | None
    """The latest job, when nothing came of it."""
    details: dict[str, Any]
    """Why nothing came of it."""
    published: str
    """Id of the model that is served."""
    candidates: list[Published]
    draft: list[Correction]
    """Its sentences."""
    tests: int
    """Test sentences that were confirmed in the console."""
    has_file: bool
    """Whether the project has test sentences of its own."""

    @property
    def newest(self) -> Published | None:
        """The newest candidate."""
        return self.candidates[0] if self.candidates else None


def present(connection: Connection, agent: Agent, settings: Settings) -> Present:
    """The present, as the database and the project's folder have it."""
    now = agent.clock()
    latest = next(iter(jobs.recent(connection, 1, now)), None)
    failed = latest if latest is not None and latest.status in ("failed", "interrupted") else None
    tests = test_set(connection, settings)
    return Present(
        running=jobs.running(connection, now),
        failed=failed,
        details=(jobs.result(connection, failed.id) or {}) if failed is not None else {},
        published=served(connection, agent),
        candidates=models.candidates(connection),
        draft=confirmed_for(connection, "training"),
        tests=len(tests.confirmed),
        has_file=tests.file is not None,
    )


def workshop_of(request: Request) -> Workshop:
    """Who does this server's jobs."""
    workshop: Workshop = request.app.state.workshop
    return workshop
