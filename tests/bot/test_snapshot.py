"""A conversation that is restored from its snapshot has values of its own."""

from bot import snapshot
from bot.project.model import Slot
from bot.tracker import Tracker

SLOTS = {"liste": Slot("liste", "list", initial_value=[])}


def test_restored_conversations_do_not_share_an_initial_value() -> None:
    taken = snapshot.take(Tracker("rest:a", SLOTS), 0, 5)
    one, other = (snapshot.restore(sender, SLOTS, taken, []) for sender in ("rest:a", "rest:b"))
    one.slots["liste"].append("à moi")
    assert other.slots["liste"] == []
    assert SLOTS["liste"].initial_value == []
    assert snapshot.take(one, 0, 5)["now"]["slots"] == {"liste": ["à moi"]}
