"""Reads of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.foundation.extensions import db
from app.messaging.models import Message, State


def counts_of_run(run_id: int) -> dict[State, int]:
    """How many messages of a run are in each state; states with none are 0."""
    rows = db.session.execute(
        select(Message.state, func.count()).where(Message.run_id == run_id).group_by(Message.state)
    )
    return dict.fromkeys(State, 0) | {row[0]: row[1] for row in rows}


def counts() -> dict[State, int]:
    """How many messages there are in each state."""
    rows = db.session.execute(select(Message.state, func.count()).group_by(Message.state))
    return dict.fromkeys(State, 0) | {row[0]: row[1] for row in rows}


def oldest_due() -> datetime | None:
    """Since when the message that has waited longest could have left (UTC)."""
    return db.session.scalar(
        select(func.min(Message.not_before)).where(Message.state.in_((State.QUEUED, State.LEASED)))
    )


def uncertain(limit: int = 100) -> Sequence[Message]:
    """The messages that a person should decide about, oldest first."""
    return db.session.scalars(
        select(Message).where(Message.state == State.UNCERTAIN).order_by(Message.id).limit(limit)
    ).all()


def latest(limit: int = 50, state: State | None = None) -> Sequence[Message]:
    """The newest messages, of one state or of all."""
    newest = select(Message).order_by(Message.id.desc()).limit(limit)
    return db.session.scalars(newest.where(Message.state == state) if state else newest).all()
