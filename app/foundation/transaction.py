"""One unit of work: it commits whole or not at all, and only then speaks.

Every write happens inside `transaction()`. On SQLite it takes the write lock
at the start (BEGIN IMMEDIATE), because a reader that turns writer half-way
can be refused by the database; on PostgreSQL it is an ordinary transaction.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Executable, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import Session

from app.foundation.extensions import db

# What runs after the commit, by a key so that the same nudge is left once.
Waiting = dict[object, Callable[[], None]]
_after_commit: ContextVar[Waiting | None] = ContextVar("after_commit", default=None)

Result = TypeVar("Result")
# Whether the work in hand may be done a second time (see `harmless_twice`).
_may_be_done_again: ContextVar[bool] = ContextVar("may_be_done_again", default=False)
# A connection that was in use so many seconds ago is taken to live, where that may be tried.
SURELY_ALIVE: Final = 5.0


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


def harmless_twice(work: Callable[[], Result]) -> Result:
    """Do a unit of work that does no harm when it is done twice; what it returns.

    Elsewhere a connection is asked whether it still lives before it is used, a
    journey to the database each time. Here one that was in use a moment ago is
    taken as it is; should it prove dead, the work is done once more over a new
    one, even when only the news of its commit was lost.
    """
    if in_transaction():  # whose other half could not be done again from here
        return work()
    token = _may_be_done_again.set(True)
    try:
        return work()
    except DBAPIError as fault:
        if not fault.connection_invalidated:
            raise
    finally:
        _may_be_done_again.reset(token)
    return work()


def write_at_once(statement: Executable, values: Mapping[str, Any]) -> Any:
    """A unit of work of one statement: committed when this returns; its first value, or None.

    On PostgreSQL it takes one journey to the database where a transaction takes
    three: the statement is one by itself. Joins the unit of work that is open.
    """
    engine = db.engine
    if in_transaction() or engine.dialect.name == "sqlite":
        with transaction():
            return db.session.scalar(statement, values)
    with _at_once(engine).connect() as connection:
        return connection.scalar(statement, values)


@lru_cache(maxsize=8)
def _at_once(engine: Engine) -> Engine:
    """The same engine and pool, but each statement commits itself."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _note_return(_dbapi_connection: object, record: Any) -> None:
    record.info["returned_at"] = time.monotonic()


def _ask_whether_alive(engine: Engine) -> Callable[[Any, Any, object], None]:
    def ask(dbapi_connection: Any, record: Any, _proxy: object) -> None:
        returned_at = record.info.get("returned_at")
        if returned_at is None:  # new, this moment
            return
        if _may_be_done_again.get() and time.monotonic() - returned_at < SURELY_ALIVE:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as fault:
            # The others of that age have most likely died with it.
            raise InvalidatePoolError from fault

    return ask


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
        event.listen(engine, "checkin", _note_return)
        event.listen(engine, "checkout", _ask_whether_alive(engine))
