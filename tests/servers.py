"""Real servers on loopback for tests: `bma run` in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.trained import ROOT, model_path

TOKEN = "jeton-de-test"


def errors_in(log: str) -> list[str]:
    """Lines of a server's log (JSON) that tell of an error, and tracebacks."""
    marks = ('"level": "error"', '"level": "critical"', "Traceback")
    return [line for line in log.splitlines() if any(mark in line for mark in marks)]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    arguments: list[str],
    port: int,
    health: str,
    log: Path,
    env: Mapping[str, str] | None = None,
    program: str = "api.cli.main",
) -> Iterator[str]:
    """Run `bma …` until the block ends.

    Args:
        arguments: the verb and its options.
        port: where it listens.
        health: path that answers 200 when it is ready.
        log: file that gets what it prints.
        env: additional environment. Messages are not limited, unless it says so.
        program: another module than the command's own, which does the same and something more.
    """
    url = f"http://127.0.0.1:{port}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BMA_")}
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", program, *arguments],
            cwd=ROOT,
            stdout=stream,
            stderr=stream,
            env={**clean, "BMA_RATE_LIMIT": "off", **(env or {})},
        )
        try:
            _wait(url + health, process, log)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=10)


@contextmanager
def assistant(folder: Path, env: Mapping[str, str] | None = None, program: str = "api.cli.main") -> Iterator[str]:
    """The assistant on the project's own model and a new SQLite file in `folder`."""
    model_path()
    port = free_port()
    settings = {
        "BMA_PORT": str(port),
        "BMA_DATABASE_URL": f"sqlite:///{folder}/bma.sqlite3",
        "BMA_API_TOKEN": TOKEN,
        **(env or {}),
    }
    with running(["run"], port, "/health/ready", folder / "server.log", settings, program) as url:
        yield url


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped: {log.read_text()[-2000:]}")
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"no server at {url}: {log.read_text()[-2000:]}")
