"""`python -m bench.load`: messages a second of one server process and what of a core it takes, on both databases.

Clients and server share the machine: messages a second are what is left to the server, CPU time a message is the server's own.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
import uuid

import httpx

from bench.__main__ import ROOT, free_port, start
from bench.conversation import MESSAGES, databases

COUNT = 1_200
SECRET = "b" * 64


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Processor time that a process has had (Linux)."""
    with open(f"/proc/{process.pid}/stat") as stream:
        fields = stream.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(ports: list[int], senders: int) -> list[float]:
    """Milliseconds of messages sent by several senders at once, ten messages a conversation."""
    found: list[float] = []

    async def talk(http: httpx.AsyncClient, number: int) -> None:
        for count in range(COUNT // senders):
            if count % 10 == 0:
                sender = str(uuid.uuid4())
            body = {"sender": sender, "message": MESSAGES[count % len(MESSAGES)]}
            began = time.perf_counter()
            url = f"http://127.0.0.1:{ports[number % len(ports)]}/webhooks/rest/webhook"
            (await http.post(url, json=body)).raise_for_status()
            found.append(1000 * (time.perf_counter() - began))

    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        await asyncio.gather(*(talk(http, number) for number in range(senders)))
    return found


def measure(name: str, url: str, processes: int) -> None:
    """Measure some server processes and print a row for each number of senders."""
    env = {
        "BMA_DATABASE_URL": url,
        "BMA_SECRET_KEY": SECRET,
        "BMA_LOG_LEVEL": "warning",
        "BMA_RATE_LIMIT": "off",
        "BMA_MODEL_DIR": f"{ROOT}/models",
    }
    ports = [free_port() for _ in range(processes)]
    command = [sys.executable, "-m", "api.cli.main", "run"]
    servers = [start(command, port, {**env, "BMA_PORT": str(port)}, "/webhooks/rest/webhook")[0] for port in ports]
    try:
        asyncio.run(load(ports, 8))
        for senders in (1, 8, 32):
            before, began = sum(map(cpu_seconds, servers)), time.perf_counter()
            times = sorted(asyncio.run(load(ports, senders)))
            seconds, cpu = time.perf_counter() - began, sum(map(cpu_seconds, servers)) - before
            p50, p99 = statistics.median(times), times[int(0.99 * len(times))]
            print(
                f"{name:24} {processes} process(es) {senders:3} senders  {len(times) / seconds:5.0f} messages/s"
                f"  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  {1000 * cpu / len(times):4.2f} ms CPU a message"
                f"  = {len(times) / cpu:4.0f} messages/s a core"
            )
    finally:
        for server in servers:
            server.terminate()
            server.wait()


def main() -> None:
    """Measure and print."""
    with databases() as urls:
        for name, url in urls.items():
            measure(name, url, 1)
            if name == "PostgreSQL":
                measure(name, url, 2)


if __name__ == "__main__":
    main()
