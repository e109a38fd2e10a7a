"""Feedback, the review queue, published models, the audit."""

import asyncio

from bot.storage import Store, erasure, feedback, models, review
from bot.storage.feedback import Feedback
from bot.storage.models import Published
from tests.bot.storage.playing import play
from tests.stored import latest_entries, open_items


async def give(store: Store, message_id: str, *, helpful: bool, reason: str | None = None, sender: str = "rest:a") -> bool:
    given = Feedback(sender, message_id, helpful, reason, 5.0)
    return await store.run(lambda connection: feedback.give(connection, given))


async def queue(store: Store) -> list[review.Item]:
    return await store.run(lambda connection: open_items(connection))


async def test_a_doubt_is_queued_with_its_turn(store: Store) -> None:
    await play(store, "rest:a", 1, review="doubt")
    (item,) = await queue(store)
    assert (item.kind, item.text, item.intent, item.confidence) == ("doubt", "message 1", "a", 0.5)


async def test_what_did_not_help_is_queued_once(store: Store) -> None:
    await play(store, "rest:a", 1, "m")
    assert await give(store, "m", helpful=False, reason="rien compris")
    assert await give(store, "m", helpful=False, reason="toujours rien")
    (item,) = await queue(store)
    assert (item.kind, item.text, item.comment) == ("unhelpful", "message 1", "toujours rien")
    assert await give(store, "m", helpful=True)
    assert await queue(store) == []


async def test_many_clicks_at_once_are_one_opinion(store: Store) -> None:
    await play(store, "rest:a", 1, "m")
    assert all(await asyncio.gather(*(give(store, "m", helpful=number % 2 == 0) for number in range(12))))
    assert len((await store.run(lambda connection: erasure.export(connection, "rest:a", "api", 1.0)))["feedback"]) == 1
    assert len(await queue(store)) <= 1


async def test_feedback_needs_an_answer_of_the_same_conversation(store: Store) -> None:
    await play(store, "rest:a", 1, "m")
    assert not await give(store, "other", helpful=True)
    assert not await give(store, "m", helpful=True, sender="rest:b")


async def test_a_decision_is_taken_once_and_outlives_more_feedback(store: Store) -> None:
    await play(store, "rest:a", 1, "m")
    await give(store, "m", helpful=False)
    (item,) = await queue(store)
    mine = ([item.signature], None, item.id)
    assert await store.run(lambda connection: review.decide_group(connection, *mine, "done", "editeur", 9.0)) == 1
    assert await store.run(lambda connection: review.decide_group(connection, *mine, "dismissed", "autre", 9.0)) == 0
    await give(store, "m", helpful=False)
    assert await queue(store) == []


async def test_a_published_model_is_active_until_another_is(store: Store) -> None:
    first, second = (Published(name, "f", "editeur", "essai", 1.0) for name in ("m1", "m2"))
    for item in (first, second):
        assert await store.run(lambda connection, item=item: models.publish(connection, item, item.model_id.encode()))
    assert not await store.run(lambda connection: models.publish(connection, first, b"again"))
    assert await store.run(models.active) is None
    assert await store.run(models.active_archive) is None
    assert not await store.run(lambda connection: models.activate(connection, "m3", "editeur", "", 2.0))
    for name in ("m1", "m2", "m1"):
        assert await store.run(lambda connection, name=name: models.activate(connection, name, "editeur", "retour", 3.0))
    assert await store.run(models.active) == "m1"
    assert await store.run(models.active_archive) == b"m1"
    assert [item.model_id for item in await store.run(models.published)] == ["m1", "m2"]
    entries = await store.run(lambda connection: latest_entries(connection, 10))
    assert [(entry.action, entry.subject) for entry in entries] == [("activate", "m1"), ("activate", "m2"), ("activate", "m1")]
