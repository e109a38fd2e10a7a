"""docs/console.md says what the code does."""

import re

from api.console.login import FREE_TRIES, lock
from api.console.pages import texts
from api.console.passwords import LEAST_CHARS, MOST_CHARS
from api.console.rights import Right, Role, may
from bot.storage import sessions
from tests.trained import ROOT

TEXT = (ROOT / "docs/console.md").read_text(encoding="utf-8")


def test_the_table_of_roles_is_the_one_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| ((?:`\w+`(?:, )?)+) \|$", TEXT, re.M)
    said = {role: (french, re.findall(r"`(\w+)`", rights)) for role, french, rights in rows}
    assert said == {
        role.value: (texts()["commun"]["roles"][role], [right.value for right in Right if may(role, right)]) for role in Role
    }
    assert set(texts()["compte"]["droits"]) == set(Role)


def test_the_figures_are_the_ones_of_the_code() -> None:
    assert f"{LEAST_CHARS} to {MOST_CHARS} characters" in TEXT
    assert (FREE_TRIES, lock(4), lock(5), lock(6), lock(50)) == (5, 0, 60, 120, 3600)
    assert (sessions.IDLE, sessions.LIFE) == (1800, 28_800)
    assert "after 30 minutes without a request, after 8 hours" in TEXT
