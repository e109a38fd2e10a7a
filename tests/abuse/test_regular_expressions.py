"""No expression backtracks without end: the time that a hostile text takes grows as its length does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache

import pytest

from bot.nlu.message import Context
from bot.text import clean_text
from bot.training import archive
from tests.abuse.attacks import FLOOR, LENGTHS, UNITS, attacks, growth, seconds
from tests.abuse.expressions import FORM, ROOT, Expression, calls
from tests.trained import model_path

SHORT = {
    "bot/masking/shapes.py": 64,  # `_JUDGED`: the characters of a token that tell its shape
    "bot/nlu/answer_splitter.py": 300,  # `_MOST_CHARACTERS`
    "bot/masking/numbers.py:26": 200,  # reads a constant of its own
    "bot/project/": 1000,  # sentences and settings that editors write
    "bot/training/": 1000,
}
"""Where an expression sees so many characters at most."""
CLEANED = ("bot/nlu/", "bot/masking/", "bot/responses.py")
"""Where texts have passed `clean_text`: no more than two blank lines in a row, no blank at an end."""
SEARCHING = ("search", "finditer", "findall", "sub", "subn", "split")
HOSTILE = (
    *("(", "((", "et mais ", "et ", "? ", "?", ", et ", "comment et ", "comment ? ", "pas ", "pas dans mode ", "bonjour, "),
    *("merci ", "cordialement ", "cordialement\n", "[a](b) ", "**a", "e\u0301", "l'", "d’", "mot de passe perdu ? ", "😀", "…"),
    *("a,b,", "1-", "A", "Ab. ", "Mme Dupont ", "Madame, ", "zqxv ", "http://a/", "1789 ", "non,", "mdp A1b#c ou ", "://a:b@c "),
)


@cache
def expressions() -> list[Expression]:
    ran = subprocess.run([sys.executable, "-m", "tests.abuse.expressions"], cwd=ROOT, capture_output=True, text=True, check=True)
    seen = [Expression(**item) for item in json.loads(ran.stdout)]
    places = {item.place for item in seen}
    plain = [Expression(place, text, 0, methods) for place, text, methods in calls() if text is not None and place not in places]
    return [*seen, *plain]


@pytest.mark.slow
def test_all_expressions_of_the_product_are_attacked() -> None:
    assert {place for place, _, _ in calls()} == {item.place for item in expressions()}
    assert len(expressions()) > 250
    yaml_ones = (ROOT / "data/nlu/entites.yml").read_text(encoding="utf-8")
    patterns = {item.pattern for item in expressions()}
    written = re.findall(r"(?m)^  - regex: .*\n    examples: \|\n((?:      - .*\n)+)", yaml_ones)
    assert {line[8:] for block in written for line in block.splitlines()} <= patterns


@pytest.mark.slow
def test_no_expression_backtracks_without_end() -> None:
    assert [found for item in expressions() if (found := weakness(item))] == []


def weakness(item: Expression) -> str | None:
    """What a hostile text does to an expression."""
    limit = next((most for place, most in SHORT.items() if item.place.startswith(place)), LENGTHS[-1])
    is_cleaned = item.place.startswith(CLEANED)
    compiled = re.compile(item.pattern, item.flags)
    for attack in attacks(item.pattern, item.flags):
        for way in {"search" if method in SEARCHING else method for method in item.methods}:
            work: Callable[[str], object] = compiled.findall if way == "search" else getattr(compiled, way)
            found = short(work, attack, limit) if limit < LENGTHS[-1] else growth(work, attack, clean_text if is_cleaned else str)
            if found:
                return f"{item.place} {way}: {found}"
    return None


def short(work: Callable[[str], object], attack: tuple[str, str, str], limit: int) -> str | None:
    """What is wrong with an expression that sees few characters: they take too long."""
    begin, unit, end = attack
    text = (begin + unit * limit)[: limit - len(end)] + end
    taken = min(seconds(work, text, 1) for _ in range(3))
    return f"{limit} characters {text[:30]!r}… take {1000 * taken:.1f} ms" if taken > max(2 * FLOOR, 25 * quadratic()) else None


@cache
def quadratic() -> float:
    """Seconds that this machine takes for an expression that looks at 1,000 characters from each of them."""
    return min(seconds(re.compile("a*b").findall, "a" * 1000, 1) for _ in range(3))


@pytest.mark.parametrize(("pattern", "text"), [(r"(a+)+\Z", "a"), (r"(?:a|aa)+\Z", "a"), (r"\s+\Z", " "), (r"\d+:x", "1")])
def test_the_attack_finds_what_backtracks(pattern: str, text: str) -> None:
    compiled = re.compile(pattern)
    assert any(growth(compiled.findall, attack) for attack in attacks(pattern, 0)), text


@pytest.mark.slow
@pytest.mark.parametrize("unit", sorted({*UNITS, *HOSTILE}))
def test_a_hostile_message_is_understood_in_time(unit: str) -> None:
    """The whole of it: cleaned, masked, tokenised, cut into questions and answers, classified."""
    agent = _understanding()
    longest = ("a" + unit * 5000)[:4999] + "z"
    taken = min(seconds(agent, longest) for _ in range(3))
    assert taken < 0.25
    assert taken < 0.02 or taken < 9 * max(seconds(agent, longest[:1249] + "z") for _ in range(3))


@cache
def _understanding() -> Callable[[str], object]:
    from bot.masking import mask

    interpreter = archive.read(model_path()).interpreter
    return lambda text: interpreter.parse(mask(clean_text(text)).text, Context({}, FORM))
