"""Records what a real Rasa 3.6 does: tests/parity/golden/<project>.json.

Run by Rasa's Python, in this repository's folder (docs/rasa_parity.md):

    rasa-env/bin/python -m tests.parity.record [project …]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

import rasa
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.model_training import train
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog

from tests.parity import trace
from tests.parity.cases import GOLDEN, Case, Scenario, Step, all_cases, fingerprint

REAL_TIME = time.time


class Clock:
    """Real time, moved forward by the scenarios' waits."""

    ahead = 0.0

    def __call__(self) -> float:
        return REAL_TIME() + self.ahead


class RecordingStore(InMemoryTrackerStore):
    """Keeps, apart from the conversation, the events that the latest turn has added."""

    def __init__(self) -> None:
        super().__init__(Domain.empty())
        self._known = 0
        self.added: list[Any] = []
        self.tracker: Any = None

    async def retrieve(self, sender_id: str) -> Any:
        """See Rasa's TrackerStore."""
        tracker = await super().retrieve(sender_id)
        self._known = len(tracker.events) if tracker else 0
        return tracker

    async def save(self, tracker: Any) -> None:
        """See Rasa's TrackerStore."""
        self.added, self.tracker = list(tracker.events)[self._known :], tracker
        await super().save(tracker)


async def play(agent: Agent, store: RecordingStore, scenario: Scenario, clock: Clock, texts: bool) -> list[trace.Json]:
    """Play one scenario; returns its turns."""
    return [await _turn(agent, store, scenario.name, step, clock, texts) for step in scenario.steps]


async def _turn(agent: Agent, store: RecordingStore, sender: str, step: Step, clock: Clock, texts: bool) -> trace.Json:
    clock.ahead += step.wait * 60
    store.added, store.tracker = [], None
    channel = CollectingOutputChannel()
    await agent.handle_message(UserMessage(step.message, channel, sender, step.parsed(), input_channel="rest"))
    return {
        "message": step.message,
        "events": [trace.normalised(event.as_dict(), texts=texts) for event in store.added],
        "sent": [trace.sent(message) for message in channel.messages] if texts else [],
        "state": trace.state(store.tracker.current_state()) if store.tracker else {},
    }


@contextmanager
def action_server(folder: Path) -> Iterator[str]:
    """The project's actions, served by this Python's rasa-sdk."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
    with (folder / "actions.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}/webhook"
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the action server does not start")


def record(case: Case, actions_url: str | None) -> None:
    """Train one project and play its scenarios, in a copy of its folder; Rasa writes caches beside the files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        shutil.copytree(case.folder, folder, ignore=shutil.ignore_patterns(".*", "models", "__pycache__"))
        before = Path.cwd()
        os.chdir(folder)
        try:
            domain = "domain" if (folder / "domain").is_dir() else "domain.yml"
            model = train(domain, case.config, ["data"], output="models").model
            assert model is not None, "Rasa could not train"
            if actions_url or not (folder / "actions.py").exists():
                turns = asyncio.run(_play_all(case, model, actions_url))
            else:
                with action_server(folder) as url:
                    turns = asyncio.run(_play_all(case, model, url))
        finally:
            os.chdir(before)
    recording = {"rasa": rasa.__version__, "files": fingerprint(case), "scenarios": turns}
    GOLDEN.joinpath(f"{case.name}.json").write_text(trace.dump(recording), encoding="utf-8")
    print(f"{case.name}: {len(turns)} scenarios")


async def _play_all(case: Case, model: str, actions_url: str | None) -> dict[str, Any]:
    store, clock = RecordingStore(), Clock()
    endpoint = EndpointConfig(actions_url) if actions_url else None
    agent = Agent.load(model, tracker_store=store, action_endpoint=endpoint)
    time.time = clock
    try:
        return {scenario.name: await play(agent, store, scenario, clock, case.texts) for scenario in case.scenarios}
    finally:
        time.time = REAL_TIME


def main() -> None:
    """Record the projects that the command line names, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cases = {case.name: case for case in all_cases()}
    parser.add_argument("project", nargs="*", help=f"of {', '.join(cases)}; all by default")
    parser.add_argument("--actions", metavar="URL", help="webhook of an action server that runs already")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    configure_structlog(logging.ERROR)
    for name in arguments.project or cases:
        record(cases[name], arguments.actions)


if __name__ == "__main__":
    main()
