"""Corrections that two people decide at the same moment, on a real server."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from bot.storage import corrections
from bot.storage.corrections import Confirmation, Proposal
from bot.storage.database import connect
from tests.api.console.people import add_people, csrf_of, log_in
from tests.api.console.small import small_settings
from tests.databases import migrated
from tests.servers import assistant

pytestmark = pytest.mark.slow

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def test_a_sentence_that_is_being_confirmed_is_not_taken_back(tmp_path: Path) -> None:
    with migrated("postgresql", tmp_path) as url:
        settings = small_settings(tmp_path, url)
        own = {
            "BMA_PROJECT_DIR": str(settings.project_dir),
            "BMA_MODEL_DIR": str(settings.model_dir),
            "BMA_DATABASE_URL": url,
            "BMA_SECRET_KEY": "s" * 32,
        }
        with assistant(tmp_path, own) as server, httpx.Client(base_url=server, trust_env=False, timeout=30) as tester:
            add_people(url)
            log_in(tester, "testeur")
            engine = connect(url)
            proposal = Proposal("intent", "yo les gens", "salutation", None, "testeur")
            with engine.begin() as connection:
                number = corrections.propose(connection, proposal, time.time())
                assert number is not None
            csrf = csrf_of(tester.get("/console/ameliorer").text)
            with ThreadPoolExecutor(1) as beside, engine.connect() as editor:
                sentence = Confirmation("yo les gens", "salutation", "training", "editeur")
                assert corrections.confirm(editor, number, sentence, time.time(), lambda *_: True)
                asked = beside.submit(tester.post, f"/console/ameliorer/{number}/retirer", data={"csrf": csrf})
                wait_for_somebody_who_waits(engine)
                editor.commit()
                answer = asked.result()
            assert answer.status_code == 409
            assert "a déjà été confirmée" in answer.text
            with engine.begin() as connection:
                assert [item.text for item in corrections.additions(connection)] == ["yo les gens"]
            engine.dispose()


def wait_for_somebody_who_waits(engine: sa.Engine) -> None:
    """Until another connection wants the row that is being changed."""
    limit = time.monotonic() + 20
    with engine.connect() as connection:
        while not connection.execute(WAITING).scalar():
            connection.rollback()
            assert time.monotonic() < limit
            time.sleep(0.02)
