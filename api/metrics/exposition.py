"""The metrics as Prometheus reads them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from api.metrics.definitions import Metrics
from api.metrics.sharing import folder, is_shared

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LIVE = re.compile(r"gauge_live\w*_(\d+)\.db")


def render(metrics: Metrics) -> bytes:
    """All figures; of several workers, added up.

    Args:
        metrics: of this process, whose latest turns are in it; those of other workers may lag by a second.
    """
    metrics.settle()
    if not is_shared():
        return generate_latest(metrics.registry)
    _forget_the_dead(Path(folder()))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder())  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _forget_the_dead(files: Path) -> None:
    """Take away what workers that have ended said of themselves; what they counted stays."""
    for process in {int(found[1]) for path in files.iterdir() if (found := _LIVE.fullmatch(path.name))}:
        if not _is_alive(process):
            mark_process_dead(process, str(files))  # type: ignore[no-untyped-call]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # the number is another user's process now
        return False
    return True
