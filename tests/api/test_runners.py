"""Custom actions over HTTP, on a real action server: what a turn costs this process."""

import json
import threading
from collections.abc import ItemsView
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from api.runners import HttpRunner
from bot.execution.runner import ActionCall, ActionFailed
from tests.servers import free_port, running

pytestmark = pytest.mark.slow

TRACKER = {"sender_id": "rest:a", "slots": {}, "latest_message": {"text": "a"}, "events": []}


class Domain(dict[str, Any]):
    """A domain that counts how often it is written down."""

    count = 0

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        self.count += 1
        return super().items()


async def test_a_domain_is_written_down_once_and_again_when_another_model_talks(tmp_path: Path) -> None:
    port = free_port()
    with running(["actions"], port, "/health", tmp_path / "actions.log", {"BMA_ACTIONS_PORT": str(port)}) as url:
        runner = HttpRunner(f"{url}/webhook", 10.0)
        first, second = Domain(intents=["a"]), Domain(intents=["b"])
        for domain, count in ((first, 2), (first, 2), (first, 2), (second, 2), (second, 2), (first, 4)):
            await runner.run(ActionCall("action_support_etnic", "rest:a", TRACKER, domain))
            assert domain.count == count  # once for its digest, once to be sent
        await runner.close()


class Foreign(BaseHTTPRequestHandler):
    """An action server that quotes the user in its error."""

    def do_POST(self) -> None:
        body = json.dumps({"error": "cannot parse « le code est Tilleul »"}).encode()
        self.send_response(500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


async def test_what_another_server_says_of_its_failure_is_not_repeated() -> None:
    with HTTPServer(("127.0.0.1", 0), Foreign) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        runner = HttpRunner(f"http://127.0.0.1:{server.server_port}/webhook", 10.0)
        with pytest.raises(ActionFailed) as failure:
            await runner.run(ActionCall("action_x", "rest:a", TRACKER, {}))
        await runner.close()
        server.shutdown()
    assert "500" in str(failure.value)
    assert "Tilleul" not in str(failure.value)
