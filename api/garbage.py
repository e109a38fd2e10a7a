"""Python's search for garbage, kept away from what is no garbage.

A start makes half a million objects that stay: modules, classes, the model. Python would go through all of them several times
meanwhile (a tenth of the start), and again now and then while users wait.
"""

from __future__ import annotations

import gc


def wait() -> None:
    """Look for none from now on, until `settle`."""
    gc.disable()


def settle() -> None:
    """Look for it again, not among what is there now; nothing when nobody waits."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def collect() -> None:
    """Look everywhere, once; takes a tenth of a second."""
    is_kept = gc.get_freeze_count() > 0
    gc.unfreeze()
    gc.collect()
    if is_kept:
        gc.freeze()
