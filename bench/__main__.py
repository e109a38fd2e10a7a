"""`make bench`: ourselves beside the floor and, where `RASA=…/bin/rasa` names one, a real Rasa: one run, one machine.

The floor is a bare FastAPI route that commits as many rows with the same durability (`bench/floor.py`). The load comes from wrk,
which shares the machine's cores with the server; its own ceiling is printed.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.databases import database
from bench.messages import MESSAGES
from bench.rasa import EPOCHS, Rasa
from bench.systems import ROOT, System, disk_of_lock, floor, growth, ours, running
from bench.wrk import Load, WrkMissing, ceiling, send

SENDERS = (1, 8)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one system."""

    first: float
    """Seconds from start to first answer."""
    loads: dict[int, Load]
    """By number of senders."""
    resident: float
    """MB after the load."""
    growth: float | None
    """Cost of the 300th message beside the 20th."""


def main() -> None:
    """Run the benchmarks and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each load")
    parser.add_argument("--rounds", type=int, default=3, help="servers started of each system; medians are shown")
    parser.add_argument("--profile", action="store_true", help="what each step of a turn costs, and nothing else")
    wanted = parser.parse_args()
    if wanted.profile:
        from bench.profile import show_profile

        show_profile()
        return
    now = datetime.now(UTC)
    print(f"{now:%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    try:
        for senders in SENDERS:
            most = ceiling(senders, 2.0)
            print(f"wrk, {senders} senders: {f'{most:,.0f} messages/s at most' if most else 'no nginx: ceiling unknown'}")
        compare(wanted.seconds, wanted.rounds)
    except WrkMissing as error:
        sys.exit(str(error))


def compare(seconds: float, rounds: int) -> None:
    """Measure all systems and print a row for each, then the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        print(f"{'train, BMA Assistant':34} {train(models):6.1f} s")
        print(f"{'environment, BMA Assistant':34} {disk_of_lock(ROOT / 'requirements/runtime.txt'):6.0f} MB")
        for kind in ("SQLite", "PostgreSQL"):
            with database(kind) as url:
                if url is None:
                    continue
                target = url.removeprefix("sqlite:///")
                base = measure(floor(target), seconds, rounds, long=False)
                show(f"floor, {kind}", base)
                found = measure(ours(url, models), seconds, rounds)
                show(f"BMA Assistant, {kind}", found, base)
        show_rasa(Path(folder), seconds, found)


def train(models: Path) -> float:
    """Train our model; returns the seconds that the whole command took."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "api.cli.main", "train", "--force"]
    env = {**os.environ, "BMA_MODEL_DIR": str(models)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    inner = re.search(r"en ([\d.,]+) s", done.stdout)
    print(f"{'train, without reading the files':34} {inner[1] if inner else '?':>6} s")
    return time.perf_counter() - began


def measure(system: System, seconds: float, rounds: int, *, long: bool = True) -> Measured:
    """Measure a system, started several times; medians."""
    found = []
    for number in range(rounds):
        with running(system) as server:
            send(server.url, 8, min(2.0, seconds))
            loads = {senders: send(server.url, senders, seconds) for senders in SENDERS}
            resident = server.resident
            last = growth(server.url, MESSAGES) if long and number == rounds - 1 else None
            found.append(Measured(server.first, loads, resident, last))
    loads = {
        senders: Load(
            median(item.loads[senders].rate for item in found),
            median(item.loads[senders].p50 for item in found),
            median(item.loads[senders].p99 for item in found),
            sum(item.loads[senders].failed for item in found),
        )
        for senders in SENDERS
    }
    return Measured(median(item.first for item in found), loads, median(item.resident for item in found), found[-1].growth)


def show(name: str, found: Measured, base: Measured | None = None) -> None:
    """Print what was measured; with a base, how many times its costs."""
    print(f"{name:34} first answer {found.first:5.2f} s   memory {found.resident:5.0f} MB", end="")
    print(f"   300th message {found.growth:4.2f} x" if found.growth is not None else "")
    for senders, load in found.loads.items():
        row = f"    {senders} sender(s): {load.rate:7.0f} messages/s   p50 {load.p50:7.2f} ms   p99 {load.p99:7.2f} ms"
        if base is not None:
            other = base.loads[senders]
            row += f"   of the floor: {load.rate / other.rate:.2f} x the rate, {load.p50 / other.p50:.1f} x p50"
        print(row + (f"   {load.failed} FAILED" if load.failed else ""))


def show_rasa(folder: Path, seconds: float, found: Measured) -> None:
    """Measure a real Rasa when there is one."""
    program = os.environ.get("RASA")
    if not program:
        print("Rasa: none given; RASA=…/bin/rasa make bench compares with one (docs/rasa.md)")
        return
    kept = os.environ.get("RASA_PROJECT")
    rasa = Rasa(Path(program), Path(kept) if kept else folder / "rasa")
    if rasa.is_trained:
        print(f"{'train, Rasa + DIET':34} earlier: {kept}")
    else:
        print(f"{'train, Rasa + DIET':34} {rasa.train():6.1f} s on {rasa.sentences} sentences, {EPOCHS} epochs")
    print(f"{'environment, Rasa':34} {rasa.disk:6.0f} MB")
    with rasa.system() as system:
        peer = measure(system, seconds, 1, long=False)
        show("Rasa + DIET, in memory", peer)
        for senders in SENDERS:
            mine, other = found.loads[senders], peer.loads[senders]
            ratios = (
                f"{mine.rate / other.rate:.1f} x the rate, p50 / {other.p50 / mine.p50:.1f}, p99 / {other.p99 / mine.p99:.1f}"
            )
            print(f"    of Rasa, {senders} sender(s): {ratios}", flush=True)
        with running(system) as server:  # last: each message takes longer than the one before
            print(f"    of Rasa, 300th message {growth(server.url, MESSAGES):.1f} x", flush=True)


if __name__ == "__main__":
    main()
