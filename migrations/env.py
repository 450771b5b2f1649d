"""How Alembic reaches our database and writes our column types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from app.foundation.flags import Flags
from app.foundation.model import UtcDateTime

migrate = current_app.extensions["migrate"]
database = migrate.db


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own types as the plain ones beneath, so that old migrations need no app code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Flags):
        return "sa.BigInteger()"
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


@contextmanager
def _tables_made_anew(connection: sa.Connection) -> Iterator[None]:
    """Let SQLite replace a table by a new one without emptying those that refer to it.

    It changes many a thing only by making the table anew, and with foreign keys
    on, dropping the old one deletes every row that points there by CASCADE.
    The setting has no effect inside a transaction, so it comes before (see
    https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table
    Schema Changes", which also asks for the check afterwards).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        if connection.in_transaction():
            connection.rollback()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()


def _no_orphans(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if orphans:
            raise RuntimeError(f"The migration would leave rows that refer to nothing: {orphans}")


def run() -> None:
    if context.is_offline_mode():
        context.configure(
            url=current_app.config["SQLALCHEMY_DATABASE_URI"],
            target_metadata=database.metadata,
            literal_binds=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()
        return
    with database.engine.connect() as connection, _tables_made_anew(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            _no_orphans(connection)
        connection.commit()


run()
