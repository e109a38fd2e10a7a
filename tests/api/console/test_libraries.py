"""The console's browser libraries are their npm packages' own files."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.browser.chromium import WIDGET, node_modules
from tests.trained import ROOT

STATIC = ROOT / "api" / "console" / "static"
PACKAGES = {"htmx": "htmx.org", "chart": "chart.js", "kurkle-color": "@kurkle/color"}
"""How our files' names begin, and the npm package that they come from."""


def vendored(folder: Path) -> dict[str, bytes]:
    """The libraries and licences of a folder, by name."""
    pattern = re.compile(rf"({'|'.join(PACKAGES)})-\d")
    return {path.name: path.read_bytes() for path in folder.iterdir() if pattern.match(path.name)}


@pytest.mark.slow
def test_they_are_unchanged(tmp_path: Path) -> None:
    node_modules()
    subprocess.run(["node", str(WIDGET / "console.mjs"), str(tmp_path)], check=True, timeout=60)
    assert vendored(tmp_path) == vendored(STATIC), "make widget, then commit api/console/static/"
    originals = {path.read_bytes() for name in PACKAGES.values() for path in (WIDGET / "node_modules" / name).rglob("*.*js")}
    originals |= {path.read_bytes() for name in PACKAGES.values() for path in (WIDGET / "node_modules" / name).glob("LICENSE*")}
    assert set(vendored(STATIC).values()) <= originals


def test_their_names_are_the_versions_that_are_pinned_and_each_has_its_licence() -> None:
    lock = json.loads((WIDGET / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    versions = {ours: lock[f"node_modules/{name}"]["version"] for ours, name in PACKAGES.items()}
    scripts = {f"htmx-{versions['htmx']}.min.js", f"chart-{versions['chart']}.umd.min.js"}
    assert set(vendored(STATIC)) == scripts | {f"{ours}-{version}.LICENSE" for ours, version in versions.items()}
    assert all(
        re.search(r"permission", text.decode("utf-8"), re.I) for name, text in vendored(STATIC).items() if "LICENSE" in name
    )
