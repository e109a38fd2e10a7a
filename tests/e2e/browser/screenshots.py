"""The pictures of docs/images/: `python -m tests.e2e.browser.screenshots` (or `make screenshots`)."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.e2e.browser import console_screenshots
from tests.e2e.browser.chromium import chromium
from tests.e2e.browser.widget import answers, launcher, opened, panel, say
from tests.servers import assistant
from tests.trained import ROOT

IMAGES = ROOT / "docs" / "images"
SIZES = {"telephone": (390, 844), "bureau": (1280, 800)}
COLOURS = {
    "clair": {"color_scheme": "light"},
    "sombre": {"color_scheme": "dark"},
    "contraste": {"color_scheme": "dark", "forced_colors": "active"},
}


def conversation(page: Page) -> None:
    """A password conversation in the open widget."""
    opened(page)
    say(page, "on a perdu le mdp de la bma")
    answers(page, 1)
    panel(page).get_by_role("button", name="Non, pas connu dans MODE").click()
    answers(page, 2)
    page.wait_for_timeout(300)


def take(browser: Browser, url: str, folder: Path) -> list[Path]:
    """Take all pictures.

    Args:
        browser: a Chromium.
        url: address of a running assistant.
        folder: where they go.
    """
    made: list[Path] = []
    for size, (width, height) in SIZES.items():
        for colours, media in COLOURS.items():
            context = browser.new_context(
                base_url=url, locale="fr-BE", viewport={"width": width, "height": height}, reduced_motion="reduce", **media
            )
            page = context.new_page()
            conversation(page)
            made.append(folder / f"widget-{size}-{colours}.png")
            page.screenshot(path=made[-1])
            page.goto("/assistant")
            page.get_by_role("textbox").fill("on a perdu le mdp de la bma")
            page.get_by_role("button", name="Envoyer").click()
            page.get_by_role("button", name="Non, pas connu").click()
            made.append(folder / f"page-{size}-{colours}.png")
            page.screenshot(path=made[-1], full_page=True)
            context.close()
    for size, (width, height) in SIZES.items():
        context = browser.new_context(base_url=url, locale="fr-BE", viewport={"width": width, "height": height})
        page = context.new_page()
        page.goto("/")
        launcher(page).wait_for()
        made.append(folder / f"demo-{size}.png")
        page.screenshot(path=made[-1], full_page=True)
        context.close()
    return made


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, assistant(Path(place)) as server, chromium() as found:
        for path in take(found, server, IMAGES):
            print(path.relative_to(ROOT))
    with tempfile.TemporaryDirectory() as place:
        console_screenshots.prepare(Path(place))
        with assistant(Path(place)) as server, chromium() as found:
            for path in console_screenshots.take(found, server, IMAGES):
                print(path.relative_to(ROOT))
