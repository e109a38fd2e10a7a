"""Metrics of several workers: Prometheus' multiprocess mode, in a folder that lives as long as `bma run`.

Any worker may get the request for `/metrics`: each writes its figures into files of the folder, whoever is asked adds them up.
Must be decided before `prometheus_client` is imported, which reads the environment then: this module does not import it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable that prometheus_client reads."""


@contextmanager
def shared(workers: int) -> Iterator[None]:
    """Share the metrics of this process and those it starts, when there are several.

    Args:
        workers: how many processes serve.
    """
    os.environ.pop(FOLDER, None)  # an operator's own folder would add up the figures of earlier runs
    if workers == 1:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="bma-metrics-") as folder:
        os.environ[FOLDER] = folder
        yield


def is_shared() -> bool:
    """Whether other processes' figures are added up with ours."""
    return FOLDER in os.environ


def folder() -> str:
    """The folder of the figures.

    Raises:
        KeyError: they are not shared.
    """
    return os.environ[FOLDER]
