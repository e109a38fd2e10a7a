"""Which form, by what the conversation says: cases in password.yml."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

TABLE = YAML(typ="safe").load((Path(__file__).parent / "password.yml").read_text(encoding="utf-8"))
CASES = [pytest.param(action, case, id=f"{action}: {case['case']}") for action, cases in TABLE.items() for case in cases]
RESPONSES = {"oui": "utter_mot_de_passe_mode", "non": "utter_mot_de_passe_hors_mode"}
TITLES = {
    "oui": "Formulaire pour les établissements connus dans MODE",
    "non": "Formulaire pour les établissements qui ne sont pas",
}


@pytest.mark.parametrize(("action", "case"), CASES)
async def test_form(run: Any, action: str, case: dict[str, Any]) -> None:
    said = await run(action, entities=[tuple(pair) for pair in case.get("said", [])], slots=case.get("before"))
    gives = case["gives"]
    if gives == "ask":
        assert (said.response, said.values, said.slots) == ("utter_ask_connu_mode", {}, {})
    else:
        assert said.response == RESPONSES[gives]
        assert said.values["formulaire"].startswith(TITLES[gives])
        assert said.slots == ({} if case.get("forgets") else {"connu_mode": gives})
