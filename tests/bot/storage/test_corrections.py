"""The queue of corrections: proposed, confirmed to say nothing of anybody, or rejected."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.project.model import Addition
from bot.storage import Store, corrections, erasure
from bot.storage.corrections import Confirmation, Correction, Proposal
from bot.storage.schema import corrections as table
from tests.bot.storage.playing import play
from tests.stored import latest_entries

MINE = Proposal("intent", "mon mdp svp", "mot_de_passe", "c'est clair", "tess", "rest:a", "m")
SENTENCE = Confirmation("mon mdp svp", "mot_de_passe", "training", "edith")


def always(*_: Sequence[Addition]) -> bool:
    return True


async def propose(store: Store, proposal: Proposal = MINE, at: float = 5.0) -> int:
    if proposal.sender_id:
        await play(store, proposal.sender_id, 1, "m")
    found = await store.run(lambda connection: corrections.propose(connection, proposal, at))
    assert found is not None
    return found


async def confirm(store: Store, number: int, confirmation: Confirmation = SENTENCE) -> bool:
    return await store.run(lambda connection: corrections.confirm(connection, number, confirmation, 9.0, always))


async def withdraw(store: Store, number: int, seen: corrections.Status) -> bool:
    return await store.run(lambda connection: corrections.withdraw(connection, number, seen, "edith", 10.0))


async def queue(store: Store, status: corrections.Status) -> list[Correction]:
    return await store.run(lambda connection: corrections.with_status(connection, status))


async def senders(store: Store) -> list[str | None]:
    return list(await store.run(lambda connection: connection.execute(sa.select(table.c.sender_id)).scalars()))


async def test_a_proposal_waits_with_its_author_and_comment(store: Store) -> None:
    number = await propose(store)
    (item,) = await queue(store, "proposed")
    assert item == Correction(
        number, "intent", "mon mdp svp", "mot_de_passe", None, "proposed", "c'est clair", "tess", 5.0, None, None
    )
    assert await store.run(lambda connection: corrections.by_id(connection, number)) == item
    assert await store.run(corrections.additions) == ()
    assert await store.run(corrections.counts) == {("proposed", "intent"): 1}


async def test_a_confirmed_sentence_is_nobodys(store: Store) -> None:
    number = await propose(store)
    assert await confirm(store, number, replace(SENTENCE, text="le mdp svp"))
    assert await store.run(corrections.additions) == (Addition("le mdp svp", "mot_de_passe"),)
    assert await senders(store) == [None]
    assert not await confirm(store, number)
    (item,) = await queue(store, "confirmed")
    assert (item.decided_by, item.decided_at, item.author) == ("edith", 9.0, "tess")


async def test_training_and_test_are_two_sets(store: Store) -> None:
    first, second = await propose(store), await propose(store, replace(MINE, sender_id=None, message_id=None))
    assert await confirm(store, first)
    assert await confirm(store, second, replace(SENTENCE, text="un test", destination="test"))
    assert await store.run(corrections.additions) == (Addition("mon mdp svp", "mot_de_passe"),)
    assert await store.run(corrections.test_sentences) == (Addition("un test", "mot_de_passe"),)


async def test_two_editors_at_once_cannot_put_a_sentence_into_both_sets(store: Store) -> None:
    def apart(training: Sequence[Addition], test: Sequence[Addition]) -> bool:
        return not training and not test

    for _ in range(5):
        numbers = [await propose(store, replace(MINE, sender_id=None, message_id=None)) for _ in range(4)]
        wanted = [replace(SENTENCE, destination="test" if number % 2 else "training") for number in numbers]

        async def one(number: int, confirmation: Confirmation) -> bool:
            return await store.run(lambda connection: corrections.confirm(connection, number, confirmation, 9.0, apart))

        done = await asyncio.gather(*(one(*pair) for pair in zip(numbers, wanted, strict=True)))
        assert sum(done) == 1
        for item in (*await queue(store, "proposed"), *await queue(store, "confirmed")):
            assert await withdraw(store, item.id, item.status)


@pytest.mark.parametrize("kind", ["new_topic", "wording"])
async def test_a_note_becomes_no_sentence(store: Store, kind: corrections.Kind) -> None:
    number = await propose(store, replace(MINE, kind=kind))
    assert not await confirm(store, number)
    assert await store.run(lambda connection: corrections.reject(connection, number, "edith", 9.0))
    assert not await store.run(lambda connection: corrections.reject(connection, number, "edith", 9.0))
    assert [item.id for item in await queue(store, "rejected")] == [number]
    assert await senders(store) == ["rest:a"]  # still a user's text: it goes with the conversation


async def test_what_is_withdrawn_is_gone(store: Store) -> None:
    first, second = await propose(store), await propose(store, replace(MINE, sender_id=None, message_id=None))
    await confirm(store, second)
    assert await withdraw(store, first, "proposed")
    assert not await withdraw(store, first, "proposed")
    assert await withdraw(store, second, "confirmed")
    assert await store.run(corrections.counts) == {}


async def test_what_somebody_decided_meanwhile_is_not_withdrawn(store: Store) -> None:
    number = await propose(store)
    await confirm(store, number)
    assert not await withdraw(store, number, "proposed")
    assert await store.run(corrections.additions) == (Addition("mon mdp svp", "mot_de_passe"),)
    (latest,) = await store.run(lambda connection: latest_entries(connection, 1))
    assert latest.action == "correction_confirm"


async def test_what_was_just_proposed_can_be_taken_back_until_it_is_decided(store: Store) -> None:
    free = replace(MINE, sender_id=None, message_id=None)
    first, *_ = [await propose(store, free) for _ in range(3)]
    await propose(store, free, at=6.0)
    await propose(store, replace(free, author="edith"))
    await confirm(store, first)
    assert await store.run(lambda connection: corrections.take_back(connection, "tess", 5.0)) == 2
    assert await store.run(corrections.counts) == {("confirmed", "intent"): 1, ("proposed", "intent"): 2}


async def test_of_an_erased_conversation_nothing_is_proposed(store: Store) -> None:
    await propose(store)
    await store.run(lambda connection: erasure.erase(connection, "rest:a", "api", 1.0))
    assert await senders(store) == []
    assert await store.run(lambda connection: corrections.propose(connection, MINE, 1.0)) is None
    assert await senders(store) == []


async def test_a_page_of_the_queue(store: Store) -> None:
    for number in range(5):
        await propose(store, replace(MINE, text=str(number), sender_id=None, message_id=None))
    first = await store.run(lambda connection: corrections.with_status(connection, "proposed", count=3))
    rest = await store.run(lambda connection: corrections.with_status(connection, "proposed", before=first[-1].id))
    assert [item.text for item in (*first, *rest)] == ["4", "3", "2", "1", "0"]
    assert await store.run(lambda connection: corrections.with_status(connection, "proposed", ("wording",))) == []


async def test_the_audit_says_who_and_what_but_no_text_and_not_whose(store: Store) -> None:
    number = await propose(store)
    await confirm(store, number)
    await withdraw(store, number, "confirmed")
    entries = await store.run(lambda connection: latest_entries(connection, 10))
    assert [(entry.actor, entry.action) for entry in reversed(entries)] == [
        ("tess", "correction_propose"),
        ("edith", "correction_confirm"),
        ("edith", "correction_withdraw"),
    ]
    assert "mdp" not in str(entries)
    assert "rest:a" not in str(entries)
