"""`python -m bench.load`: messages a second of one server process and what of a core it takes, on both databases.

Clients and server share the machine: messages a second are what is left to the server, CPU time a message is the server's own.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import time
import uuid
from contextlib import ExitStack

import httpx

from bench.databases import database
from bench.messages import CONVERSATION
from bench.systems import ROOT, Running, ours, running

COUNT = 1_200


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Processor time that a process has had (Linux)."""
    with open(f"/proc/{process.pid}/stat") as stream:
        fields = stream.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(urls: list[str], senders: int) -> list[float]:
    """Milliseconds of messages sent by several senders at once, ten messages a conversation."""
    found: list[float] = []

    async def talk(http: httpx.AsyncClient, number: int) -> None:
        for count in range(COUNT // senders):
            if count % 10 == 0:
                sender = str(uuid.uuid4())
            body = {"sender": sender, "message": CONVERSATION[count % len(CONVERSATION)]}
            began = time.perf_counter()
            (await http.post(urls[number % len(urls)], json=body)).raise_for_status()
            found.append(1000 * (time.perf_counter() - began))

    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        await asyncio.gather(*(talk(http, number) for number in range(senders)))
    return found


def measure(name: str, url: str, processes: int) -> None:
    """Measure some server processes and print a row for each number of senders."""
    with ExitStack() as stack:
        servers = [stack.enter_context(running(ours(url, ROOT / "models"))) for _ in range(processes)]
        urls = [server.url for server in servers]
        asyncio.run(load(urls, 8))
        for senders in (1, 8, 32):
            before, began = _cpu(servers), time.perf_counter()
            times = sorted(asyncio.run(load(urls, senders)))
            seconds, cpu = time.perf_counter() - began, _cpu(servers) - before
            p50, p99 = statistics.median(times), times[int(0.99 * len(times))]
            print(
                f"{name:24} {processes} process(es) {senders:3} senders  {len(times) / seconds:5.0f} messages/s"
                f"  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  {1000 * cpu / len(times):4.2f} ms CPU a message"
                f"  = {len(times) / cpu:4.0f} messages/s a core"
            )


def _cpu(servers: list[Running]) -> float:
    return sum(cpu_seconds(server.process) for server in servers)


def main() -> None:
    """Measure and print."""
    for kind, processes in (("SQLite", 1), ("PostgreSQL", 1), ("PostgreSQL", 2)):
        with database(kind) as url:
            if url is not None:
                measure(kind, url, processes)


if __name__ == "__main__":
    main()
