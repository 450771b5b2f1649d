"""One unit of work: it commits whole or not at all, and only then speaks.

Every write happens inside `transaction()`. On SQLite it takes the write lock
at the start (BEGIN IMMEDIATE), because a reader that turns writer half-way
can be refused by the database; on PostgreSQL it is an ordinary transaction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from app.foundation.extensions import db

# What runs after the commit, by a key so that the same nudge is left once.
Waiting = dict[object, Callable[[], None]]
_after_commit: ContextVar[Waiting | None] = ContextVar("after_commit", default=None)


def in_transaction() -> bool:
    """Whether a unit of work is open here."""
    return _after_commit.get() is not None


@contextmanager
def transaction() -> Iterator[None]:
    """Open a unit of work, or join the one that is open.

    What was read before is forgotten first, so that everything inside sees
    the rows as they are now. Calls given to `after_commit` run once the
    outermost unit has committed, and never when it failed.
    """
    if in_transaction():
        yield
        return
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("Rows were changed outside a transaction.")
    session.rollback()
    waiting: Waiting = {}
    token = _after_commit.set(waiting)
    try:
        session.connection()
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _after_commit.reset(token)
    for call in waiting.values():
        call()


def after_commit(call: Callable[[], None], key: object = None) -> None:
    """Run `call` once the open unit of work has committed; of one `key`, the first only.

    Raises `RuntimeError` outside one: nothing leaves the process before its
    cause is safe.
    """
    waiting = _after_commit.get()
    if waiting is None:
        raise RuntimeError("after_commit needs an open transaction.")
    waiting.setdefault(key if key is not None else object(), call)


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA busy_timeout = 60000")
    cursor.execute("PRAGMA cache_size = -65536")
    # Some builds of SQLite come without mathematics; distances need this one.
    if not cursor.execute("SELECT 1 FROM pragma_function_list WHERE name = 'sqrt'").fetchone():
        dbapi_connection.create_function("sqrt", 1, math.sqrt, deterministic=True)
    cursor.close()


def _prepare_postgresql(dbapi_connection: Any, _record: object) -> None:
    # Compiling the large statement of an audience takes longer than running it.
    dbapi_connection.execute("SET jit = off")
    dbapi_connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if in_transaction() else "BEGIN")


def _refuse_stray_writes(session: Session, _context: object, _instances: object) -> None:
    if not in_transaction():
        raise RuntimeError("A write outside `transaction()`.")


event.listen(Session, "before_flush", _refuse_stray_writes)


def prepare_engine(engine: Engine) -> None:
    """Make an engine keep the rules above; called once per app."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgresql)
