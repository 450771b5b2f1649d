"""What waits or is on its way is found by its index, on both databases, however long the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.dialects import postgresql

from app.foundation.extensions import db
from app.messaging import queries
from app.messaging.models import Message, State

SEEN = {
    "ix_message_due": select(func.count()).where(
        queries.stands(State.QUEUED), Message.lane == "urgent"
    ),
    "ix_message_moving": select(Message.state, func.count())
    .where(queries.on_its_way())
    .group_by(Message.state),
}


def plan_of(statement: Any) -> str:
    """How the database would run it; on PostgreSQL an empty table may be read whole, but is not."""
    on_postgresql = db.engine.dialect.name == "postgresql"
    dialect = postgresql.dialect() if on_postgresql else db.engine.dialect  # type: ignore[no-untyped-call]
    words = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    if on_postgresql:
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
    how = "EXPLAIN " if on_postgresql else "EXPLAIN QUERY PLAN "
    rows = db.session.connection().exec_driver_sql(how + words.replace("%", "%%"))
    return "\n".join(str(tuple(row)) for row in rows)


@pytest.mark.parametrize("state", [State.LEASED, State.SENDING, State.UNCERTAIN])
def test_one_state_on_the_way_is_found_by_the_index(app: Flask, state: State) -> None:
    plan = plan_of(select(Message.id).where(queries.stands(state)))
    assert "ix_message_moving" in plan
    assert "SCAN message" not in plan.replace("SCAN message USING", "")


@pytest.mark.parametrize("index", ["ix_message_due", "ix_message_moving"])
def test_the_figures_are_counted_by_the_index(app: Flask, index: str) -> None:
    assert index in plan_of(SEEN[index])
