"""`python -m bench.console [MESSAGES]`: how soon each screen of the console answers with 100,000 stored messages.

The database is filled (`bench.stored`), a server started, an administrator logged in, and every GET route of the console asked:
those with an id by the first link to one that a screen shows. A screen's limit is 300 ms at p50. Beside it, what a message to
the assistant costs while screens are read. CPU time is the server process's own: it says more
than p50 on a machine that others use.
"""

from __future__ import annotations

import itertools
import re
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin

import httpx
from fastapi import APIRouter
from fastapi.routing import APIRoute

from api.console.app import SCREENS
from api.console.console import Console
from api.settings import Settings
from bench.databases import database
from bench.load import cpu_seconds
from bench.messages import MESSAGES
from bench.stored import PASSWORD, fill
from bench.systems import REST, ROOT, ours, running
from bot.training import archive

COUNT = 20
LIMIT = 300.0
"""Milliseconds of a screen's first answer."""
TURNS = 150
"""Messages that are sent while nobody, and then somebody, reads the console."""
IDLE = 10
"""Half seconds without a job after which all is done."""
LATER = (
    "/savoir/suites",
    "/chercher/controles",
    "/boite/groupe",
    "/ameliorer/brouillon",
    "/ameliorer/brouillon.patch",
    "/ameliorer/{number:int}/recoupements",
)
"""Parts that a screen asks for once it is shown: no first answers."""
LEFT_OUT = ("/connexion", "/f/{name}", "/oidc", "/retour")
"""Not screens: what is asked before anybody is known."""


def screens() -> list[APIRoute]:
    """Every GET route of the console."""

    def inside(router: APIRouter) -> Iterator[APIRoute]:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route
            elif isinstance(inner := getattr(route, "router", None), APIRouter):
                yield from inside(inner)

    console = Console(Settings(_env_file=None))
    routes = [route for screen in SCREENS for route in inside(screen(console)) if "GET" in (route.methods or ())]
    return [route for route in routes if route.path not in LEFT_OUT]


def log_in(client: httpx.Client) -> None:
    """As an administrator, who sees every screen."""
    token = re.search(r'name="csrf" value="([^"]+)"', client.get("/console/connexion").raise_for_status().text)
    assert token is not None
    fields = {"csrf": token[1], "nom": "admin", "mot_de_passe": PASSWORD}
    assert client.post("/console/connexion", data=fields).status_code == 303


def prove(client: httpx.Client) -> None:
    """Have a draft trained and proved, so that there is something to show."""
    page = client.get("/console/prouver").raise_for_status().text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token is not None
    assert client.post("/console/prouver/brouillon", data={"csrf": token[1]}).status_code == 303
    idle = 0
    while idle < IDLE:  # the proof begins a moment after the training has ended
        time.sleep(0.5)
        idle = idle + 1 if "hx-refresh" in client.get("/console/travail").headers else 0


def addresses(client: httpx.Client, routes: list[APIRoute]) -> dict[str, str | None]:
    """An address of each route, by its path: the first link that a screen shows to what needs an id or a query; None without."""
    pages = {route.path: client.get(f"/console{route.path}") for route in routes if "{" not in route.path}
    found: dict[str, str | None] = {path: path for path, page in pages.items() if page.status_code == 200}
    missing = [route for route in routes if route.path not in found]
    for path in list(found):
        for link in re.findall(r'(?:href|hx-get|data-href)="([^"#]+)', pages[path].text):
            address = urljoin(f"/console{path}", unescape(link)).removeprefix("/console")
            for route in missing:
                if route.path_regex.match(address.partition("?")[0]):
                    found.setdefault(route.path, address)
    return found | {route.path: None for route in missing if route.path not in found}


def measure_screens(client: httpx.Client, process: subprocess.Popen[bytes]) -> list[str]:
    """Measure every screen and print its row; returns the ones that are too slow."""
    slow = []
    for path, address in addresses(client, screens()).items():
        if address is None:
            print(f"  {path:34} no link to it")
            continue
        took, cpu = [], cpu_seconds(process)
        for _ in range(COUNT):
            began = time.perf_counter()
            answer = client.get(f"/console{address}")
            took.append(1000 * (time.perf_counter() - began))
        p50, p95 = statistics.median(took), sorted(took)[int(0.95 * COUNT) - 1]
        verdict = "part" if path in LATER else "slow" if p50 > LIMIT else "ok"
        if answer.status_code != 200:
            verdict = f"failed: {answer.status_code}"
        if verdict not in ("ok", "part"):
            slow.append(path)
        size, cpu = len(answer.content) / 1000, 1000 * (cpu_seconds(process) - cpu) / COUNT
        row = f"p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  {cpu:6.1f} ms CPU  {size:7.1f} kB  {verdict}"
        print(f"  {path:34} {row}", flush=True)
    return slow


def measure_turns(url: str) -> tuple[float, float]:
    """Median and 95th percentile of messages to the assistant, in milliseconds."""
    took = []
    with httpx.Client(base_url=url, trust_env=False) as client:
        for number in range(TURNS):
            if number % 10 == 0:
                sender = str(uuid.uuid4())
            began = time.perf_counter()
            client.post(
                "/webhooks/rest/webhook", json={"sender": sender, "message": MESSAGES[number % len(MESSAGES)]}
            ).raise_for_status()
            took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took), sorted(took)[int(0.95 * TURNS)]


def measure_both(url: str, client: httpx.Client) -> None:
    """What turns cost alone, and while one person reads one screen after the other."""
    alone = measure_turns(url)
    paths = [address for address in addresses(client, screens()).values() if address is not None]
    stop, pages = threading.Event(), itertools.count()

    def read() -> None:
        for path in itertools.cycle(paths):
            if stop.is_set():
                return
            client.get(f"/console{path}")
            next(pages)

    reader = threading.Thread(target=read)
    reader.start()
    beside = measure_turns(url)
    stop.set()
    reader.join()
    print(f"  a message                          alone p50 {alone[0]:.1f} ms, p95 {alone[1]:.1f} ms")
    print(f"  … while {next(pages):3} screens are read         p50 {beside[0]:.1f} ms, p95 {beside[1]:.1f} ms")


def measure(name: str, url: str, messages: int) -> list[str]:
    """Measure one database; returns the screens that are too slow."""
    models = ROOT / "models"
    path = archive.latest(models)
    if path is None:
        raise SystemExit("no model: run bma train")
    began = time.perf_counter()
    fill(url, archive.read(path), messages)
    print(f"{name}: {messages} messages stored in {time.perf_counter() - began:.0f} s", flush=True)
    with running(ours(url, models)) as server:
        address = server.url.removesuffix(REST)
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            log_in(client)
            prove(client)
            slow = measure_screens(client, server.process)
            measure_both(address, client)
    return slow


def main() -> None:
    """Measure and print."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    slow: list[str] = []
    for name in ("SQLite", "PostgreSQL"):
        with database(name) as url:
            if url is not None:
                slow += [f"{name}: {path}" for path in measure(name, url, messages)]
    print(f"slower than {LIMIT:.0f} ms: {', '.join(slow) or 'none'}")


if __name__ == "__main__":
    main()
