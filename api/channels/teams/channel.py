"""The channel put together: routes, keys, credentials, workers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from api.channels.teams import route
from api.channels.teams.connector import Connector
from api.channels.teams.credentials import Credentials, NoToken
from api.channels.teams.keys import KeySet
from api.channels.teams.settings import read_settings
from api.channels.teams.worker import Workers
from api.settings import Settings
from bot.agent import Agent
from bot.storage.database import is_embedded

log = logging.getLogger("bma.teams")


class TeamsChannel:
    """Microsoft Teams.

    Args:
        settings: the server's.

    Raises:
        SettingsError: a setting of the channel cannot work.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._teams = read_settings(settings)
        self._credentials = Credentials(self._teams)

    def router(self) -> APIRouter:
        """The channel's routes."""
        return route.router(self._settings, self._teams, KeySet(self._teams.metadata_url))

    @asynccontextmanager
    async def running(self, app: FastAPI) -> AsyncIterator[None]:
        """Work on the inbox until the block ends.

        Args:
            app: its state has the agent.
        """
        agent: Agent = app.state.agent
        connector = Connector(self._teams, self._credentials)
        workers = Workers(agent, connector, self._teams.workers, self._settings.max_message_chars)
        app.state.teams_workers = workers
        probe = asyncio.create_task(self._probe())
        await workers.start(is_alone=is_embedded(self._settings.database_url))
        try:
            yield
        finally:
            probe.cancel()
            await workers.close()
            await connector.close()

    async def _probe(self) -> None:
        """Tell operators at the start what users would find out at their first message."""
        try:
            await self._credentials.token()
        except NoToken as error:
            log.error("Microsoft gives us no token (%s); run: bma teams check", error)
