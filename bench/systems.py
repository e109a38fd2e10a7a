"""What is compared: the floor, ourselves, a real Rasa. Each is started, loaded and stopped by the same code."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import httpx
from packaging.requirements import InvalidRequirement, Requirement

ROOT = Path(__file__).parent.parent
REST = "/webhooks/rest/webhook"
SECRET = "b" * 64


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 5.0) -> None:
    """Wait until somebody listens on a port.

    Raises:
        OSError: nobody does.
    """
    end = time.perf_counter() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.perf_counter() > end:
                raise
            time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class System:
    """A server that answers messages."""

    name: str
    command: tuple[str, ...]
    """`{port}` stands for the port."""
    path: str
    """Where messages go."""
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    patience: float = 60.0
    """Seconds until the first answer, at most."""


@dataclass(slots=True)
class Running:
    """A server that answers."""

    url: str
    """Where messages go."""
    first: float
    """Seconds from its start to its first answer."""
    process: subprocess.Popen[bytes]

    @property
    def resident(self) -> float:
        """Memory that the process and those that it started hold, MB (Linux)."""
        return sum(_resident(pid) for pid in [self.process.pid, *_children(self.process.pid)])


def floor(database: str) -> System:
    """The floor on a database that has the product's tables (SQLite file or PostgreSQL URL)."""
    command = (
        sys.executable,
        "-m",
        "uvicorn",
        "bench.floor:app",
        "--port",
        "{port}",
        "--no-access-log",
        "--log-level",
        "warning",
    )
    return System("floor", command, "/message", {"FLOOR_DATABASE": database})


def ours(database: str, models: Path) -> System:
    """Ourselves on a database."""
    env = {
        "BMA_DATABASE_URL": database,
        "BMA_SECRET_KEY": SECRET,
        "BMA_LOG_LEVEL": "warning",
        "BMA_RATE_LIMIT": "off",
        "BMA_MODEL_DIR": str(models),
        "BMA_PORT": "{port}",
    }
    return System("BMA Assistant", (sys.executable, "-m", "api.cli.main", "run"), REST, env)


@contextmanager
def running(system: System) -> Iterator[Running]:
    """Start a server; stop it at the end.

    Raises:
        RuntimeError: it does not answer.
    """
    port = free_port()
    env = {name: value.format(port=port) for name, value in system.env.items()}
    command = [part.format(port=port) for part in system.command]
    quiet = subprocess.DEVNULL
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=system.folder, env={**os.environ, **env}, stdout=quiet, stderr=quiet)
    url = f"http://127.0.0.1:{port}{system.path}"
    try:
        yield Running(url, _first_answer(system, process, url, began), process)
    finally:
        process.terminate()
        process.wait()


def _first_answer(system: System, process: subprocess.Popen[bytes], url: str, began: float) -> float:
    with httpx.Client(trust_env=False, timeout=system.patience) as client:
        while time.perf_counter() - began < system.patience and process.poll() is None:
            try:
                if client.post(url, json={"sender": "first", "message": "Bonjour"}).status_code == 200:
                    return time.perf_counter() - began
            except httpx.TransportError:
                time.sleep(0.01)
    raise RuntimeError(f"no answer from {system.name}")


def growth(url: str, messages: tuple[str, ...], count: int = 300) -> float:
    """What the last messages of a long conversation cost beside the 11th to 30th (medians)."""
    times = []
    with httpx.Client(trust_env=False, timeout=60) as client:
        for number in range(count):
            began = time.perf_counter()
            body = {"sender": "long", "message": messages[number % len(messages)]}
            client.post(url, json=body).raise_for_status()
            times.append(time.perf_counter() - began)
    return statistics.median(times[-20:]) / statistics.median(times[10:30])


def disk_of_lock(lock: Path) -> float:
    """MB that the files of a lock file's packages take in this environment."""
    total = 0
    for line in lock.read_text(encoding="utf-8").splitlines():
        if not line or line[0] in " #":
            continue
        try:
            found = distribution(Requirement(line.rstrip(" \\")).name)
        except (PackageNotFoundError, InvalidRequirement):
            continue
        total += sum(path.stat().st_size for file in found.files or () if (path := Path(str(file.locate()))).is_file())
    return total / 1e6


def disk_of_folder(folder: Path) -> float:
    """MB that the files below a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def _resident(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS")), 0.0)


def _children(pid: int) -> list[int]:
    if shutil.which("pgrep") is None:
        return []
    done = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(item) for item in done.stdout.split()]
