"""A command that comes and goes beside the server: the server's files are left to it."""

import asyncio
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from bot.storage import audit, open_store
from bot.storage.audit import Entry
from tests.databases import migrated
from tests.stored import latest_entries

COMMAND = """
import sys
import sqlite3
connection = sqlite3.connect(sys.argv[1])
connection.execute("INSERT INTO audit (at, actor, action, subject, details) VALUES (1, 'autre', 'essai', '', '{}')")
connection.commit()
connection.close()
"""


async def test_who_reads_beside_and_goes_takes_no_log_away(tmp_path: Path) -> None:
    """SQLite deletes the write-ahead log with the last connection: nobody may look like the last one who is not."""
    with migrated("sqlite", tmp_path) as url:
        store = open_store(url)
        await store.run(lambda connection: audit.add(connection, Entry(1.0, "serveur", "essai")))
        await store.look(lambda connection: latest_entries(connection, 1))
        command = [sys.executable, "-c", COMMAND, str(tmp_path / "bma.sqlite3")]
        await asyncio.to_thread(subprocess.run, command, check=True, timeout=30)
        assert (tmp_path / "bma.sqlite3-wal").exists()
        await store.run(lambda connection: audit.add(connection, Entry(2.0, "serveur", "essai")))
        count = sa.text("SELECT count(*) FROM audit")
        assert await store.look(lambda connection: connection.execute(count).scalar()) == 3
        await store.close()
