"""« Chercher » on a real server with the project's own model and files."""

import re
import time
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from tests.api.console.people import log_in, staffed

pytestmark = pytest.mark.slow
PART = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("search")
    with staffed(folder) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as found:
        log_in(found, "lecteur")
        yield found


def ready(client: httpx.Client, address: str, waiting: str = "se préparent") -> str:
    """A page once what it needs is made."""
    for _ in range(60):
        page = client.get(address).raise_for_status().text
        if waiting not in page:
            return page
        time.sleep(0.5)
    raise AssertionError(page)


def counts(page: str) -> list[int]:
    said = re.search(r'<p role="status">(.*?)</p>', page)
    assert said is not None, page
    return [int(number.replace("\u202f", "")) for number in re.findall(r"[\d\u202f]+", unescape(said[1]))]


def test_the_first_answer_waits_for_nothing(client: httpx.Client) -> None:
    began = time.perf_counter()
    assert "<h1>Chercher</h1>" in client.get("/console/chercher?q=mot").text
    assert time.perf_counter() - began < 1.0  # the project takes longer than that to read
    page = ready(client, "/console/chercher?q=mot+de+passe+oubli%C3%A9")
    assert "<mark>oublié</mark>" in page


def test_sentences_tests_and_answers_say_where_they_are(client: httpx.Client) -> None:
    page = unescape(ready(client, "/console/chercher?q=mot+passe"))
    answers, training, tests = counts(page)
    assert min(answers, training, tests) > 3
    assert training > 100
    assert f"Les 100 premières sur {training:,} sont montrées".replace(",", "\u202f") in page
    for file in (r"data/nlu/\w+\.yml", r"tests/nlu/frozen\.yml", r"domain\.yml"):
        assert re.search(rf"<code>{file}:\d+</code>", page), file
    assert page.count("<table") == page.count("<caption") == 3


def test_a_topic_narrows_and_an_unknown_one_does_not_matter(client: httpx.Client) -> None:
    whole = counts(ready(client, "/console/chercher?q=mot"))
    narrow = counts(ready(client, "/console/chercher?q=mot&sujet=mot_de_passe"))
    assert all(0 < few < many for few, many in zip(narrow, whole, strict=True))
    assert counts(ready(client, "/console/chercher?q=mot&sujet=aucun_sujet")) == whole


@pytest.mark.parametrize(
    "q", ["<script>alert(1)</script>", "%", "%%%", "'; DROP TABLE x; --", '"', "é" * 2000, "\0\x01", "{{7*7}}"]
)
def test_nothing_that_is_typed_breaks_the_page(client: httpx.Client, q: str) -> None:
    ready(client, "/console/chercher?q=mot")
    page = client.get("/console/chercher", params={"q": q}).raise_for_status().text
    assert "<script>alert" not in page
    assert ("Seuls les 200 premiers" in page) == (len(q) > 200)


def test_it_answers_in_time_once_it_is_ready(client: httpx.Client) -> None:
    ready(client, "/console/chercher?q=mot")
    took = []
    for q in ("e", "mot de passe", "boite", "fase", "xyzzy", "a b c d e f g h i j"):
        began = time.perf_counter()
        client.get("/console/chercher", params={"q": q}).raise_for_status()
        took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.3


def test_checks_are_a_page_of_their_own_and_a_part(client: httpx.Client) -> None:
    page = unescape(ready(client, "/console/chercher/controles", "prend quelques secondes"))
    for said in (
        "Aucun : chaque sujet a au moins 10 phrases.",
        "phrases d'entrainement de",
        "sans adresse",
        "Liens des réponses",
    ):
        assert said in page
    assert "../chercher" in page
    part = client.get("/console/chercher/controles", headers=PART).text
    assert "<html" not in part
    assert "../" not in part
    assert "<html" not in client.get("/console/chercher?q=mot", headers=PART).text
