"""The database's versions, by Alembic: what `bma db upgrade` runs."""
