"""What lies beside a checkout: the official page, the evaluation set, the schemas.

Tests may read it; the product never does. Absent, tests that need it are skipped; with CI=true that is a failure.
"""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def shared(path: str) -> Path:
    """A file of the shared folder, or a skip (in CI: a failure)."""
    found = SHARED / path
    if not found.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{found} is missing, and CI=true")
        pytest.skip(f"{found} is not on this machine")
    return found
