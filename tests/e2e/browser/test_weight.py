"""What the widget costs and asks for: bytes, requests, the site's policy; and that the build is what the source says."""

import gzip
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from api import VERSION
from api.assets import FOLDER, WIDGET, assets, snippet
from api.security import POLICY
from tests.e2e.browser.chromium import WIDGET as SOURCE
from tests.e2e.browser.chromium import build, node_modules
from tests.e2e.browser.widget import answers, launcher, opened, panel, say
from tests.servers import assistant, free_port

pytestmark = pytest.mark.slow
BUDGET = 15_000
"""Bytes, gzip."""


def test_the_committed_build_is_the_source(folder: Path) -> None:
    build(folder)
    same = (folder / WIDGET).read_bytes() == (FOLDER / WIDGET).read_bytes()
    assert same, "make widget, then commit api/static/"


def test_types_hold() -> None:
    done = subprocess.run([node_modules() / ".bin" / "tsc", "-p", SOURCE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_one_version_everywhere() -> None:
    package = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == VERSION
    pinned = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in pinned.values())


def test_it_weighs_at_most_15_kilobytes() -> None:
    assert len(gzip.compress(assets()[WIDGET].content, 9)) <= BUDGET


def requests_of(page: Page) -> list[Request]:
    found: list[Request] = []
    page.on("request", lambda request: found.append(request))
    return found


def test_one_request_before_opening_and_none_to_anybody_else(page: Page, server: str) -> None:
    made = requests_of(page)
    page.goto("/")
    launcher(page).wait_for()
    page.wait_for_load_state("networkidle")
    # The page itself and its style sheet are the site's; the widget is the script.
    assert [request.resource_type for request in made if request.url.startswith("http")] == ["document", "stylesheet", "script"]
    launcher(page).click()
    say(page, "mot de passe de la bma perdu")
    answers(page, 1)
    panel(page).get_by_role("button", name="Je ne sais pas").click()
    answers(page, 2)
    assert {request.url.split("/")[2] for request in made if request.url.startswith("http")} == {server.split("/")[2]}


def test_the_script_is_sent_compressed_and_kept_for_long(page: Page) -> None:
    with page.expect_response(lambda response: WIDGET in response.url) as answer:
        page.goto("/")
    headers = answer.value.headers
    assert headers["content-encoding"] == "gzip"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert int(headers["content-length"]) <= BUDGET


WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", event => window.violations.push(event.violatedDirective + " " + event.blockedURI));
"""


def whole_conversation(page: Page) -> None:
    """All that the widget can do."""
    say(page, "mot de passe de la bma perdu")
    answers(page, 1)
    panel(page).get_by_role("button", name="Oui, connu dans MODE").click()
    answers(page, 2)
    page.get_by_role("button", name="Oui", exact=True).click()
    page.get_by_role("button", name="Effacer la conversation").click()
    page.keyboard.press("Escape")
    launcher(page).click()


@pytest.mark.parametrize("path", ["/", "/assistant"])
def test_every_page_has_the_strict_policy_and_keeps_it(page: Page, path: str) -> None:
    page.add_init_script(WATCH)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if "Security Policy" in message.text else None)
    response = page.goto(path)
    assert response is not None
    assert response.headers["content-security-policy"] == POLICY
    if path == "/":
        opened(page)
        whole_conversation(page)
    assert page.evaluate("window.violations") == []
    assert errors == []


def test_the_policy_stops_what_it_must(page: Page) -> None:
    """That the test above can fail."""
    page.add_init_script(WATCH)
    page.goto("/")
    page.evaluate("try { document.body.innerHTML = '<b>x</b>' } catch {}")
    page.evaluate("document.body.append(Object.assign(document.createElement('img'), {src: 'https://exemple.be/i.png'}))")
    page.wait_for_function("window.violations.length >= 2")


class Site:
    """Another site that embeds the widget under the strict policy, and gets the browser's reports.

    Args:
        port: where it listens.
        assistant_url: address of the assistant.
    """

    def __init__(self, port: int, assistant_url: str) -> None:
        self.reports: list[bytes] = []
        policy = POLICY.replace("script-src 'self'", f"script-src {assistant_url}")
        policy = policy.replace("connect-src 'self'", f"connect-src {assistant_url}") + "; report-uri /rapport"
        code = snippet(assistant_url, "Une question ?")
        body = f"<!doctype html><html lang=fr><title>Un site</title><main><h1>Un site</h1>{code}</main>"
        reports = self.reports

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body.encode())

            def do_POST(self) -> None:
                reports.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Site, str]]:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with assistant(tmp_path_factory.mktemp("embedded"), {"BMA_ALLOWED_ORIGINS": origin, "BMA_RATE_LIMIT": "3,600"}) as url:
        site = Site(port, url)
        yield origin, site, url
        site.close()


def test_embedded_in_another_site_under_its_strict_policy(browser: Browser, embedded: tuple[str, Site, str]) -> None:
    origin, site, url = embedded
    context = browser.new_context(locale="fr-BE")
    page = context.new_page()
    page.add_init_script(WATCH)
    made = requests_of(page)
    opened(page, origin)
    whole_conversation(page)
    assert page.evaluate("window.violations") == []
    assert [report for report in site.reports if b"favicon" not in report] == []
    hosts = {request.url.split("/")[2] for request in made if request.url.startswith("http")}
    assert hosts == {origin.split("/")[2], url.split("/")[2]}
    assert context.cookies() == []
    context.close()


def test_the_real_limit_of_messages_is_a_french_sentence_in_another_site_too(
    browser: Browser, embedded: tuple[str, Site, str]
) -> None:
    origin, _, _ = embedded
    page = browser.new_page(locale="fr-BE")
    opened(page, origin)
    for number in range(1, 4):
        say(page, "bonjour")
        answers(page, number)
    say(page, "bonjour")
    expect(panel(page).get_by_role("alert")).to_contain_text("Trop de messages ont été envoyés en peu de temps.")
    page.context.close()


def test_a_site_that_is_not_listed_gets_no_answer(browser: Browser, embedded: tuple[str, Site, str]) -> None:
    _, _, url = embedded
    other = free_port()
    site = Site(other, url)
    page = browser.new_page(locale="fr-BE")
    opened(page, f"http://127.0.0.1:{other}")
    say(page, "bonjour")
    expect(panel(page).get_by_role("alert")).to_contain_text("La connexion avec l’assistant a été coupée.")
    page.context.close()
    site.close()


def test_a_changed_script_does_not_run(browser: Browser, embedded: tuple[str, Site, str]) -> None:
    origin, _, _ = embedded
    page = browser.new_page()
    page.route(f"**/{WIDGET}*", lambda route: route.fulfill(body="alert(1)", headers={"Access-Control-Allow-Origin": "*"}))
    page.goto(origin)
    expect(page.get_by_role("link", name="Une question ?")).to_be_visible()
    page.context.close()


def test_switched_off_the_plain_link_remains(browser: Browser, tmp_path: Path) -> None:
    with assistant(tmp_path, {"BMA_ASSISTANT_OFF": "true"}) as url:
        page = browser.new_page(locale="fr-BE")
        with page.expect_response(lambda response: WIDGET in response.url) as answer:
            page.goto(url)
        assert answer.value.status == 503
        assert answer.value.headers["cache-control"] == "public, max-age=60"
        page.get_by_role("link", name="Une question sur la BMA ?").click()
        expect(page).to_have_title("Assistant automatique BMA")
        expect(page.get_by_role("main")).to_contain_text("L’assistant est arrêté pour le moment.")
        expect(page.get_by_role("link", name="support@etnic.be")).to_be_visible()
        page.context.close()
