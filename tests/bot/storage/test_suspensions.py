"""Responses that are switched off and on again, on both databases."""

import asyncio
from functools import partial

from bot.storage import Store, suspensions
from bot.storage.suspensions import Switch
from tests.stored import latest_entries

OFF = Switch("utter_capacite", "anne", "la page change", 1.0)
ON = Switch("utter_capacite", "bea", "la page est à jour", 2.0, is_on=True)


async def suspend(store: Store, switch: Switch) -> bool:
    return await store.run(lambda connection: suspensions.suspend(connection, switch))


async def resume(store: Store, switch: Switch) -> bool:
    return await store.run(lambda connection: suspensions.resume(connection, switch))


async def test_off_and_on_again_with_who_when_and_why(store: Store) -> None:
    assert await store.look(suspensions.names) == frozenset()
    assert await suspend(store, OFF)
    assert await store.look(suspensions.names) == {"utter_capacite"}
    assert await store.look(suspensions.present) == [OFF]
    assert await resume(store, ON)
    assert await store.look(suspensions.names) == frozenset()
    assert await store.look(partial(suspensions.history, count=9)) == [ON, OFF]
    assert await store.look(partial(suspensions.history, count=1)) == [ON]


async def test_what_changes_nothing_is_not_noted(store: Store) -> None:
    assert not await resume(store, ON)
    assert await suspend(store, OFF)
    assert not await suspend(store, Switch("utter_capacite", "bea", "moi aussi", 3.0))
    assert await store.look(suspensions.present) == [OFF]
    found = await store.look(partial(latest_entries, count=9))
    assert [(entry.actor, entry.action, entry.subject, entry.details) for entry in found] == [
        ("anne", "response_suspend", "utter_capacite", {"reason": "la page change"})
    ]


async def test_of_many_who_switch_it_off_at_the_same_time_one_does(store: Store) -> None:
    done = await asyncio.gather(*(suspend(store, Switch("utter_a", f"p{number}", "x", float(number))) for number in range(8)))
    assert sorted(done) == [False] * 7 + [True]
    assert len(await store.look(partial(suspensions.history, count=9))) == 1


async def test_the_latest_is_the_first(store: Store) -> None:
    for number, name in enumerate(("utter_a", "utter_b", "utter_c")):
        await suspend(store, Switch(name, "anne", "x", float(number)))
    assert [item.response for item in await store.look(suspensions.present)] == ["utter_c", "utter_b", "utter_a"]
