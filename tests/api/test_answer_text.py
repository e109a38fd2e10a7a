"""What an answer's text becomes on the page without JavaScript."""

import dataclasses
import time

import pytest

from api.answer_text import parse_answer
from tests.answer_cases import cases, notation


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["text"][:40])
def test_an_answer_shows(case: dict) -> None:
    blocks = [dataclasses.asdict(block) for block in parse_answer(case["text"])]
    assert notation(blocks) == case["shows"]


@pytest.mark.parametrize("piece", ["[", "**", "a@", "+32 ", "https://", "- \n", "[a](", "a.", "<"])
def test_no_text_takes_long(piece: str) -> None:
    start = time.perf_counter()
    parse_answer(piece * 5_000)
    assert time.perf_counter() - start < 1
