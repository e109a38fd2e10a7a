"""The database's versions, up and down, with data, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import ValidationError
from sqlalchemy.engine import Engine

from api.settings import Settings
from bot.storage import database as db
from bot.storage.schema import metadata
from tests.databases import KINDS, database

VERSIONS = ("0001", "0002", "0003", "0004")


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path) as url:
        found = db.connect(url)
        yield found
        found.dispose()


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def do(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


OLD_DATA = (
    "INSERT INTO conversations VALUES ('rest:a', 1, 2, 3), ('rest:b', 1, 2, 2)",
    *(
        f"INSERT INTO events (id, sender_id, type_name, timestamp, data) VALUES ({number}, '{sender}', 'user', {number}, '{{}}')"
        for number, sender in enumerate(("rest:a", "rest:b", "rest:a", "rest:a", "rest:b"), 1)
    ),
    "INSERT INTO answers VALUES ('rest:a', 'm', 'q', '[]', 86400.5)",
)


def test_the_migrations_make_the_tables_of_the_schema(engine: Engine) -> None:
    db.upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = [item for item in compare_metadata(context, metadata) if "comment" not in str(item)]
    assert differences == []


def test_the_code_needs_the_newest_version() -> None:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "bot.storage:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == db.HEAD
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == VERSIONS


def test_every_version_goes_up_and_down_with_data(engine: Engine) -> None:
    db.upgrade(engine, "0001")
    do(engine, *OLD_DATA)
    before = {table: rows(engine, f"SELECT * FROM {table} ORDER BY 1, 2") for table in ("conversations", "events", "answers")}
    for _ in range(2):
        db.upgrade(engine)
        positions = "SELECT sender_id, id, position FROM events ORDER BY sender_id, id"
        assert [row[2] for row in rows(engine, positions)] == [1, 2, 3, 1, 2]
        places = "SELECT sender_id, last_position, session_start FROM conversations ORDER BY sender_id"
        assert rows(engine, places) == [("rest:a", 3, 2), ("rest:b", 2, 1)]
        assert rows(engine, "SELECT day FROM answers") == [("1970-01-02",)]
        db.downgrade(engine, "0001")
        after = {table: rows(engine, f"SELECT * FROM {table} ORDER BY 1, 2") for table in before}
        assert after == before
    db.downgrade(engine, "base")
    assert rows(engine, "SELECT * FROM alembic_version") == []


def test_opinions_that_were_given_before_count_in_the_figures(engine: Engine) -> None:
    db.upgrade(engine, "0002")
    do(
        engine,
        "INSERT INTO conversations (sender_id, created_at, updated_at) VALUES ('rest:a', 1, 2)",
        *(
            f"INSERT INTO answers (sender_id, message_id, question, answer, answered_at) VALUES ('rest:a', '{name}', '', '[]', 2)"
            for name in ("m", "n", "o")
        ),
        *(
            f"INSERT INTO feedback (sender_id, message_id, helpful, given_at) VALUES ('rest:a', '{name}', {helpful}, 3)"
            for name, helpful in (("m", "true"), ("n", "false"))
        ),
    )
    db.upgrade(engine)
    assert rows(engine, "SELECT message_id, helpful FROM answers ORDER BY 1") == [("m", 1), ("n", 0), ("o", None)]


def test_questions_that_wait_for_review_are_signed(engine: Engine) -> None:
    db.upgrade(engine, "0001")
    do(engine, *OLD_DATA)
    db.upgrade(engine, "0002")
    columns = "(sender_id, message_id, kind, text, created_at)"
    values = [f"('rest:a', 'm{number}', 'doubt', 'mots de passe perdus {number}', 1)" for number in range(5_003)]
    do(engine, f"INSERT INTO review_queue {columns} VALUES {', '.join(values)}")
    do(engine, f"INSERT INTO review_queue {columns} VALUES ('rest:a', 'x', 'doubt', '?', 1)")
    db.upgrade(engine)
    found = rows(engine, "SELECT signature, count(*) FROM review_queue GROUP BY signature ORDER BY 1")
    assert found == [("", 1), ("mot pass perdu", 5_003)]


def test_a_database_made_before_there_were_versions_is_upgraded(engine: Engine) -> None:
    db.upgrade(engine, "0001")
    do(engine, *OLD_DATA, "DROP TABLE alembic_version")
    with engine.connect() as connection:
        assert db.version(connection) == "0001"
    db.upgrade(engine)
    with engine.connect() as connection:
        assert db.version(connection) == db.HEAD
    assert len(rows(engine, "SELECT * FROM events")) == 5


def test_sqlite_upgrades_itself_and_postgresql_says_what_to_run(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        db.require_current(engine)
    else:
        with pytest.raises(db.SchemaError) as error:
            db.require_current(engine)
        assert error.value.found is None
        db.upgrade(engine)
    db.require_current(engine)


def test_a_newer_schema_is_refused(engine: Engine) -> None:
    db.upgrade(engine)
    do(engine, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(db.SchemaError):
        db.require_current(engine)


def test_a_failed_upgrade_changes_nothing(engine: Engine) -> None:
    db.upgrade(engine, "0001")
    do(engine, *OLD_DATA, "CREATE TABLE daily (x INTEGER)")
    with pytest.raises(sa.exc.DBAPIError):
        db.upgrade(engine)
    assert rows(engine, "SELECT version_num FROM alembic_version") == [("0001",)]
    assert rows(engine, "SELECT session_first_event FROM conversations ORDER BY 1") == [(2,), (3,)]


@pytest.mark.parametrize("url", ["bma.sqlite3", "mysql://root@127.0.0.1/bma", ""])
def test_another_database_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(ValidationError, match=r"postgresql\+psycopg://"):
        Settings(database_url=url, _env_file=None)


def test_any_postgresql_url_gets_our_driver() -> None:
    engine = db.connect("postgresql://postgres@127.0.0.1/postgres")
    assert engine.url.drivername == "postgresql+psycopg"
    engine.dispose()
