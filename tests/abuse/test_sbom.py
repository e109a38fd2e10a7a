"""The bills of materials list every locked package, of Python and of the widget."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trained import ROOT

pytestmark = pytest.mark.slow


def recipe() -> str:
    """What `make sbom` runs, with the programs of this environment."""
    command = ["make", "--no-print-directory", "-n", "-o", ".venv/.installed", "sbom", "BIN=$$BIN"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    return printed[printed.index("mkdir -p build") :]


def test_every_locked_package_is_listed(tmp_path: Path) -> None:
    script = recipe().replace("build", str(tmp_path))
    environment = {"BIN": str(Path(sys.executable).parent), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run(["sh", "-e", "-c", script], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=600)
    for name in ("runtime", "teams", "dev"):
        locked = set(re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", (ROOT / f"requirements/{name}.txt").read_text(), re.M))
        assert len(locked) > 30
        assert listed(tmp_path / f"sbom-{name}.json") >= locked
    packages = json.loads((ROOT / "widget/package-lock.json").read_text())["packages"]
    locked = {(path.rpartition("node_modules/")[2], item["version"]) for path, item in packages.items() if path}
    optional = {(path.rpartition("node_modules/")[2], item["version"]) for path, item in packages.items() if item.get("optional")}
    assert listed(tmp_path / "sbom-widget.json") >= locked - optional


def listed(path: Path) -> set[tuple[str, str]]:
    body = json.loads(path.read_text())
    assert body["bomFormat"] == "CycloneDX"
    names = {(item.get("group", ""), item["name"], item["version"]) for item in body["components"]}
    return {(f"{group}/{name}" if group else name, version) for group, name, version in names}
