"""What people ask and get, counted by hand; the same after retention took the texts."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.storage import Store, feedback, response_times, retention, statistics, unanswered
from bot.storage.feedback import Feedback
from bot.storage.outcomes import Outcome, Outcomes, OutcomesError, present_outcomes, read_outcomes
from bot.storage.response_times import Times
from bot.storage.statistics import Figures, Period
from bot.storage.unanswered import Followed
from tests.bot.storage.playing import record

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
HOUR, DAY = 3_600.0, 86_400.0
OUTCOMES = Outcomes(
    {
        "utter_ask_*": Outcome.CLARIFIED,
        "utter_hors_sujet": Outcome.DECLINED,
        "utter_support": Outcome.HANDED_OVER,
        "utter_bonjour": Outcome.SMALL_TALK,
    }
)


@dataclass(frozen=True)
class Turn:
    sender: str
    at: float
    intent: str | None
    response: str | None
    milliseconds: float | None = 10.0
    helpful: bool | None = None
    question: str = ""
    review: str | None = None


TURNS = (
    Turn("rest:a", NOON, "salutation", "utter_bonjour", 1.2),
    Turn("rest:a", NOON + 10, "mot_de_passe", "utter_ask_mode", 9.9),
    Turn("rest:a", NOON + 20, "mot_de_passe", "utter_formulaire", 10.0, helpful=True),
    Turn("rest:b", NOON + 30, "nlu_fallback", "utter_hors_sujet", 30.0, helpful=False, question="la cantine", review="doubt"),
    Turn("rest:b", NOON + 40, "nlu_fallback", "utter_hors_sujet", 40.0, question="la cantine", review="doubt"),
    Turn("teams:c", NOON + 12 * HOUR - 1, "support", "utter_support", 200.7, helpful=True),  # the day's last second
    Turn("teams:c", NOON + 12 * HOUR, "capacite", "utter_capacite", None, helpful=False),  # the next day's first
    Turn("teams:d", NOON + DAY, None, None, 5.0),
    Turn("rest:e", NOON + DAY, "nlu_fallback", "utter_hors_sujet", 5.0, question="la piscine", review="doubt"),
)
PERIOD = Period(date(2026, 11, 20), date(2026, 11, 22))


async def play(store: Store, turns: Sequence[Turn]) -> None:
    for number, turn in enumerate(turns):
        async with store.turn(turn.sender) as open_turn:
            known = await open_turn.known(None)
            question = turn.question or f"question {number}"
            made = record(turn.sender, known, number, f"m{number}", turn.at)
            said = [{"text": "x", "metadata": {"utter_action": turn.response} if turn.response else {}}]
            made = replace(made, intent=turn.intent, answer=said, milliseconds=turn.milliseconds, review=turn.review)
            await open_turn.commit(replace(made, question=question, text=question))
        if turn.helpful is not None:
            given = Feedback(turn.sender, f"m{number}", turn.helpful, None, turn.at + DAY)
            await store.run(lambda connection, given=given: feedback.give(connection, given))


async def lines(store: Store, period: Period = PERIOD) -> list[statistics.Line]:
    return await store.look(lambda connection: statistics.lines(connection, period))


EXPECTED = Figures(
    outcomes=statistics.Counter(
        {
            Outcome.SMALL_TALK: 1,
            Outcome.CLARIFIED: 1,
            Outcome.ANSWERED: 3,  # the form, the capacity, and what had no name
            Outcome.DECLINED: 3,
            Outcome.HANDED_OVER: 1,
        }
    ),
    helpful=2,
    unhelpful=2,
)


async def test_totals_and_shares(store: Store) -> None:
    await play(store, TURNS)
    found = statistics.totals(await lines(store), OUTCOMES)
    assert found == EXPECTED
    assert (found.asked, found.questions) == (9, 8)
    assert (found.share(Outcome.DECLINED), found.share(Outcome.SMALL_TALK)) == (3 / 8, None)
    assert found.helpful_share == 0.5
    assert (Figures().share(Outcome.ANSWERED), Figures().helpful_share) == (None, None)


async def test_by_day_channel_and_topic(store: Store) -> None:
    await play(store, TURNS)
    found = await lines(store)
    days = statistics.by_day(found, OUTCOMES, PERIOD)
    assert {day.day: figures.asked for day, figures in days.items()} == {20: 6, 21: 3, 22: 0}
    assert {day.day: (figures.helpful, figures.unhelpful) for day, figures in days.items()} == {
        20: (2, 1),
        21: (0, 1),
        22: (0, 0),
    }
    channels = statistics.by(found, OUTCOMES, lambda line: line.channel)
    assert {name: figures.asked for name, figures in channels.items()} == {"rest": 6, "teams": 3}
    topics = statistics.by(found, OUTCOMES, lambda line: line.intent)
    assert {name: figures.asked for name, figures in topics.items()} == {
        "": 1,
        "capacite": 1,
        "mot_de_passe": 2,
        "nlu_fallback": 3,
        "salutation": 1,
        "support": 1,
    }
    assert topics["mot_de_passe"].outcomes == {Outcome.CLARIFIED: 1, Outcome.ANSWERED: 1}


async def test_the_latest_opinion_counts(store: Store) -> None:
    await play(store, TURNS)
    changed = Feedback("rest:a", "m2", False, None, NOON + DAY)
    await store.run(lambda connection: feedback.give(connection, changed))
    found = statistics.totals(await lines(store), OUTCOMES)
    assert (found.helpful, found.unhelpful) == (1, 3)


async def test_a_period_has_whole_days_only(store: Store) -> None:
    await play(store, TURNS)
    first = Period(date(2026, 11, 20), date(2026, 11, 20))
    assert sum(line.asked for line in await lines(store, first)) == 6
    assert sum(line.asked for line in await lines(store, Period(date(2026, 11, 22), date(2026, 11, 30)))) == 0
    assert Period.latest(7, NOON) == Period(date(2026, 11, 14), date(2026, 11, 20))
    assert first.seconds == (NOON - 12 * HOUR, NOON + 12 * HOUR)


@pytest.mark.parametrize("limit", [15, 12 * HOUR, 30 * DAY], ids=["half a conversation", "the first day", "everything"])
async def test_retention_changes_no_figure(store: Store, limit: float) -> None:
    await play(store, TURNS)
    before = await lines(store)
    purged = await retention.purge(store, 10, NOON + limit + 10 * DAY, "cli")
    assert purged is not None
    assert purged.conversations + purged.answers > 0
    assert await lines(store) == before
    assert statistics.totals(before, OUTCOMES) == EXPECTED


async def test_figures_of_a_day_that_is_half_purged_while_somebody_looks(store: Store) -> None:
    await play(store, TURNS)
    looks = [asyncio.create_task(lines(store)) for _ in range(5)]
    await retention.purge(store, 10, NOON + 30 * DAY, "cli")
    for found in await asyncio.gather(*looks):
        assert statistics.totals(found, OUTCOMES) == EXPECTED


async def test_response_times_are_nearest_ranks(store: Store) -> None:
    await play(store, TURNS)
    found = await store.look(lambda connection: response_times.took(connection, PERIOD))
    by_channel = response_times.times(found, lambda item: item.channel)
    # rest: 1, 5, 10, 10, 30, 40 whole milliseconds; teams: 5, 201, and one that was not measured.
    assert by_channel == {"rest": Times(6, 10, 40, 40), "teams": Times(2, 5, 201, 201)}
    by_day = response_times.times(found, lambda item: item.day)
    assert {day.day: times.count for day, times in by_day.items()} == {20: 6, 21: 2}
    only = await store.look(lambda connection: response_times.took(connection, PERIOD, "teams"))
    assert {item.channel for item in only} == {"teams"}


def test_percentiles_of_a_hundred_answers() -> None:
    took = [response_times.Took(date(2026, 11, 20), "rest", value, 1) for value in range(1, 101)]
    assert response_times.times(took, lambda item: None) == {None: Times(100, 50, 95, 99)}


async def test_questions_without_an_answer(store: Store) -> None:
    await play(store, TURNS)
    found = await store.look(lambda connection: unanswered.questions(connection, PERIOD))
    assert [(item.text, item.count, item.latest) for item in found] == [
        ("la cantine", 2, NOON + 40),
        ("la piscine", 1, NOON + DAY),
    ]
    (first,) = await store.look(lambda connection: unanswered.questions(connection, PERIOD, count=1))
    assert first.text == "la cantine"
    assert await store.look(lambda connection: unanswered.questions(connection, PERIOD, "teams")) == []
    day = Period(date(2026, 11, 21), date(2026, 11, 21))
    assert [item.text for item in await store.look(lambda connection: unanswered.questions(connection, day))] == ["la piscine"]


async def test_what_came_after_a_miss(store: Store) -> None:
    await play(store, TURNS)
    misses = {"utter_hors_sujet", "utter_ask_mode"}
    found = await store.look(lambda connection: unanswered.followed(connection, PERIOD, misses))
    # « la cantine » was asked twice; missed: three refusals and a question; the last ones of rest:b and rest:e stay so.
    assert found == Followed(repeated=1, missed=4, abandoned=2)
    found = await store.look(lambda connection: unanswered.followed(connection, PERIOD, misses, "teams"))
    assert found == Followed(0, 0, 0)


def test_the_table_of_outcomes(tmp_path: Path) -> None:
    file = tmp_path / "bilan.yml"
    assert read_outcomes(file).of("utter_ask_nom") is Outcome.CLARIFIED
    file.write_text("bilan:\n  refus: [utter_hors_*, utter_non]\n  transmis: [utter_hors_service]\n")
    outcomes = read_outcomes(file)
    names = ("utter_hors_sujet", "utter_hors_service", "utter_non", "utter_oui", "")
    assert [outcomes.of(name).value for name in names] == ["declined", "handed_over", "declined", "answered", "answered"]


def test_the_table_of_outcomes_is_read_again_only_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "bilan.yml"
    assert present_outcomes(file).of("utter_non") is Outcome.ANSWERED
    file.write_text("bilan:\n  refus: [utter_non]\n")
    os.utime(file, ns=(1, 1))
    first = present_outcomes(file)
    assert first.of("utter_non") is Outcome.DECLINED
    assert present_outcomes(file) is first
    file.write_text("bilan:\n  panne: [utter_non]\n")
    os.utime(file, ns=(2, 2))
    assert present_outcomes(file).of("utter_non") is Outcome.FAILED


@pytest.mark.parametrize(
    "text", ["", "bilan: 3", "bilan:\n  refus: 3", "bilan:\n  inconnu: [a]", "bilan:\n  refus: [a]\n  panne: [a]", "\t", "[1]"]
)
def test_a_table_that_cannot_be_used_names_its_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bilan.yml"
    file.write_text(text)
    with pytest.raises(OutcomesError, match=r"bilan\.yml"):
        read_outcomes(file)
