"""Pages of the console for somebody who is logged in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page

from tests.api.console.people import PASSWORD, csrf_of

WATCH = "window.violations = []; addEventListener('securitypolicyviolation', event => violations.push(event.violatedDirective))"
Opening = Callable[..., Page]


@contextmanager
def pages(browser: Browser, url: str, timeout: float) -> Iterator[Opening]:
    """Gives a function that opens a screen for a role (`lecteur`), each in a profile of its own; all close at the end.

    Args:
        browser: a Chromium.
        url: address of a server that has the accounts of `add_people`.
        timeout: milliseconds that a page may take.
    """
    contexts: list[BrowserContext] = []

    def show(screen: str, role: str = "lecteur", **options: object) -> Page:
        context = browser.new_context(base_url=url, locale="fr-BE", reduced_motion="reduce", **options)  # type: ignore[arg-type]
        context.set_default_timeout(timeout)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(WATCH)
        form = {"csrf": csrf_of(context.request.get("/console/connexion").text()), "nom": role, "mot_de_passe": PASSWORD}
        assert context.request.post("/console/connexion", form=form, max_redirects=0).status == 303
        page.goto(f"/console/{screen}")
        return page

    try:
        yield show
    finally:
        for context in contexts:
            context.close()
