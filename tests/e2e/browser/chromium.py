"""The one Chromium of these tests, and what they need of Node."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.trained import ROOT

CHROMIUM = os.environ.get("BMA_TEST_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDGET = ROOT / "widget"


def missing(what: str, how: str) -> None:
    """Skip and say why; in CI a missing tool is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"no {what}, and CI=true; {how}")
    pytest.skip(f"no {what}: {how}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


def node_modules() -> Path:
    """What `npm ci` installed."""
    found = WIDGET / "node_modules"
    if shutil.which("node") is None or not (found / "esbuild").is_dir():
        missing("Node or widget/node_modules", "npm ci --prefix widget")
    return found


def build(folder: Path) -> None:
    """Build the widget, and its parts alone, into a folder."""
    node_modules()
    done = subprocess.run(
        ["node", str(WIDGET / "build.mjs"), str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
