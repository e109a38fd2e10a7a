"""What tests look for in a database, through what the console reads."""

from sqlalchemy.engine import Connection

from bot.storage import audit, review


def latest_entries(connection: Connection, count: int) -> list[audit.Entry]:
    """What was done last, newest first."""
    return [found.entry for found in audit.page(connection, count)]


def open_items(connection: Connection) -> list[review.Item]:
    """What waits in the inbox, oldest first."""
    signatures = [group.signature for group in review.groups(connection)]
    return review.items_of(connection, signatures, count=100)[::-1]
