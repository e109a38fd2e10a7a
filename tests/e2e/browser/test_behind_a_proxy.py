"""Under a folder of the site, as docs/webmestre.md advises: a proxy that takes the folder away."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser.widget import answers, opened, panel, say
from tests.servers import assistant, free_port

pytestmark = pytest.mark.slow
FOLDER = "/assistant-bma/"
OWN = {"transfer-encoding", "content-encoding", "content-length", "connection", "date"}


def handler(target: str) -> type[BaseHTTPRequestHandler]:
    """Passes requests under the folder on to the assistant, as nginx's `proxy_pass http://…/;` does."""
    client = httpx.Client(base_url=target, trust_env=False)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(FOLDER):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = dict(self.headers) | {"X-Forwarded-For": self.client_address[0], "Accept-Encoding": "identity"}
            answer = client.request(self.command, "/" + self.path.removeprefix(FOLDER), content=body, headers=headers)
            self.send_response(answer.status_code)
            for name, value in answer.headers.multi_items():
                if name not in OWN:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def do_POST(self) -> None:
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with assistant(tmp_path_factory.mktemp("proxy"), {"BMA_TRUSTED_PROXIES": "127.0.0.1"}) as url:
        server = ThreadingHTTPServer(("127.0.0.1", free_port()), handler(url))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{FOLDER}"
        server.shutdown()
        server.server_close()


def test_the_widget(page: Page, site: str) -> None:
    opened(page, site)
    say(page, "mot de passe de la bma perdu")
    answers(page, 1)
    panel(page).get_by_role("button", name="Oui, connu dans MODE").click()
    expect(answers(page, 2).nth(1)).to_contain_text("EDU perso")


def test_the_page(page: Page, site: str) -> None:
    page.goto(site)
    with page.context.expect_page() as other:
        page.get_by_role("button", name="Une question sur la BMA ?").click(modifiers=["Control"])
    found = other.value
    found.get_by_role("textbox", name="Votre question").fill("mot de passe de la bma perdu")
    found.get_by_role("button", name="Envoyer").click()
    found.get_by_role("button", name="Oui, connu dans MODE").click()
    expect(found.locator(".bot").nth(1)).to_contain_text("EDU perso")
    assert [cookie["path"] for cookie in found.context.cookies()] == [FOLDER.rstrip("/")]
    found.get_by_role("button", name="Effacer la conversation").click()
    expect(found.get_by_role("status")).to_have_text("La conversation est effacée.")


def test_the_snippet_of_the_guide_names_the_same_folder() -> None:
    guide = (Path(__file__).parents[3] / "docs/webmestre.md").read_text(encoding="utf-8")
    assert f"location {FOLDER} {{" in guide
    assert f"--url https://www.exemple.be{FOLDER.rstrip('/')}" in guide
