"""The one shape of a component: make, train, process, save, load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from bot.nlu.message import Message, Options, TrainingSet


@dataclass(frozen=True, slots=True)
class Saved:
    """What a component keeps in the model archive: JSON and arrays, no code."""

    json: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


class Component(Protocol):
    """A step of the pipeline."""

    OPTIONS: ClassVar[Mapping[str, Any]]
    """Options that it understands, with their defaults."""

    def __init__(self, options: Options) -> None: ...

    def train(self, data: TrainingSet) -> None:
        """Learn from the examples, which earlier components have processed."""

    def process(self, message: Message) -> None:
        """Add to the message what this component understands."""

    def save(self) -> Saved:
        """What `load` needs to make the trained component again."""

    def load(self, saved: Saved) -> None:
        """Become the component that was saved."""


@runtime_checkable
class Batched(Protocol):
    """A component that processes many messages in less time than one after the other."""

    def process_all(self, messages: Sequence[Message]) -> None:
        """Add to each message what `process` adds."""


class Stateless:
    """A component that learns nothing."""

    def train(self, data: TrainingSet) -> None:
        """Nothing to learn."""

    def save(self) -> Saved:
        """Nothing to keep."""
        return Saved()

    def load(self, saved: Saved) -> None:
        """Nothing to restore."""


def text_array(texts: Iterable[str]) -> npt.NDArray[np.uint8]:
    """Strings without line breaks as one array of UTF-8 bytes (compact, no pickle)."""
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def texts_of(array: npt.NDArray[np.uint8]) -> list[str]:
    """The strings that `text_array` packed."""
    return array.tobytes().decode().split("\n") if array.size else []
