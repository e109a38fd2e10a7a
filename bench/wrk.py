"""The load: wrk, a compiled generator, so that the sender takes little of the machine; and what it could send at most."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from bench.messages import MESSAGES
from bench.systems import free_port, wait_for

SCRIPT = Path(__file__).parent / "messages.lua"


class WrkMissing(Exception):
    """There is no wrk here."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a system did under load."""

    rate: float
    """Messages a second."""
    p50: float
    """Milliseconds."""
    p99: float
    """Milliseconds."""
    failed: int
    """Messages that got no 2xx answer."""


def send(url: str, senders: int, seconds: float) -> Load:
    """Send messages for some seconds, each sender waiting for the answer before the next.

    Args:
        url: where messages go.
        senders: how many conversations at the same time.
        seconds: for how long.

    Raises:
        WrkMissing: wrk is not installed.
    """
    program = shutil.which("wrk")
    if program is None:
        raise WrkMissing("wrk is not here: apt-get install wrk")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(json.dumps(message) for message in MESSAGES))
        file.flush()
        settings = {"BENCH_SENDERS": str(senders), "BENCH_RUN": uuid.uuid4().hex[:8], "BENCH_MESSAGES": file.name}
        command = [program, "-t", "1", "-c", str(senders), "-d", f"{seconds:g}s", "--timeout", "30s", "-s", str(SCRIPT), url]
        done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Load(found["requests"] / found["seconds"], found["p50"], found["p99"], found["failed"])


def ceiling(senders: int, seconds: float) -> float | None:
    """Messages a second that wrk sends to a server that does nothing (nginx, which answers 200); None without nginx."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        return None
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "nginx.conf"
        places = "".join(f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        server = f"server {{ listen 127.0.0.1:{port}; location / {{ return 200 'ok'; }} }}"
        config.write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/log; worker_processes 1; events {{ }}"
            f" http {{ access_log off; keepalive_requests 1000000; {places} {server} }}"
        )
        process = subprocess.Popen([program, "-c", str(config), "-p", folder], stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            return send(f"http://127.0.0.1:{port}/", senders, seconds).rate
        finally:
            process.terminate()
            process.wait()
