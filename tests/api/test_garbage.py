"""Python looks for garbage when it should: not during a start, and everywhere once a model has gone."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from api import garbage


class _Knot:
    """An object that holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_nobody_looks_during_a_start_nor_among_what_it_made() -> None:
    garbage.wait()
    assert not gc.isenabled()
    kept = weakref.ref(_Knot())
    garbage.settle()
    assert gc.isenabled()
    gc.collect()
    assert kept() is not None


def test_what_a_start_made_is_given_back_when_it_goes() -> None:
    garbage.wait()
    gone = weakref.ref(_Knot())
    garbage.settle()
    garbage.collect()
    assert gone() is None
    assert gc.get_freeze_count() > 0


def test_a_process_that_did_not_wait_is_left_alone() -> None:
    gone = weakref.ref(_Knot())
    garbage.settle()
    garbage.collect()
    assert gone() is None
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
