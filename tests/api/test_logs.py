"""What the log of a real server holds, and what it never does."""

import io
import json
import logging
import re
import sys
import uuid
from pathlib import Path

import httpx
import pytest

from api.logs import FIELDS, Format, formatter
from api.request_ids import bound
from tests.servers import TOKEN, assistant, free_port, running

SECRET = "jeton-des-actions"
OPERATORS = Path(__file__).parents[2] / "docs/operators.md"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_token_no_text_no_id_and_no_forged_line(tmp_path: Path, form: str) -> None:
    port, sender = free_port(), str(uuid.uuid4())
    actions = {"BMA_ACTIONS_PORT": str(port), "BMA_ACTIONS_TOKEN": SECRET, "BMA_LOG_FORMAT": form}
    (tmp_path / "endpoints.yml").write_text(f"action_endpoint:\n  url: http://127.0.0.1:{port}/webhook\n  token: {SECRET}\n")
    env = {"BMA_PROJECT_DIR": str(tmp_path), "BMA_LOG_LEVEL": "debug", "BMA_LOG_FORMAT": form}
    with (
        running(["actions"], port, "/health", tmp_path / "actions.log", actions),
        assistant(tmp_path, env) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        message = {"sender": sender, "message": "girafe : j'ai perdu le mot de passe de la BMA"}
        asked = client.post("/webhooks/rest/webhook", json=message)
        assert asked.json()[0]["buttons"], "the action server answered"
        assert client.get(f"/conversations/{sender}/tracker", params={"token": TOKEN}).status_code == 200
        assert client.delete(f"/w/conversations/{sender}/").status_code == 307
        assert client.get(f"/conversations/{sender}/autre").status_code == 404
        assert client.get("/x%0a2026-01-01 INFO forged").status_code == 404
        assert client.delete(f"/w/conversations/{sender}").status_code == 204
        assert client.request("PROPFIND", "/version").status_code == 405
    for name in ("server.log", "actions.log"):
        log = (tmp_path / name).read_text()
        assert asked.headers["X-Request-Id"] in log
        for kept_out in (SECRET, TOKEN, sender, "girafe", "PROPFIND", "forged"):
            assert kept_out not in log, f"{name}: {kept_out}"
    log = (tmp_path / "server.log").read_text()
    assert "POST /webhooks/rest/webhook 200" in log
    assert "DELETE /w/conversations/{conversation_id} 204" in log
    assert "GET ? 404" in log


def failed() -> logging.LogRecord:
    try:
        try:
            int("girafe")
        except ValueError as cause:
            raise KeyError("zèbre") from cause
    except KeyError:
        return logging.LogRecord("bma", logging.ERROR, __file__, 1, "error %s", ("1f2e",), sys.exc_info())


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_is_shown_without_what_it_says(form: Format) -> None:
    line = formatter(form).format(failed())
    shown = line if form == "text" else json.loads(line)["error"]
    assert "error 1f2e" in line
    assert shown.index("builtins.ValueError") < shown.index("builtins.KeyError")
    assert "test_logs.py" in shown
    assert 'int("girafe")' in shown, "a line of the code"
    for kept_out in ("invalid literal", "'zèbre'"):
        assert kept_out not in line


def record(message: str, *values: object, **extra: object) -> logging.LogRecord:
    found = logging.LogRecord("bma.access", logging.INFO, __file__, 1, message, values, None)
    found.__dict__.update(extra)
    return found


def test_a_line_for_people() -> None:
    with bound("9f86d081"):
        line = formatter("text").format(record("GET %s %d", "/version", 200, method="GET", girafe="x"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z INFO bma\.access GET /version 200 \[9f86d081\]", line)
    assert " [" not in formatter("text").format(record("GET"))


def test_a_line_for_programs_has_the_documented_fields_and_no_others() -> None:
    fields = {"method": "GET", "route": "/version", "status": 200, "milliseconds": 1.0, "action": "action_oui"}
    with bound("9f86d081"):
        error = failed()
        error.__dict__.update(fields, girafe="x", text="x", sender_id="x")
        line = json.loads(formatter("json").format(error))
    documented = set(re.findall(r"^\| `(\w+)` \|.*\| (?:always|when)", OPERATORS.read_text(encoding="utf-8"), re.M))
    assert set(line) == documented
    assert set(fields) == set(FIELDS)
    assert line["request"] == "9f86d081"
    assert line["status"] == 200


def test_no_line_can_be_forged() -> None:
    for form in ("text", "json"):
        line = formatter(form).format(record("a\r\x1b[2J\x85\u2028b"))  # type: ignore[arg-type]
        assert not set(line) & set("\r\x1b\x85")
    assert len(formatter("json").format(record("a\nINFO forged")).splitlines()) == 1


def test_without_a_terminal_lines_are_for_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert json.loads(formatter("auto").format(record("x")))["event"] == "x"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert formatter("auto").format(record("x")).endswith(" INFO bma.access x")
