"""Files of the project that a server finds when it starts: what costs it a figure, and what it says when it cannot serve."""

from pathlib import Path

import httpx
import pytest

from api.app import require_usable
from api.settings import Settings, SettingsError
from tests.servers import assistant
from tests.trained import model_path


@pytest.mark.slow
def test_a_wrong_table_of_outcomes_costs_figures_only(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bilan.yml").write_text("bilan:\n  refu: [utter_hors_sujet]\n", encoding="utf-8")
    with assistant(tmp_path, {"BMA_PROJECT_DIR": str(tmp_path)}) as url, httpx.Client(base_url=url, trust_env=False) as client:
        said = client.post("/webhooks/rest/webhook", json={"message": "bonjour"})
        assert (said.status_code, said.json()[0]["metadata"]["utter_action"]) == (200, "utter_salutation")
        counted = 'bma_turns_total{channel="rest",outcome="answered"} 1.0'
        assert counted in client.get("/metrics").text
    log = (tmp_path / "server.log").read_text()
    assert '"level": "error"' in log
    assert f"{tmp_path}/data/bilan.yml" in log


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("action_endpoint:\n  token: x\n", "« url » manque"),
        ("action_endpoint: [\n", "endpoints.yml:"),
        ("action_endpoints:\n  url: http://127.0.0.1:5055/webhook\n", "action_endpoint"),
    ],
)
def test_wrong_endpoints_are_said_before_serving(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "endpoints.yml").write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        require_usable(Settings(_env_file=None, project_dir=tmp_path, model_dir=model_path().parent, secret_key="k" * 32))


@pytest.mark.parametrize("content", ["", "action_endpoint:\n", "action_endpoint:\n  url: http://127.0.0.1:5055/webhook\n"])
def test_right_endpoints_are_no_obstacle(tmp_path: Path, content: str) -> None:
    (tmp_path / "endpoints.yml").write_text(content, encoding="utf-8")
    require_usable(Settings(_env_file=None, project_dir=tmp_path, model_dir=model_path().parent, secret_key="k" * 32))
