"""Work of seconds beside the event loop: nobody waits for it when the server stops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """One value, made once for each key in a thread; the one before it is let go."""

    def __init__(self) -> None:
        self._key: Hashable = None
        self._ready: asyncio.Future[Value] | None = None

    async def get(self, key: Hashable, work: Callable[[], Value], patience: float) -> Value | None:
        """The value of a key; None while it is being made.

        Args:
            key: what the value is made from.
            work: makes it; begun when the key is another one than before, or when it has failed.
            patience: seconds that are waited for it.

        Raises:
            Exception: what `work` raised.
        """
        if self._ready is None or key != self._key:
            self._key, self._ready = key, in_a_thread(work, "bma-kept")
        ready = self._ready
        await asyncio.wait([ready], timeout=patience)
        if not ready.done():
            return None
        if ready.exception() is not None and self._ready is ready:
            self._ready = None
        return ready.result()


def in_a_thread(work: Callable[[], Value], name: str) -> asyncio.Future[Value]:
    """Begin work in a thread that nobody waits for when the server stops.

    Args:
        work: what is done.
        name: of the thread.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Value] = loop.create_future()

    def run() -> None:
        try:
            found = work()
        except Exception as error:
            _tell(loop, future.set_exception, error)
        else:
            _tell(loop, future.set_result, found)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


Told = TypeVar("Told")


def _tell(loop: asyncio.AbstractEventLoop, note: Callable[[Told], None], found: Told) -> None:
    with suppress(RuntimeError):  # the loop is closed: the server has stopped
        loop.call_soon_threadsafe(note, found)
