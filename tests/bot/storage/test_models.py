"""Candidates, activations and what is kept of them."""

import asyncio
from functools import partial
from typing import Any

from bot.storage import Store, audit, models
from bot.storage.models import DELIVERY, KEPT_ACTIVATIONS, KEPT_CANDIDATES, Activation, Published


async def store_model(store: Store, model_id: str, at: float = 1.0, author: str = "anne", archive: bytes = b"abc") -> bool:
    model = Published(model_id, "f" * 64, author, "essai", at, additions=(3, 4), sentences=12)
    return await store.run(lambda connection: models.publish(connection, model, archive))


async def activate(store: Store, model_id: str, at: float = 2.0, reason: str = "mieux") -> bool:
    return await store.run(lambda connection: models.activate(connection, model_id, "bea", reason, at))


async def names(store: Store) -> list[str]:
    return [item.model_id for item in await store.run(models.published)]


async def candidates(store: Store) -> list[str]:
    return [item.model_id for item in await store.run(models.candidates)]


async def test_a_model_says_what_it_was_trained_with(store: Store) -> None:
    assert await store_model(store, "m1", archive=b"archive")
    assert not await store_model(store, "m1")
    found = await store.run(lambda connection: models.find(connection, "m1"))
    assert found == Published("m1", "f" * 64, "anne", "essai", 1.0, (3, 4), 12)
    assert await store.run(lambda connection: models.archive_of(connection, "m1")) == b"archive"
    assert await store.run(lambda connection: models.archive_of(connection, "m2")) is None
    assert await store.run(lambda connection: models.find(connection, "m2")) is None


async def test_a_candidate_is_one_until_it_was_active(store: Store) -> None:
    await store_model(store, "livre", 0.0, DELIVERY)
    await store_model(store, "m1", 1.0)
    await store_model(store, "m2", 2.0)
    assert await candidates(store) == ["m2", "m1"]
    assert await activate(store, "m1")
    assert await activate(store, "livre", 3.0)
    assert await candidates(store) == ["m2"]


async def test_the_history_tells_who_when_and_why_rollbacks_too(store: Store) -> None:
    await store_model(store, "m1")
    await store_model(store, "m2")
    for at, model_id, reason in ((5.0, "m1", "un"), (6.0, "m2", "deux"), (7.0, "m1", "retour")):
        assert await activate(store, model_id, at, reason)
    assert not await activate(store, "m3")
    found = await store.run(lambda connection: models.activations(connection, 2))
    assert found == [Activation("m1", "bea", "retour", 7.0), Activation("m2", "bea", "deux", 6.0)]
    await store.run(lambda connection: audit.add(connection, audit.Entry(8.0, "bea", "login")))
    assert await store.run(lambda connection: models.activations(connection, 2)) == found


async def test_pruning_keeps_what_one_may_go_back_to(store: Store) -> None:
    await store_model(store, "livre", 0.0, DELIVERY)
    old = [f"p{number}" for number in range(KEPT_ACTIVATIONS + 2)]
    for number, model_id in enumerate(old):
        await store_model(store, model_id, float(number))
        await activate(store, model_id, float(number))
    new = [f"c{number:02}" for number in range(KEPT_CANDIDATES + 3)]
    for number, model_id in enumerate(new):
        await store_model(store, model_id, 100.0 + number)
    assert await store.run(models.prune) == 2 + 3
    assert set(await names(store)) == {"livre", *old[2:], *new[3:]}
    assert await store.run(models.prune) == 0


async def test_the_active_one_stays_even_when_the_audit_does_not_know_it(store: Store) -> None:
    await store_model(store, "m1")
    await activate(store, "m1")
    for number in range(KEPT_ACTIVATIONS):
        entry = audit.Entry(9.0, "bea", models.ACTIVATE, f"autre{number}")
        await store.run(partial(audit.add, entry=entry))
    assert await store.run(models.prune) == 0
    assert await store.run(models.active) == "m1"


async def test_nobody_publishes_over_what_somebody_else_published_meanwhile(store: Store) -> None:
    for name in ("m1", "m2", "m3"):
        await store_model(store, name)

    def replace(model_id: str, instead_of: str | None) -> Any:
        activation = Activation(model_id, "bea", "mieux", 5.0)
        return store.run(lambda connection: models.replace_active(connection, instead_of, activation))

    assert not await replace("m1", "m2")
    assert await replace("m1", None)
    assert not await replace("m2", None)
    assert not await replace("m3", "m2")
    assert not await replace("aucun", "m1")
    results = await asyncio.gather(replace("m2", "m1"), replace("m3", "m1"))
    assert sorted(results) == [False, True]
    assert await store.run(models.active) == ("m2" if results[0] else "m3")
    assert len(await store.run(lambda connection: models.activations(connection, 9))) == 2


async def test_one_goes_back_to_what_was_active_and_to_the_delivered_one(store: Store) -> None:
    await store_model(store, "livre", 0.0, DELIVERY)
    for at, name in ((1.0, "m1"), (2.0, "m2"), (3.0, "m3")):
        await store_model(store, name, at)
    await activate(store, "m1")
    await activate(store, "m2")
    assert [item.model_id for item in await store.run(models.former)] == ["m1", "livre"]
    await activate(store, "livre")
    assert [item.model_id for item in await store.run(models.former)] == ["m2", "m1"]
