"""How Alembic reaches our database and writes our column types."""

from __future__ import annotations

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
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
