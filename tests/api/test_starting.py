"""Files of the project that a server finds when it starts: what costs it a figure, and what it says when it cannot serve."""

from pathlib import Path

import httpx
import pytest

from tests.servers import assistant


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
