"""The audit's screen: in French, by pages, filtered, as a file; and quick when it is long."""

import ast
import csv
import io
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.console.pages import texts
from api.console.screens.journal import line, words
from bot.storage import audit
from bot.storage.audit import Entry
from bot.storage.database import connect
from bot.storage.schema import audit as table
from tests.api.console.people import add_people, log_in
from tests.databases import KINDS, migrated
from tests.servers import assistant
from tests.trained import ROOT

LINES = 100_000
SPECIAL = Entry(1_790_000_000.0, "editeur", "publish", "modèle-7", {"reason": "=1+1", "conversations": 3, "kept": True})


@pytest.fixture(scope="module", params=KINDS)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """An administrator, where much was done."""
    folder = tmp_path_factory.mktemp("journal")
    with migrated(request.param, folder) as database:
        fill(database)
        with assistant(folder, {"BMA_DATABASE_URL": database, "BMA_SECRET_KEY": "k" * 32}) as url:
            add_people(database)
            with httpx.Client(base_url=url, trust_env=False, timeout=60) as found:
                log_in(found, "admin")
                yield found


def fill(database: str) -> None:
    engine = connect(database)
    with engine.begin() as connection:
        audit.add(connection, SPECIAL)
        rows = [
            {"at": 1_790_000_000.0 + number, "actor": f"personne {number % 7}", "action": "login", "subject": "", "details": "{}"}
            for number in range(LINES)
        ]
        connection.execute(table.insert(), rows)
    engine.dispose()


def rows_of(page: str) -> int:
    return page.count("<tr>") - 1


@pytest.mark.slow
def test_the_journal_goes_by_pages_of_a_hundred(client: httpx.Client) -> None:
    first = client.get("/console/journal").text
    assert rows_of(first) == 100
    assert "Une personne admin" in first
    assert "Connexion" in first
    assert "Plus anciennes" in first
    older = first.split('href="journal?avant=')[1].split('"')[0]
    second = client.get(f"/console/journal?avant={older}").text
    assert rows_of(second) == 100
    assert "Les plus récentes" in second
    last = client.get("/console/journal?avant=50").text
    assert rows_of(last) == 49
    assert "Plus anciennes" not in last


@pytest.mark.slow
def test_an_entry_is_said_in_words(client: httpx.Client) -> None:
    page = client.get("/console/journal?action=publish").text
    assert rows_of(page) == 1
    for part in ("Une personne editeur", "Modèle publié", "modèle-7", "pourquoi : =1+1", "kept : oui", "21/09/2026"):
        assert part in page


@pytest.mark.slow
def test_who_and_what_filter_and_odd_filters_find_nothing(client: httpx.Client) -> None:
    page = client.get("/console/journal", params={"acteur": "personne 3", "action": "login"}).text
    assert rows_of(page) == 100
    assert "personne 4</td>" not in page
    assert "acteur=personne+3&amp;action=login&amp;avant=" in page
    nul = client.get("/console/journal", params={"acteur": "perso\0nne 3", "action": "log\0in"})
    assert rows_of(nul.text) == 100
    for odd in ({"acteur": "' OR 1=1 --"}, {"action": "<b>"}, {"acteur": "x" * 5000}, {"avant": "0"}):
        found = client.get("/console/journal", params=odd)
        assert found.status_code == 200
        assert "Rien à afficher" in found.text
        assert "<b>" not in found.text
    assert rows_of(client.get("/console/journal?avant=-3").text) == 100


@pytest.mark.slow
def test_the_file_has_all_lines_that_the_filter_lets_pass(client: httpx.Client) -> None:
    saved = client.get("/console/journal.csv", params={"acteur": "editeur"})
    assert saved.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert saved.headers["content-disposition"] == 'attachment; filename="journal.csv"'
    assert saved.content.startswith("\ufeff".encode())
    head, row = list(csv.reader(io.StringIO(saved.content.decode("utf-8-sig")), delimiter=";"))
    assert head == ["Quand", "Qui", "Nom affiché", "Quoi", "Sur quoi", "Détails"]
    assert row[1:5] == ["editeur", "Une personne editeur", "Modèle publié", "modèle-7"]
    assert row[5] == "pourquoi : =1+1; conversations : 3; kept : oui"
    everything = client.get("/console/journal.csv").content.decode("utf-8-sig")
    assert everything.count("\r\n") >= LINES + 3
    nul = client.get("/console/journal.csv", params={"acteur": "edi\0teur"})
    assert nul.content == saved.content


@pytest.mark.slow
def test_a_long_journal_is_as_quick(client: httpx.Client) -> None:
    """Also for a filter that lets one line of 100,000 pass, the oldest: the median of seven."""

    def median(address: str) -> float:
        times = []
        for _ in range(7):
            begin = time.perf_counter()
            assert client.get(address).status_code == 200
            times.append(time.perf_counter() - begin)
        return sorted(times)[3]

    for address in ("/console/journal", "/console/journal?avant=5000", "/console/journal?acteur=editeur&action=publish"):
        assert median(address) < 0.3, address


def test_every_action_that_is_noted_has_french_words() -> None:
    """Actions and their details, as the code writes them."""
    t = texts()["journal"]
    found, keys = set[str](), set[str]()
    for path in (*(ROOT / "bot").rglob("*.py"), *(ROOT / "api").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = ast.unparse(call.func)
            place = 2 if name.endswith("audit.Entry") else 3 if name in ("_note", "change", "_change") else None
            if name.endswith("audit.Entry") or name == "_note":
                details = [keyword.value for keyword in call.keywords if keyword.arg == "details"] + call.args[4:]
                keys |= {key.value for value in details if isinstance(value, ast.Dict) for key in value.keys if _is_text(key)}
            if place is not None and len(call.args) > place and _is_text(call.args[place]):
                found.add(call.args[place].value)  # type: ignore[attr-defined]
    computed = {"login_failed", "change_password_failed", "train", "prove", "activate"}
    assert {
        "erase",
        "export",
        "purge",
        "create_account",
        "login",
        "correction_confirm",
        "disable_account",
        "change_role",
    } <= found
    assert found | computed <= set(t["actions"]), f"journal.actions of texts.yml: {sorted(found - set(t['actions']))}"
    assert keys <= set(t["details"]), f"journal.details of texts.yml: {sorted(keys - set(t['details']))}"


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "oui"),
        (False, "non"),
        (0.25, "0,25"),
        (3, "3"),
        ("editeur", "éditeur"),
        (["a", 1], "a, 1"),
        ({"a": 2}, "a 2"),
        (None, ""),
    ],
)
def test_a_detail_in_words(value: Any, said: str) -> None:
    assert words(value) == said


def test_a_line_of_something_that_nobody_foresaw() -> None:
    found = line(Entry(0.0, "inconnu", "dance", "x", {"y": 1}), {})
    assert (found["action"], found["known_as"], found["details"]) == ("dance", "", [("y", "1")])
