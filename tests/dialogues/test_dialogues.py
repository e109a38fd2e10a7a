"""Conversations of our own, measured: what follows what. None of their sentences is trained on (tests/test_hygiene.py).

`*.yml`: messages, and the admissible answers to the last one; `*.jsonl`: conversations in the format of the validation set,
where patterns hold on all that a person reads.
"""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.agent import Agent
from tests.conversing import Clock, Conversation, answers, assistant

pytestmark = pytest.mark.slow
FOLDER = Path(__file__).parent
LEAST_RIGHT, LEAST_NEAR = 0.9, 0.93
"""Right; right, or a clarification whose buttons hold the right answer."""
HARD = {"etablissements.yml": (0.56, 0.62), "secretariats.yml": (0.56, 0.66)}
"""Collections of what went wrong when they were written, with a few that went right: their least figures."""
LEAST_WHOLE = {"bureau.jsonl": 28, "terrain.jsonl": 25}
"""Conversations that hold from end to end, of 30."""


def new_conversation(agent: Agent, clock: Clock, name: str) -> Conversation:
    """A conversation whose name decides, each time the same, which wordings it gets."""
    return Conversation(agent, agent.secret.conversation("rest", name), clock)


@pytest.mark.parametrize("file", sorted(path.name for path in FOLDER.glob("*.yml")))
async def test_the_last_answer(file: str, tmp_path: Path) -> None:
    cases: list[dict[str, Any]] = YAML(typ="safe").load((FOLDER / file).read_text(encoding="utf-8"))
    missed, hedged = [], 0
    async with assistant(tmp_path) as (agent, clock):
        for number, case in enumerate(cases):
            conversation = new_conversation(agent, clock, f"{file} {number}")
            for message in case["says"]:
                reply = await conversation.say(message)
            said = answers(reply)
            offered = {button["payload"] for item in reply for button in item.get("buttons") or ()}
            if not set(case["expect"]) & set(said):
                hedged += any(f"/{answer}" in offered for answer in case["expect"])
                missed.append(f"{case['says']} : {said}, expected {case['expect']}")
    print(*missed, f"{file}: {len(cases) - len(missed)} of {len(cases)} right, {hedged} offered", sep="\n")
    least_right, least_near = HARD.get(file, (LEAST_RIGHT, LEAST_NEAR))
    assert len(missed) <= (1 - least_right) * len(cases)
    assert len(missed) - hedged <= (1 - least_near) * len(cases)


@pytest.mark.parametrize("file", sorted(path.name for path in FOLDER.glob("*.jsonl")))
async def test_whole_conversations(file: str, tmp_path: Path) -> None:
    dialogues = [json.loads(line) for line in (FOLDER / file).read_text(encoding="utf-8").splitlines() if line.strip()]
    failed = []
    async with assistant(tmp_path) as (agent, clock):
        for dialogue in dialogues:
            if problem := await play(new_conversation(agent, clock, dialogue["id"]), dialogue["turns"]):
                failed.append(f"{dialogue['id']}: {problem}")
    print(*failed, f"{file}: {len(dialogues) - len(failed)} of {len(dialogues)} hold", sep="\n")
    assert len(dialogues) - len(failed) >= LEAST_WHOLE[file]


async def play(conversation: Conversation, turns: list[dict[str, Any]]) -> str | None:
    """What does not hold, or None."""
    for turn in turns:
        message = turn.get("user") or next(
            (button["payload"] for button in conversation.buttons() if re.search(turn["click"], button["title"], re.I)), None
        )
        if message is None:
            return f"no button {turn['click']!r}"
        text = read(await conversation.say(message))
        for pattern in turn.get("must", ()):
            if not re.search(pattern, text, re.I | re.S):
                return f"{message!r} lacks {pattern!r} in {text[:150]!r}"
        for pattern in turn.get("must_not", ()):
            if re.search(pattern, text, re.I | re.S):
                return f"{message!r} has {pattern!r} in {text[:150]!r}"
    return None


def read(reply: list[dict[str, Any]]) -> str:
    """All that a person reads in a reply."""
    parts = [text for item in reply for text in (item["text"], *(button["title"] for button in item.get("buttons") or ()))]
    return unicodedata.normalize("NFC", "\n".join(parts)).replace("\u00a0", " ").replace("\u202f", " ")
