"""What the log of a real server holds, and what it never does."""

import logging
import sys
import uuid
from pathlib import Path

import httpx
import pytest

from api.logs import Formatter
from tests.servers import TOKEN, assistant, free_port, running

SECRET = "jeton-des-actions"


@pytest.mark.slow
def test_no_token_no_text_no_id_and_no_forged_line(tmp_path: Path) -> None:
    port, sender = free_port(), str(uuid.uuid4())
    actions = {"BMA_ACTIONS_PORT": str(port), "BMA_ACTIONS_TOKEN": SECRET}
    (tmp_path / "endpoints.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{port}/webhook\n  token: {SECRET}\n")
    env = {"BMA_PROJECT_DIR": str(tmp_path), "BMA_LOG_LEVEL": "debug"}
    with (
        running(["actions"], port, "/health", tmp_path / "actions.log", actions),
        assistant(tmp_path, env) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        message = {"sender": sender, "message": "girafe : j'ai perdu le mot de passe de la BMA"}
        (said, *_) = client.post("/webhooks/rest/webhook", json=message).json()
        assert said["buttons"], "the action server answered"
        assert client.get(f"/conversations/{sender}/tracker", params={"token": TOKEN}).status_code == 200
        assert client.delete(f"/w/conversations/{sender}/").status_code == 307
        assert client.get(f"/conversations/{sender}/autre").status_code == 404
        assert client.get("/x%0a2026-01-01 INFO forged").status_code == 404
        assert client.delete(f"/w/conversations/{sender}").status_code == 204
    for name in ("server.log", "actions.log"):
        log = (tmp_path / name).read_text()
        for kept_out in (SECRET, TOKEN, sender, "girafe", "forged"):
            assert kept_out not in log, f"{name}: {kept_out}"
    log = (tmp_path / "server.log").read_text()
    assert "POST /webhooks/rest/webhook 200" in log
    assert "DELETE /w/conversations/{conversation_id} 204" in log
    assert "GET ? 404" in log


def test_an_error_is_shown_without_what_it_says() -> None:
    try:
        try:
            int("girafe")
        except ValueError as cause:
            raise KeyError("zèbre") from cause
    except KeyError:
        record = logging.LogRecord("bma", logging.ERROR, __file__, 1, "error %s", ("1f2e",), sys.exc_info())
    shown = Formatter("%(message)s").format(record)
    assert shown.startswith("error 1f2e\n")
    assert shown.index("builtins.ValueError") < shown.index("builtins.KeyError")
    assert "test_logs.py" in shown
    assert 'int("girafe")' in shown, "a line of the code"
    assert "invalid literal" not in shown
    assert "'zèbre'" not in shown
