"""Tries to log in, counted before a password is looked at."""

from bot.storage import Store, accounts


async def test_tries_that_are_counted_in_another_order_than_they_came_all_count(store: Store) -> None:
    """Each came while the account was open, whichever has the row first."""
    await store.run(
        lambda connection: accounts.add(
            connection,
            name="a",
            display_name="A",
            source="local",
            role="lecteur",
            password_hash="x",
            at=0.0,
            by="cli",
        )
    )
    for at in (3.0, 1.0, 2.0, 9.0):
        await store.run(lambda connection, at=at: accounts.count_try(connection, "a", at, lambda failures: 60.0 * (failures > 2)))
    found = await store.run(lambda connection: accounts.by_name(connection, "a"))
    assert found is not None
    assert (found.failures, found.locked_until) == (3, 62.0)
