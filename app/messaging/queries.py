"""Reads of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.holding import is_held
from app.messaging.models import Message, Run, RunState, State
from app.messaging.rules import opting_out
from app.messaging.rules.quiet import in_quiet_hours
from app.volunteers.models import Channel

# On its way, or in doubt: these share a partial index.
_MOVING: Final = (State.LEASED, State.SENDING, State.UNCERTAIN)


def _plainly(state: State) -> ColumnElement[str]:
    return literal_column(f"'{state.value}'", String)


def stands(state: State) -> ColumnElement[bool]:
    """SQL: the message is in this state, written so that partial indexes on it are used.

    SQLite takes an index only where its own condition is repeated word for word.
    """
    is_in = Message.state == _plainly(state)
    return and_(on_its_way(), is_in) if state in _MOVING else is_in


def on_its_way() -> ColumnElement[bool]:
    """SQL: the message is leased, leaving or in doubt; in the very words of the partial index."""
    return Message.state.in_([_plainly(state) for state in _MOVING])


def is_due() -> ColumnElement[bool]:
    """SQL, over Message outer-joined with its Run: it may leave now.

    Its time has come, nobody holds all sending, and its run, if it has one,
    neither rests nor has to wait for the end of the quiet hours.
    """
    config, now = current_app.config, clock.now()
    may_run = Run.state != RunState.PAUSED
    if in_quiet_hours(now, config["TIMEZONE"], config["QUIET_HOURS"]):
        may_run = and_(may_run, Run.is_emergency)
    return and_(
        stands(State.QUEUED),
        Message.not_before <= now,
        or_(Message.run_id.is_(None), may_run),
        not_(is_held()),
    )


def knows_how_to_stop(
    address: ColumnElement[str] | InstrumentedAttribute[str | None],
    since: datetime | ColumnElement[datetime],
) -> ColumnElement[bool]:
    """SQL: a text that may have reached the phone has said how to stop, since a moment (UTC)."""
    earlier = aliased(Message)
    return exists().where(
        earlier.to_address == address,
        earlier.tells_stop,
        earlier.created_at > since,
        earlier.channel == Channel.SMS,
        earlier.state.in_(opting_out.MAY_BE_READ),
    )


def counts_of_run(run_id: int) -> dict[State, int]:
    """How many messages of a run are in each state; states with none are 0."""
    rows = db.session.execute(
        select(Message.state, func.count()).where(Message.run_id == run_id).group_by(Message.state)
    )
    return dict.fromkeys(State, 0) | {row[0]: row[1] for row in rows}


def uncertain(limit: int = 100) -> Sequence[Message]:
    """The messages that a person should decide about, oldest first, with whom they are for."""
    return db.session.scalars(_uncertain().limit(limit)).all()


def uncertain_of(ids: Sequence[int]) -> Sequence[Message]:
    """Those of these that are still to be decided about, oldest first."""
    return db.session.scalars(_uncertain().where(Message.id.in_(ids))).all()


def _uncertain() -> Select[Message]:
    return (
        select(Message)
        .where(stands(State.UNCERTAIN))
        .options(joinedload(Message.volunteer))
        .order_by(Message.id)
    )


def latest(limit: int = 50, state: State | None = None) -> Sequence[Message]:
    """The newest messages, of one state or of all."""
    newest = select(Message).order_by(Message.id.desc()).limit(limit)
    return db.session.scalars(newest.where(Message.state == state) if state else newest).all()
