"""The FastAPI application: engine, actions, storage and channels put together."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from api import VERSION, declared, errors, garbage, logs, security
from api.channels import rest
from api.console import app as console
from api.console.identity import provider_of
from api.console.workshop import Workshop
from api.metrics.agent import MeasuredAgent
from api.metrics.definitions import Metrics
from api.metrics.store import MeasuredStore
from api.rate_limit import RateLimits
from api.request_ids import RequestIds
from api.routes import assistant, health, management, public, widget
from api.routes import metrics as metrics_route
from api.runners import HttpRunner, InProcessRunner
from api.serving import first_model, first_suspensions, follow, newest_model
from api.settings import Settings, SettingsError
from api.upkeep import purge_regularly
from bot.execution.runner import ActionRunner
from bot.project.config_reader import read_endpoints
from bot.project.problems import ProjectError
from bot.storage import open_store
from bot.storage.outcomes import FILE as OUTCOMES
from bot.storage.outcomes import Outcomes, OutcomesError, read_outcomes
from bot.training import archive

if TYPE_CHECKING:
    from api.channels.teams.channel import TeamsChannel

log = logging.getLogger("bma.api")


def create_app(settings: Settings) -> FastAPI:
    """The application.

    Args:
        settings: what the operator set.

    Raises:
        SettingsError: a setting of a channel cannot work.
    """
    teams = teams_channel(settings)
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        actions = runner(settings)
        opened = open_store(settings.database_url, pool=settings.database_pool, wait=settings.database_wait)
        store = MeasuredStore(opened, metrics)
        model = await first_model(store, settings)
        agent = MeasuredAgent(model, store, actions, settings.secret(), metrics, outcomes_of(settings.project_dir))
        agent.suspend(await first_suspensions(store))
        app.state.agent = agent
        app.state.workshop = workshop = Workshop(agent, settings)
        tasks = (
            asyncio.create_task(purge_regularly(agent, settings.retention_days, settings.purge_every)),
            asyncio.create_task(follow(agent, settings.model_poll)),
            asyncio.create_task(metrics.settle_regularly()),
        )
        async with AsyncExitStack() as channels:
            if teams is not None:
                await channels.enter_async_context(teams.running(app))
            garbage.settle()
            yield
        await workshop.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await store.close()
        if isinstance(actions, HttpRunner):
            await actions.close()

    app = FastAPI(title="BMA Assistant", version=VERSION, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.metrics = metrics
    app.state.limits = RateLimits(settings, note=lambda scope: metrics.rate_limited.labels(scope).inc())
    errors.install(app)
    declared.install(app)
    security.install(app, settings)
    app.add_middleware(logs.AccessLog, note=metrics.note_request)
    app.add_middleware(RequestIds, trusted=settings.trusted_proxies)
    app.include_router(rest.router(settings))  # first: routes are tried in their order, and most requests are messages
    app.include_router(health.router())
    app.include_router(metrics_route.router(settings))
    app.include_router(public.router(settings))
    app.include_router(widget.router(settings))
    app.include_router(assistant.router(settings))
    app.include_router(management.router(settings))
    console.install(app, settings)
    if teams is not None:
        app.include_router(teams.router())
    return app


def teams_channel(settings: Settings) -> TeamsChannel | None:
    """The Teams channel when it is on; off, nothing of it is imported.

    Raises:
        SettingsError: it is not installed, or one of its settings cannot work.
    """
    if not settings.teams_app_id:
        return None
    try:
        from api.channels.teams.channel import TeamsChannel
    except ModuleNotFoundError as error:
        raise SettingsError(f"BMA_TEAMS_APP_ID is set, and {error.name} is not installed; run: pip install .[teams]") from error
    return TeamsChannel(settings)


def require_usable(settings: Settings) -> None:
    """Stop before serving when a setting cannot work.

    Raises:
        SettingsError: what to set.
    """
    settings.secret()
    teams_channel(settings)
    if settings.console != "off":
        provider_of(settings)
    try:
        _action_endpoint(settings)
        archive.read_info(newest_model(settings))
    except (ProjectError, archive.ArchiveError) as error:
        raise SettingsError(str(error)) from error


def from_environment() -> FastAPI:
    """The application of one of several workers, which have their settings from the environment."""
    garbage.wait()
    settings = Settings()
    logs.set_up(settings.log_level, settings.log_format)
    return create_app(settings)


def outcomes_of(project_dir: Path) -> Outcomes:
    """Which response counts as what in the metrics; with a table that cannot be used, all but questions of forms are answers."""
    try:
        return read_outcomes(project_dir / OUTCOMES)
    except OutcomesError as error:
        log.error("metrics count what was not answered as answered: %s", error)
        return Outcomes()


def runner(settings: Settings) -> ActionRunner:
    """Who runs custom actions, as endpoints.yml says.

    Raises:
        ProjectError: with all that is wrong with it.
    """
    section = _action_endpoint(settings)
    if section is None:
        os.environ["BMA_PROJECT_DIR"] = str(settings.project_dir)  # where the actions find data/links.yml
        return InProcessRunner()
    return HttpRunner(str(section["url"]), settings.actions_timeout, section.get("token"))


def _action_endpoint(settings: Settings) -> Mapping[str, Any] | None:
    return read_endpoints(settings.project_dir / "endpoints.yml").sections.get("action_endpoint")
