"""A second process that does part of a long computation on another core.

It starts at once and imports what it will need meanwhile. It reads what to do from a pipe of which this process has the only
other end: however this process ends, so does the second one. What it does not give back is done here.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

WAIT_FOR_END = 5.0
"""Seconds that it may take to end, after which it is killed."""


class SecondProcess:
    """A process that waits for work; started by `second_process`."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def share(self, work: Callable[..., Any], mine: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, Any]:
        """Do the same work twice at the same time.

        Args:
            work: a function of a module, whose result depends on its arguments alone.
            mine: its arguments here.
            theirs: its arguments there.

        Returns:
            What it gives here, and there.
        """
        with suppress(OSError):
            self._pipe.send((work, theirs))
        done = work(*mine)
        try:
            return done, self._pipe.recv()
        except (OSError, EOFError):  # it was killed, or could not do it either
            return done, work(*theirs)

    def close(self) -> None:
        """Let it end."""
        self._pipe.close()
        self._process.join(WAIT_FOR_END)
        if self._process.is_alive():
            self._process.kill()


@contextmanager
def second_process() -> Iterator[SecondProcess | None]:
    """A second process until the end of the block; None where there is no core for it."""
    if len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)) < 2:
        yield None
        return
    helper = SecondProcess()
    try:
        yield helper
    finally:
        helper.close()


def _serve(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that it works for says so
    import sklearn.svm  # noqa: F401  takes a second, in which the other process prepares the work

    with suppress(OSError, EOFError):
        while True:
            work, arguments = pipe.recv()
            pipe.send(work(*arguments))
