"""`make bench`: time to train, start to first answer, a REST message, memory; beside a bare route on the same machine.

The floor is a FastAPI route that parses the same JSON and commits one row to a SQLite file with the same durability.
"""

from __future__ import annotations

import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
MESSAGES = (
    "Bonjour",
    "J'ai perdu le mot de passe de la boite mail administrative",
    "c koi la capacité de la nvelle boite ?",
    "Madame, Monsieur, notre internat n'est pas connu dans MODE, comment récupérer l'accès à la BMA ?",
    "puis-je rediriger les mails vers mon adresse gmail",
    "quelle heure est-il à Tokyo",
)
COUNT = 600


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(command: list[str], port: int, env: dict[str, str], path: str) -> tuple[subprocess.Popen[bytes], float]:
    """Start a server; returns it and the seconds until its first answer to a message."""
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=quiet, stderr=quiet)
    url = f"http://127.0.0.1:{port}{path}"
    while time.perf_counter() - began < 60:
        try:
            if httpx.post(url, json={"sender": "first", "message": "Bonjour"}, trust_env=False).status_code == 200:
                return process, time.perf_counter() - began
        except httpx.TransportError:
            time.sleep(0.01)
    process.kill()
    raise RuntimeError(f"no answer from {' '.join(command)}")


def latencies(port: int, path: str) -> list[float]:
    """Milliseconds of messages sent one after the other, a new sender every ten."""
    found = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for number in range(COUNT):
            body = {"sender": f"bench-{number // 10}", "message": MESSAGES[number % len(MESSAGES)]}
            began = time.perf_counter()
            client.post(path, json=body).raise_for_status()
            found.append(1000 * (time.perf_counter() - began))
    return found


def resident(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of a process, in MB (Linux; 0 elsewhere)."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return 0.0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def measure(name: str, command: list[str], port: int, env: dict[str, str], path: str) -> float:
    """Measure one server and print its row; returns the median latency."""
    process, first = start(command, port, env, path)
    try:
        times = sorted(latencies(port, path))
        p50, p99 = statistics.median(times), times[int(0.99 * len(times))]
        print(
            f"{name:28} first answer {first:5.2f} s   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   memory {resident(process):5.0f} MB"
        )
        return p50
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Run the benchmarks."""
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        env = {"BMA_MODEL_DIR": str(models), "BMA_LOG_LEVEL": "warning", "BMA_RATE_LIMIT": "off"}
        began = time.perf_counter()
        command = [sys.executable, "-m", "api.cli.main", "train", "--force"]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=True)
        print(f"{'train (whole command)':28} {time.perf_counter() - began:5.2f} s   {done.stdout.strip().partition(' : ')[0]}")
        port = free_port()
        floor_env = {"FLOOR_DATABASE": f"{folder}/floor.sqlite3"}
        floor = measure(
            "floor: bare route + commit",
            [sys.executable, "-m", "uvicorn", "bench.floor:app", "--port", str(port)],
            port,
            floor_env,
            "/message",
        )
        port = free_port()
        ours_env = {**env, "BMA_DATABASE_URL": f"sqlite:///{folder}/bma.sqlite3", "BMA_PORT": str(port)}
        ours = measure(
            "BMA Assistant over REST", [sys.executable, "-m", "api.cli.main", "run"], port, ours_env, "/webhooks/rest/webhook"
        )
        print(f"ratio of medians, ours to the floor: {ours / floor:.1f}")


if __name__ == "__main__":
    main()
