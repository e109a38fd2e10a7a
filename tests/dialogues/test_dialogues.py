"""Conversations of our own, measured: what follows what. None of their sentences is trained on (tests/test_hygiene.py)."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conversing import Conversation, answers, assistant

pytestmark = pytest.mark.slow
FOLDER = Path(__file__).parent
SUITES: list[dict[str, Any]] = YAML(typ="safe").load((FOLDER / "suites.yml").read_text(encoding="utf-8"))
LEAST_RIGHT = 0.85
LEAST_NEAR = 0.93
"""Right, or a clarification whose buttons hold the right answer."""


async def test_follow_ups(tmp_path: Path) -> None:
    missed, hedged = [], 0
    with assistant(tmp_path) as (agent, clock):
        for case in SUITES:
            conversation = Conversation(agent, agent.secret.conversation("rest", uuid.uuid4().hex), clock)
            await conversation.say(case["after"])
            reply = await conversation.say(case["says"])
            said = answers(reply)
            offered = {button["payload"] for item in reply for button in item.get("buttons") or ()}
            if not set(case["expect"]) & set(said):
                hedged += any(f"/{answer}" in offered for answer in case["expect"])
                missed.append(f"{case['after']} « {case['says']} » : {said}, expected {case['expect']}")
    print(*missed, f"{len(SUITES) - len(missed)} of {len(SUITES)} right, {hedged} offered", sep="\n")
    assert len(missed) <= (1 - LEAST_RIGHT) * len(SUITES)
    assert len(missed) - hedged <= (1 - LEAST_NEAR) * len(SUITES)
