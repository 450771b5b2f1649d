"""What waits or is on its way is found by its index, on both databases, however long the ledger."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects import postgresql

from app.foundation import clock
from app.foundation.extensions import db
from app.messaging import queries
from app.messaging.models import Message, State
from app.volunteers.models import Channel

SEEN = {
    "ix_message_due": select(func.count()).where(
        queries.stands(State.QUEUED), Message.lane == "urgent"
    ),
    "ix_message_moving": select(Message.state, func.count())
    .where(queries.on_its_way())
    .group_by(Message.state),
}


def a_long_ledger() -> None:
    """Thousands of messages at rest and a few that are not, in the open session, counted."""
    now = clock.now()
    states = [State.DELIVERED] * 5000 + [
        State.QUEUED,
        State.LEASED,
        State.SENDING,
        State.UNCERTAIN,
    ] * 5
    rows = [
        {
            "created_at": now,
            "channel": Channel.SMS,
            "lane": "urgent",
            "cause": "test:1",
            "recipient": f"volunteer:{number}",
            "purpose": "ask",
            "token": f"{number:032x}",
            "to_address": f"+4477009{number:05d}",
            "body": "Can you help?",
            "state": state,
            "not_before": now,
        }
        for number, state in enumerate(states)
    ]
    connection = db.session.connection()
    connection.execute(insert(Message), rows)
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE message"))


def plan_of(statement: Any) -> str:
    """How the database would run it on a long ledger, which is gone afterwards."""
    a_long_ledger()
    on_postgresql = db.engine.dialect.name == "postgresql"
    dialect = postgresql.dialect() if on_postgresql else db.engine.dialect  # type: ignore[no-untyped-call]
    words = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    how = "EXPLAIN " if on_postgresql else "EXPLAIN QUERY PLAN "
    rows = db.session.connection().exec_driver_sql(how + words.replace("%", "%%")).all()
    db.session.rollback()
    return "\n".join(str(tuple(row)) for row in rows)


@pytest.mark.parametrize("state", [State.LEASED, State.SENDING, State.UNCERTAIN])
def test_one_state_on_the_way_is_found_by_the_index(app: Flask, state: State) -> None:
    plan = plan_of(select(Message.id).where(queries.stands(state)))
    assert "ix_message_moving" in plan
    assert "SCAN message" not in plan.replace("SCAN message USING", "")
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("index", ["ix_message_due", "ix_message_moving"])
def test_the_figures_are_counted_by_the_index(app: Flask, index: str) -> None:
    assert index in plan_of(SEEN[index])
