"""« Savoir » in a real Chromium: charts say what their tables say; it works without scripts, by keyboard, on a small screen."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.console.figures import add_questions
from tests.api.console.people import staffed
from tests.e2e.browser.console import Opening, pages

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("console")
    with staffed(folder) as url:
        add_questions(f"sqlite:///{folder}/bma.sqlite3")
        yield url


Check = Callable[[Page], None]


@pytest.fixture
def opened(browser: Browser, console: str) -> Iterator[Opening]:
    with pages(browser, console, 10_000) as show:
        yield partial(show, "savoir")


DRAWN = """
canvas => ({
    labels: Chart.getChart(canvas).data.labels,
    data: Chart.getChart(canvas).data.datasets.map(one => one.data),
    blank: !canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(value => value),
})
"""


def test_charts_draw_what_their_tables_say(opened: Opening) -> None:
    page = opened()
    charts = page.get_by_role("img")
    expect(charts).to_have_count(3)
    for chart in charts.all():
        drawn = chart.evaluate(DRAWN)
        table = page.locator(f"#{chart.get_attribute('data-table')}")
        rows = table.locator("tbody tr")
        assert not drawn["blank"]
        assert drawn["labels"] == rows.locator("th").all_text_contents()
        columns = [int(column) for column in (chart.get_attribute("data-columns") or "").split()]
        for column, values in zip(columns, drawn["data"], strict=True):
            cells = [row.locator("th, td").nth(column) for row in rows.all()]
            assert values == [int(cell.get_attribute("data-value") or -1) for cell in cells]
        assert "dans le tableau qui suit" in (chart.get_attribute("aria-label") or "")
    declined = page.locator("#bilan tr", has_text="Je ne sais pas")
    assert declined.locator("td").inner_text().split() == ["3", "33", "%"]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_it_is_accessible_and_breaks_no_rule(
    opened: Opening, check_axe: Callable[[Page], None], colours: str, width: int
) -> None:
    page = opened(color_scheme=colours, viewport={"width": width, "height": 800})
    expect(page.get_by_text("dont 2 ont terminé la conversation")).to_be_visible()
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("violations") == []


def wait_until(page: Page, expression: str) -> None:
    """Wait for an expression; Playwright's own way evaluates text in the page, which the policy forbids."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def test_colours_follow_the_system_at_once(opened: Opening) -> None:
    page = opened(color_scheme="light")
    first = "Chart.getChart(document.querySelector('canvas')).data.datasets[0].backgroundColor"
    light = page.evaluate(first)
    page.emulate_media(color_scheme="dark")
    wait_until(page, f"{first} !== '{light}'")


def test_it_works_by_keyboard(opened: Opening) -> None:
    page = opened()
    page.get_by_label("Canal", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("canal=(rest|teams)"))
    region = page.get_by_role("region", name="Par jour", exact=True)
    region.focus()
    page.keyboard.press("End")
    wait_until(page, "document.activeElement.scrollTop > 0")


def test_it_works_without_scripts(opened: Opening) -> None:
    page = opened(java_script_enabled=False)
    page.get_by_role("link", name="7 derniers jours").click()
    expect(page.locator("[aria-current=true]")).to_have_text("7 derniers jours")
    page.get_by_role("link", name="Compter les répétitions").click()
    expect(page.get_by_text("dont 2 ont terminé la conversation")).to_be_visible()
    page.get_by_role("link", name="Revenir").click()
    expect(page.locator("[aria-current=true]")).to_have_text("7 derniers jours")


def test_a_table_is_saved_as_a_file(opened: Opening) -> None:
    page = opened()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Enregistrer en CSV : Par canal").click()
    assert saved.value.suggested_filename.startswith("bma-canaux-")
    assert Path(saved.value.path()).read_text(encoding="utf-8-sig").startswith("Canal;Messages;Questions;")
