"""How long the steps of a turn take, for whoever asks. Nobody asking, a step costs one look at a context variable."""

from __future__ import annotations

from contextvars import ContextVar, Token
from time import perf_counter
from types import TracebackType

FIRST = "start"
STEPS = (FIRST, "read", "nlu", "dialogue", "actions", "commit")
"""What a turn consists of: text cleaned and masked, conversation waited for; what is stored read; text understood; actions
chosen; custom actions run; turn stored."""


class Stopwatch:
    """The seconds of each step of what is done inside its `with` block; together, all of its time."""

    __slots__ = ("_token", "seconds", "since", "step")

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.step = FIRST
        self.since = 0.0
        self._token: Token[Stopwatch | None] | None = None

    def __enter__(self) -> Stopwatch:
        self._token = _current.set(self)
        self.since = perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        begin(FIRST)
        assert self._token is not None
        _current.reset(self._token)


_current: ContextVar[Stopwatch | None] = ContextVar("bma_stopwatch", default=None)


def running() -> bool:
    """Whether somebody times what is being done."""
    return _current.get() is not None


def begin(step: str) -> str:
    """Begin a step; the one before ends.

    Args:
        step: one of STEPS.

    Returns:
        The step before, for those that are done in the middle of another one.
    """
    watch = _current.get()
    if watch is None:
        return FIRST
    now, before = perf_counter(), watch.step
    watch.seconds[before] = watch.seconds.get(before, 0.0) + now - watch.since
    watch.since, watch.step = now, step
    return before
