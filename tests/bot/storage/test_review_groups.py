"""The review queue in groups of alike questions."""

import time
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.storage import Store, review
from bot.storage.review import Filter, Group
from bot.storage.schema import conversations, review_queue
from bot.storage.signature import signature
from tests.bot.storage.playing import record
from tests.stored import open_items

PASSWORD = signature("mot de passe perdu")


async def ask(store: Store, text: str, kind: str | None = "doubt", sender: str = "rest:a", at: float = 1.0) -> None:
    async with store.turn(sender) as turn:
        known = await turn.known(None)
        await turn.commit(replace(record(sender, known, known.last_position + 1, at=at), text=text, review=kind))


async def grouped(store: Store, which: Filter | None = None) -> list[tuple[str, int]]:
    found: list[Group] = await store.run(lambda connection: review.groups(connection, which))
    return [(group.latest.text, group.count) for group in found]


async def asked(store: Store) -> None:
    await ask(store, "le wifi ?", "unanswered")
    await ask(store, "Mot de passe perdu")
    await ask(store, "mots de passe perdus 123", "weak", "teams:b")
    await ask(store, "où sont mes mails", "close", "teams:b")


async def test_alike_questions_are_counted_together_most_first(store: Store) -> None:
    await asked(store)
    assert await grouped(store) == [("mots de passe perdus 123", 2), ("où sont mes mails", 1), ("le wifi ?", 1)]
    assert await store.run(review.counts) == {"unanswered": 1, "doubt": 1, "weak": 1, "close": 1}


@pytest.mark.parametrize(
    ("which", "texts"),
    [
        (Filter(frozenset({"weak", "close"})), ["où sont mes mails", "mots de passe perdus 123"]),
        (Filter(channel="rest"), ["Mot de passe perdu", "le wifi ?"]),
        (Filter(frozenset({"weak"}), "rest"), []),
        (Filter(channel="r%"), []),
    ],
)
async def test_filters(store: Store, which: Filter, texts: list[str]) -> None:
    await asked(store)
    assert [text for text, _ in await grouped(store, which)] == texts


async def test_a_group_page_by_page(store: Store) -> None:
    for number in range(5):
        await ask(store, f"mot de passe perdu {number}")
    first = await store.run(lambda connection: review.items_of(connection, [PASSWORD], count=3))
    rest = await store.run(lambda connection: review.items_of(connection, [PASSWORD], count=3, before=first[-1].id))
    assert [item.text[-1] for item in (*first, *rest)] == ["4", "3", "2", "1", "0"]
    assert await store.run(lambda connection: review.by_ids(connection, [first[1].id, 999, first[0].id])) == [first[1], first[0]]
    assert first[0].channel == "rest"
    said = await store.run(lambda connection: review.answers_of(connection, first[:1]))
    assert said == {first[0].id: [{"text": "réponse 9", "metadata": {"utter_action": "utter_a"}}]}


async def test_a_decision_can_be_taken_back(store: Store) -> None:
    await asked(store)
    for by, at in (("helene", 9.0), ("helene", 10.0), ("marc", 9.0)):
        (first, *_) = await store.run(lambda connection: open_items(connection))
        mine = ([first.signature], None, first.id, "done", by, at)
        assert await store.run(lambda connection, mine=mine: review.decide_group(connection, *mine)) == 1
    assert await store.run(lambda connection: review.reopen(connection, "helene", 9.0)) == 1
    assert await store.run(lambda connection: review.reopen(connection, "helene", 9.0)) == 0
    assert len(await grouped(store)) == 2


async def test_a_whole_group_is_decided_but_what_came_later(store: Store) -> None:
    await asked(store)
    seen = await store.run(lambda connection: review.items_of(connection, [PASSWORD], count=10))
    await ask(store, "mot de passe perdu encore")
    await ask(store, "mot de passe perdu")
    until = seen[0].id
    args = ([PASSWORD], None, until, "done", "helene", 9.0)
    assert await store.run(lambda connection: review.decide_group(connection, *args)) == 2
    assert await store.run(lambda connection: review.decide_group(connection, *args)) == 0
    assert ("mot de passe perdu", 2) in await grouped(store)
    (row,) = await store.run(
        lambda connection: connection.execute(
            sa.select(review_queue.c.status, review_queue.c.decided_by).where(review_queue.c.id == until)
        ).all()
    )
    assert tuple(row) == ("done", "helene")


@pytest.mark.slow
async def test_a_hundred_thousand_open_items_are_grouped_at_once(store: Store) -> None:
    def fill(connection: Connection) -> None:
        row = {"sender_id": "rest:a", "created_at": 1.0, "updated_at": 1.0}
        connection.execute(sa.insert(conversations), row)
        rows = [
            {
                "sender_id": "rest:a",
                "message_id": f"m{number}",
                "kind": review.KINDS[number % 5],
                "text": f"question {number % 20_000}",
                "signature": f"question {number % 20_000}",
                "created_at": float(number),
            }
            for number in range(100_000)
        ]
        for start in range(0, len(rows), 5_000):
            connection.execute(sa.insert(review_queue), rows[start : start + 5_000])

    await store.run(fill)
    for which in (None, Filter(frozenset({"weak"}))):
        start = time.perf_counter()
        found = await store.run(lambda connection, which=which: review.groups(connection, which))
        numbers = await store.run(review.counts)
        assert time.perf_counter() - start < 1.5  # 0.2 s when nothing else runs
        assert len(found) == review.MOST_GROUPS
        assert sum(numbers.values()) == 100_000
