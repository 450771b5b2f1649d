"""Work that outlives its connection, and writes of one statement."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.foundation.extensions import db
from app.foundation.health import WorkerHeartbeat
from app.foundation.transaction import harmless_twice, transaction, write_at_once

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def heartbeat(name: str) -> dict[str, object]:
    return {"name": name, "at": NOW, "created_at": NOW}


def write(name: str) -> object:
    statement = insert(WorkerHeartbeat.__table__).returning(WorkerHeartbeat.__table__.c.id)
    return write_at_once(statement, heartbeat(name))


def kept() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(WorkerHeartbeat)) or 0


def end_every_connection() -> None:
    """As a restart of the database does, or somebody who ends it by hand."""
    ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    others = text(f"{ours} AND pid <> pg_backend_pid()")
    database = db.engine.url.database
    with db.engine.connect() as connection:
        connection.execute(others, {"name": database})
        own = connection.connection.dbapi_connection
        connection.invalidate()
    assert own is None or own.closed


def two_connections() -> None:
    with db.engine.connect() as one, db.engine.connect() as other:
        one.execute(text("SELECT 1"))
        other.execute(text("SELECT 1"))


@pytest.fixture
def on_postgresql(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no connection to lose")


@pytest.mark.usefixtures("on_postgresql")
def test_work_that_is_harmless_twice_outlives_its_connection() -> None:
    two_connections()
    end_every_connection()
    assert harmless_twice(lambda: write("one")) is not None
    assert kept() == 1


@pytest.mark.usefixtures("on_postgresql")
def test_a_connection_that_ended_unseen_is_replaced_before_it_is_used() -> None:
    two_connections()
    end_every_connection()
    with transaction():
        db.session.execute(insert(WorkerHeartbeat.__table__), heartbeat("one"))
    assert kept() == 1


@pytest.mark.usefixtures("on_postgresql")
def test_work_whose_connection_ends_in_its_middle_is_done_again_only_where_it_may() -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        with transaction():
            db.session.execute(insert(WorkerHeartbeat.__table__), heartbeat("one"))
            if len(tries) == 1:
                end = "SELECT pg_terminate_backend(pg_backend_pid())"
                db.session.execute(text(end))

    harmless_twice(work)
    assert (len(tries), kept()) == (2, 1)
    tries.clear()
    with transaction():
        db.session.execute(WorkerHeartbeat.__table__.delete())
    with pytest.raises(DBAPIError):
        work()
    assert kept() == 0


def test_a_fault_of_the_work_itself_is_not_tried_again(app: Flask) -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        write("the same")

    harmless_twice(work)
    with pytest.raises(IntegrityError):
        harmless_twice(work)
    assert (len(tries), kept()) == (2, 1)


def test_a_write_at_once_is_committed_when_it_returns(app: Flask) -> None:
    assert write("one") is not None
    db.session.rollback()
    assert kept() == 1


def test_a_write_at_once_joins_the_unit_of_work_that_is_open(app: Flask) -> None:
    def fail_after_it() -> None:
        with transaction():
            write("one")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_it()
    assert kept() == 0
