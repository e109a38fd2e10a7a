"""Groups of the review queue that are nearly the same."""

import time

from bot.storage.review import Group, Item
from bot.storage.signature import signature
from bot.training.alike import merged


def group(text: str, count: int = 1) -> Group:
    return Group(signature(text), count, Item(1, "rest:a", "m", "doubt", text, None, None, None, 1.0, signature(text)))


def texts(groups: list[tuple[Group, ...]]) -> list[list[str]]:
    return [[one.latest.text for one in together] for together in groups]


def test_a_typing_error_makes_no_group_of_its_own() -> None:
    found = merged([group("boite pleine messages bloqués", 3), group("wifi", 3), group("boite pleine message blokés", 2)])
    assert texts(found) == [["boite pleine messages bloqués", "boite pleine message blokés"], ["wifi"]]


def test_the_most_questions_come_first() -> None:
    found = merged([group("wifi", 3), group("boite pleine messages bloqués", 2), group("boites pleines message blokés", 2)])
    assert [sum(one.count for one in together) for together in found] == [4, 3]


def test_nearness_does_not_go_from_one_to_the_next() -> None:
    chain = ["abcdefghij", "abcdefghiz", "abcdefghyz"]
    assert [len(together) for together in merged([group(text) for text in chain])] == [2, 1]


def test_questions_without_words_are_together_and_nothing_is_nothing() -> None:
    assert merged([]) == []
    assert texts(merged([group("?"), group("wifi")])) == [["?"], ["wifi"]]


def test_two_hundred_take_no_time() -> None:
    groups = [group(f"question {chr(97 + number % 26)}{chr(97 + number // 26)}abcdef mot") for number in range(200)]
    start = time.process_time()
    merged(groups)
    assert time.process_time() - start < 0.1
