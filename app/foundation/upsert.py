"""Set-based writes in the words of either database."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult, Result
from sqlalchemy.dialects import postgresql, sqlite

from app.foundation.extensions import db


def insert(table: Any) -> Any:
    """An INSERT that may say ON CONFLICT; both databases know it, each by its own class."""
    on_postgresql = db.session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if on_postgresql else sqlite.insert(table)


def insert_ignoring(table: Any) -> Any:
    """An INSERT that does nothing where a unique key is taken already.

    The caller goes on as with any INSERT: `.values(…)`, `.from_select(…)`,
    `.returning(…)`.
    """
    return insert(table).on_conflict_do_nothing()


def rows_changed(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE touched."""
    return cast("CursorResult[Any]", result).rowcount
