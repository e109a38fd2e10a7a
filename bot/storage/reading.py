"""Reading an SQLite file beside the turns: a connection and a thread of its own, which can write nothing.

In write-ahead mode a reader sees the last commit and neither waits for the writer nor makes it wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage.database import connect_reading
from bot.storage.errors import StorageError, failure
from bot.storage.records import T

STEPS = 50_000
"""Instructions of SQLite's machine between two looks at the clock (below a millisecond)."""


class Reader:
    """Reads an SQLite file.

    Args:
        url: SQLAlchemy URL of a file whose schema is current.
        patience: seconds that a look may take, waiting for the one before it included.
    """

    def __init__(self, url: str, patience: float) -> None:
        self._engine = connect_reading(url, wait=patience)
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, "bma-reading")

    async def look(self, work: Callable[[Connection], T]) -> T:
        """See `bot.storage.records.Store`."""
        deadline = time.monotonic() + self._patience
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, work, deadline)
        except TimeoutError as error:
            raise StorageError(f"the disk has not answered for {self._patience:g} s", "slow") from error

    def _read(self, work: Callable[[Connection], T], deadline: float) -> T:
        try:
            with self._engine.connect() as connection, connection.begin() as transaction:
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)  # nobody waits for it any more
                found = work(connection)
                transaction.rollback()
                return found
        except sa.exc.SQLAlchemyError as error:
            raise failure(error) from error

    async def close(self) -> None:
        """Finish what is being read and let go of the file."""
        await asyncio.to_thread(self._thread.shutdown)
        self._engine.dispose()
