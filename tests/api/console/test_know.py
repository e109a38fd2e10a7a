"""The screen « Savoir » on a real server: figures counted by hand (tests/bot/storage/test_statistics.py)."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.console.csv_export import SEPARATOR
from bot.storage.conversations import day_of
from tests.api.console.figures import add_questions, shift
from tests.api.console.people import log_in, staffed
from tests.bot.storage.test_statistics import NOON

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("know")
    with staffed(folder) as url, httpx.Client(base_url=url, trust_env=False) as found:
        add_questions(f"sqlite:///{folder}/bma.sqlite3")
        log_in(found, "lecteur")
        yield found


def tiles(page: str) -> list[str]:
    """The figures that are shown first."""
    return [re.sub(r"\s+", " ", text).strip() for text in re.findall(r"<dd>(?:<strong>)?([^<]+)", page)]


def rows(client: httpx.Client, table: str, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/console/savoir/{table}.csv?{query}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert re.search(rf'filename="bma-{table}-\d{{4}}-\d\d-\d\d-\d{{4}}-\d\d-\d\d\.csv"', answer.headers["content-disposition"])
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=SEPARATOR))


def test_figures_come_first(client: httpx.Client) -> None:
    page = client.get("/console/savoir").text
    # 9 messages; utter_bonjour and utter_support are no responses of the project: answered, as the form, the capacity and
    # what had no name; one question of a form; three refusals. Two opinions of four say « helpful ».
    assert tiles(page) == ["9", "9", "55,6 %", "50,0 %", "10 ms"]
    assert page.index('class="tiles"') < page.index("<canvas")
    assert page.count("<table") == page.count("<caption") == 7


def test_a_channel_and_two_dates(client: httpx.Client) -> None:
    assert tiles(client.get("/console/savoir?canal=teams").text)[:2] == ["3", "3"]
    first = day_of(NOON + shift())
    page = client.get(f"/console/savoir?du={first}&au={first}").text
    assert tiles(page)[0] == "6"
    assert f'value="{first}"' in page
    assert tiles(client.get("/console/savoir?du=2020-01-01&au=2020-01-31").text) == ["0", "0", "–", "aucun avis"]
    assert tiles(client.get("/console/savoir?canal=inconnu").text)[0] == "0"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("du=2026-11-25&au=2026-11-24", "après la seconde"),
        ("du=hier&au=2026-11-24", "Il faut deux dates"),
        ("du=2026-11-24", "Il faut deux dates"),
        ("du=2020-01-01&au=2026-11-24", "au plus deux ans"),
    ],
)
def test_dates_that_cannot_be_used(client: httpx.Client, query: str, words: str) -> None:
    page = client.get(f"/console/savoir?{query}").text
    assert words in page
    assert tiles(page)[0] == "9"


@pytest.mark.parametrize(
    "query", ["jours=0", "jours=-1", "jours=9999999999999999", "jours=%00", "canal=%00%27%3B", "canal=" + "x" * 4000]
)
def test_odd_addresses_are_answered(client: httpx.Client, query: str) -> None:
    assert client.get(f"/console/savoir?{query}").status_code == 200


def test_tables_are_saved(client: httpx.Client) -> None:
    days = rows(client, "jours", "jours=7")
    assert len(days) == 7
    assert [row["Messages"] for row in days if row["Messages"] != "0"] == ["6", "3"]
    assert [row["Part avec réponse"] for row in days if row["Messages"] == "6"] == ["0,5000"]
    assert {row["Canal"]: row["Messages"] for row in rows(client, "canaux")} == {"Widget": "6", "Teams": "3"}
    assert [row["Question (masquée)"] for row in rows(client, "questions")] == ["la cantine", "la piscine"]
    topics = {row["Sujet"]: row["Messages"] for row in rows(client, "sujets")}
    assert topics["Pas compris"] == "3"
    assert topics["Mot de passe BMA perdu"] == "2"
    assert sum(int(row["Mesures"]) for row in rows(client, "temps")) == 8
    assert [row["Médiane (ms)"] for row in rows(client, "temps-canaux")] == ["10", "5"]
    assert sum(int(row["Nombre"]) for row in rows(client, "bilan")) == 9
    assert client.get("/console/savoir/autre.csv").status_code == 404


def test_what_came_after_a_miss_is_a_part_of_the_screen_or_a_page(client: httpx.Client) -> None:
    # Missed: three refusals, a question; « la cantine » was asked again, and two conversations end on a refusal.
    sentence = "suivants : 1. Questions sans réponse : 4, dont 2 ont terminé la conversation (50 %)"
    part = client.get("/console/savoir/suites", headers={"HX-Request": "true"}).text
    assert sentence in part.replace("\u00a0", " ")
    assert "<html" not in part
    page = client.get("/console/savoir/suites").text
    assert sentence in page.replace("\u00a0", " ")
    assert 'href="../savoir?jours=30"' in page


def test_a_table_of_outcomes_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    import shutil

    from tests.trained import ROOT

    for name in ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "data", tmp_path / "data")
    with staffed(tmp_path, {"BMA_PROJECT_DIR": str(tmp_path)}) as url, httpx.Client(base_url=url, trust_env=False) as client:
        log_in(client, "lecteur")
        assert "bma check" not in client.get("/console/savoir").text
        (tmp_path / "data/bilan.yml").write_text("bilan: 3\n")
        assert "Lancez « bma check »" in client.get("/console/savoir").text
