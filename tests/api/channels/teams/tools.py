"""Microsoft's own tools from npm, and Chromium; a test that needs one is skipped where it is missing, and fails with CI=true."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

NPM = Path(__file__).parent / "npm"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"no {what}, and CI=true")
    pytest.skip(f"no {what} on this machine")


def npm_file(path: str) -> Path:
    """A file of an installed npm package; the packages are installed when they are missing."""
    if shutil.which("npm") is None:
        missing("npm")
    modules = NPM / "node_modules"
    with (NPM / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = modules / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < (NPM / "package-lock.json").stat().st_mtime:
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=NPM, capture_output=True, text=True, timeout=120, check=False)
            if done.returncode:
                missing(f"npm packages ({done.stderr.strip()[-300:]})")
            installed.touch()
    return modules / path


def manifest_schema(version: str) -> Any:
    path = f"@microsoft/app-manifest/build/json-schemas/teams/v{version}/MicrosoftTeams.schema.json"
    return json.loads(npm_file(path).read_text(encoding="utf-8"))


@contextmanager
def browser_page(width: int, height: int) -> Iterator[Page]:
    """An empty page of a real Chromium."""
    path = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if path is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=1)
        finally:
            browser.close()


RENDER = """([cards, config]) => cards.map(json => {
  const card = new AdaptiveCards.AdaptiveCard(), context = new AdaptiveCards.SerializationContext();
  card.hostConfig = new AdaptiveCards.HostConfig(config);
  card.parse(json, context);
  const problems = [];
  for (let i = 0; i < context.eventCount; i++) problems.push(context.getEventAt(i).message);
  problems.push(...card.validateProperties().validationEvents.map(event => event.message));
  const frame = document.createElement('article');
  frame.append(card.render());
  document.body.append(frame);
  return problems;
})"""
STYLE = """body { margin: 12px; background: #f0f0f0; font: 14px "Segoe UI", "DejaVu Sans", sans-serif }
article { background: #fff; border-radius: 6px; margin: 0 0 10px; box-shadow: 0 1px 3px #0003; overflow-wrap: anywhere }
button { border: 1px solid #c7c7c7; background: #fff; border-radius: 4px; padding: 6px 12px; font: inherit; text-align: left }"""
CONFIG = {
    "fontFamily": '"Segoe UI", "DejaVu Sans", sans-serif',
    "spacing": {"small": 6, "default": 8, "medium": 16, "padding": 14},
    "actions": {"actionsOrientation": "vertical", "actionAlignment": "stretch", "buttonSpacing": 6, "maxActions": 6},
}


def render(page: Page, cards: list[dict[str, Any]]) -> list[str]:
    """Show cards by Microsoft's renderer; gives what it has to say against them."""
    page.set_content(f"<!doctype html><html lang=fr><style>{STYLE}</style><body></body></html>")
    page.add_script_tag(path=npm_file("adaptivecards/dist/adaptivecards.js"))
    found: list[list[str]] = page.evaluate(RENDER, [cards, CONFIG])
    return [problem for problems in found for problem in problems]
