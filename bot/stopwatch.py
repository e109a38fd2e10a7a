"""How long the steps of a turn take, for whoever asks. Nobody asking, a step costs one look at a context variable."""

from __future__ import annotations

import time
from contextvars import ContextVar, Token
from types import TracebackType

STEPS = ("read", "nlu", "dialogue", "actions", "commit")
"""What a turn consists of: what is stored is read, the text understood, actions chosen and run, the turn stored."""


class Stopwatch:
    """The seconds of each step of what is done inside its `with` block.

    A step inside another one is counted for the inner one only: `dialogue` is without its `actions`.
    """

    __slots__ = ("_inner", "_token", "seconds")

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = 0.0
        self._token: Token[Stopwatch | None] | None = None

    def __enter__(self) -> Stopwatch:
        self._token = _current.set(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._token is not None
        _current.reset(self._token)

    def begin(self) -> tuple[float, float]:
        """Begin a step; what `end` wants to know."""
        before, self._inner = self._inner, 0.0
        return time.perf_counter(), before

    def end(self, name: str, begun: tuple[float, float]) -> None:
        """End a step, the one begun last."""
        start, before = begun
        elapsed = time.perf_counter() - start
        self.seconds[name] = self.seconds.get(name, 0.0) + elapsed - self._inner
        self._inner = before + elapsed


_current: ContextVar[Stopwatch | None] = ContextVar("bma_stopwatch", default=None)


def running() -> bool:
    """Whether somebody times what is being done."""
    return _current.get() is not None


class step:  # noqa: N801 - used as a statement
    """Times the block as a step of the turn.

    Args:
        name: one of STEPS.
    """

    __slots__ = ("_begun", "_name", "_watch")

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._watch = _current.get()
        if self._watch is not None:
            self._begun = self._watch.begin()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._watch is not None:
            self._watch.end(self._name, self._begun)
