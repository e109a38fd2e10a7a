"""Report pages: self-contained, strict, readable without seeing and without colours."""

from html.parser import HTMLParser

import pytest

from api.cli.pages import nlu_page, thresholds_page
from bot.training.nlu_report import nlu_report
from bot.training.prediction import Prediction, Scope
from bot.training.thresholds import choose_thresholds
from tests.bot.training.predictions import predicted
from tests.bot.training.test_nlu_report import NEAR, PREDICTIONS, SCOPE

VOID = frozenset({"meta", "br", "hr", "img", "input", "link", "rect", "line", "circle", "path", "polyline"})


class Page(HTMLParser):
    """A page's elements, all closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


HOSTILE = Prediction("<script>alert(1)</script>", "a", "b", 0.6, (("b", 0.6),))
REPORT = nlu_report([*PREDICTIONS, HOSTILE], SCOPE, source="essai.yml", nearest={PREDICTIONS[1]: (NEAR,)}, model="m1")
PAGES = {
    "nlu": nlu_page(REPORT),
    "folds": nlu_page(nlu_report(PREDICTIONS, SCOPE, source="data/", folds=5)),
    "all_right": nlu_page(nlu_report([predicted("a", ("a", 0.9))], Scope(), source="essai.yml")),
    "thresholds": thresholds_page(choose_thresholds(PREDICTIONS, SCOPE, (0.3, 0.1)), "essai.yml"),
}


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_asked_for_anything_and_nothing_runs(name: str) -> None:
    page = Page(PAGES[name])
    assert {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "form"} == set()
    attributes = {key for _, found in page.elements for key in found}
    assert not {key for key in attributes if key.startswith("on")} | (attributes & {"src", "srcset", "action"})
    assert "url(" not in PAGES[name]
    assert "http" not in PAGES[name].replace("http-equiv", "")
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


@pytest.mark.parametrize("name", PAGES)
def test_structure_that_a_screen_reader_can_follow(name: str) -> None:
    page = Page(PAGES[name])
    assert page.all("html") == [{"lang": "fr"}]
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) - len(page.all("svg")) == 1
    assert len(page.all("table")) == len(page.all("caption"))
    assert all(cell.get("scope") in ("row", "col") for cell in page.all("th"))
    assert all(chart["role"] == "img" for chart in page.all("svg"))
    assert len(page.all("figure")) == len(page.all("figcaption")) == len(page.all("svg"))


def test_each_cell_of_the_matrix_leads_to_its_sentences() -> None:
    page = Page(PAGES["nlu"])
    links = [str(link["href"]) for link in page.all("a")]
    places = [f"#{heading['id']}" for heading in page.all("h3")]
    assert len(links) == len(REPORT.confusion) == len(set(links))
    assert set(links) == set(places)
    assert any(link["aria-label"] == "2 × a → b" for link in page.all("a"))


def test_sentences_are_shown_as_they_are_written() -> None:
    page = Page(PAGES["nlu"])
    assert "« <script>alert(1)</script> »" in page.text
    assert "0,50 b « exemple » data/nlu.yml:9" in page.text
    assert "« phrase 2 » fausse, b 0,60, essai.yml:2 protégée" in " ".join(page.text.split())
    assert "Phrases protégées : 2, dont 1 qui ne sont pas justes." in page.text


def test_figures_are_french() -> None:
    text = Page(PAGES["nlu"]).text
    assert "2 (33,3\u00a0%)" in text
    assert "comprises par le modèle m1" in text
    assert "validation croisée en 5 parts" in Page(PAGES["folds"]).text
