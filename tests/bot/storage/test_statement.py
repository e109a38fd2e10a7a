"""Statements that the driver runs: what SQLAlchemy compiled, in its transactions, with its errors."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.storage.database import connect
from bot.storage.statement import Statement
from tests.databases import KINDS, database

_TABLE = sa.Table("things", sa.MetaData(), sa.Column("key", sa.String(9), primary_key=True), sa.Column("size", sa.Float))
_INSERT = Statement(sa.insert(_TABLE).values(key=sa.bindparam("key_"), size=sa.bindparam("size_")))
_LARGER = Statement(sa.select(_TABLE.c.key, _TABLE.c.size).where(_TABLE.c.size > sa.bindparam("than")).order_by(_TABLE.c.key))
_GROW = Statement(sa.update(_TABLE).where(_TABLE.c.size < sa.bindparam("than")).values(size=sa.bindparam("new")))


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path) as url:
        found = connect(url)
        _TABLE.create(found)
        yield found
        found.dispose()


def test_rows_are_written_and_read(engine: Engine) -> None:
    with engine.begin() as connection:
        _INSERT.change_all(connection, [{"key_": key, "size_": size} for key, size in (("a", 1.5), ("b", None), ("é", 3.0))])
        assert _GROW.change(connection, {"than": 2.0, "new": 2.5}) == 1
        assert _LARGER.rows(connection, {"than": 2.0}) == [("a", 2.5), ("é", 3.0)]
        assert _LARGER.first(connection, {"than": 2.7}) == ("é", 3.0)
        assert _LARGER.first(connection, {"than": 9}) is None


def test_they_are_in_the_connection_s_transaction(engine: Engine) -> None:
    with engine.connect() as connection:
        _INSERT.change(connection, {"key_": "a", "size_": 1.0})
        connection.rollback()
        _INSERT.change(connection, {"key_": "b", "size_": 1.0})
        connection.commit()
    with engine.connect() as connection:
        assert _LARGER.rows(connection, {"than": 0}) == [("b", 1.0)]


def test_errors_are_sqlalchemy_s_and_name_no_value(engine: Engine) -> None:
    with engine.connect() as connection:
        _INSERT.change(connection, {"key_": "secret", "size_": 1.0})
        with pytest.raises(sa.exc.IntegrityError) as error:
            _INSERT.change(connection, {"key_": "secret", "size_": 2.0})
        assert not error.value.connection_invalidated
        assert error.value.statement is None
        assert error.value.params is None


def test_a_value_without_a_name_is_refused(engine: Engine) -> None:
    statement = Statement(sa.select(_TABLE.c.key).where(_TABLE.c.size > 3))
    with engine.connect() as connection, pytest.raises(AssertionError):
        statement.rows(connection, {})


def test_a_lost_connection_is_dropped(tmp_path: Path) -> None:
    with database("postgresql", tmp_path) as url:
        engine = connect(url)
        with engine.connect() as connection:
            ours = Statement(sa.select(sa.func.pg_backend_pid())).first(connection, {})
            assert ours is not None
            with engine.connect() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": ours[0]})
            with pytest.raises(sa.exc.OperationalError) as error:
                Statement(sa.select(sa.literal_column("1"))).rows(connection, {})
            assert error.value.connection_invalidated
            assert connection.invalidated
        engine.dispose()
