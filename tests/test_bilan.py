"""The project's table of figures (data/bilan.yml) goes with its responses and actions."""

from pathlib import Path

import pytest

from actions.doubt import CLARIFICATIONS, MISSES
from bot.storage import outcomes
from bot.storage.outcomes import FILE, Outcome, read_outcomes
from tests.conversing import assistant
from tests.project import project

ROOT = Path(__file__).parent.parent
TABLE = read_outcomes(ROOT / FILE)
RESPONSES = project().domain.responses


def test_what_answers_nothing_for_the_actions_is_no_answer_in_the_figures() -> None:
    assert {TABLE.of(name) for name in MISSES | CLARIFICATIONS} == {Outcome.CLARIFIED, Outcome.HANDED_OVER}
    assert {TABLE.of(name) for name in RESPONSES if name.startswith("utter_ask_")} == {Outcome.CLARIFIED}
    assert TABLE.of("utter_hors_sujet") in outcomes.MISSES


def test_every_topic_that_can_be_offered_counts_as_an_answer_a_question_or_a_person() -> None:
    titled = {name for name, found in RESPONSES.items() if any((one.content.get("metadata") or {}).get("titre") for one in found)}
    kinds = {name: TABLE.of(name) for name in titled - MISSES}
    assert len(kinds) > 10
    assert {name for name, kind in kinds.items() if kind is not Outcome.ANSWERED} == {
        "utter_ask_connu_mode",
        "utter_support_etnic",
    }


@pytest.mark.slow
async def test_the_agent_stores_what_a_turn_was_and_how_long_it_took(tmp_path: Path) -> None:
    from sqlalchemy import select

    from bot.agent import Message
    from bot.storage.schema import answers

    async with assistant(tmp_path) as (agent, _):
        key = agent.secret.conversation("rest", "a")
        for text in (
            "Bonjour",
            "quelle est la capacité de la boite",
            "quelle heure est-il à Tokyo",
            "un numéro de téléphone svp",
        ):
            await agent.handle(Message(key, text))
        columns = answers.c.outcome, answers.c.milliseconds
        found = await agent.store.look(
            lambda connection: connection.execute(select(*columns).order_by(answers.c.answered_at)).all()
        )
    kinds = [Outcome.SMALL_TALK, Outcome.ANSWERED, Outcome.DECLINED, Outcome.HANDED_OVER]
    assert [TABLE.of(row.outcome) for row in found] == kinds
    assert all(0 < row.milliseconds < 2_000 for row in found)
