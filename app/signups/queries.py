"""Reads of sign-ups."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Shift, Slot
from app.signups.models import LIVE, Signup, Standing


def queue_place(signup: Signup) -> int:
    """The volunteer's number in the shift's queue, from 1."""
    before = db.session.scalar(
        select(func.count()).where(
            Signup.shift_id == signup.shift_id,
            Signup.standing == Standing.WAITING,
            Signup.id < signup.id,
        )
    )
    return (before or 0) + 1


def live_of(volunteer_id: int, shift_id: int) -> Signup | None:
    """The volunteer's live sign-up on the shift, if there is one."""
    return db.session.scalar(
        select(Signup).where(
            Signup.shift_id == shift_id,
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(LIVE),
        )
    )


def roster(shift_id: int) -> Sequence[Signup]:
    """Every sign-up of the shift in order of arrival, with its volunteer."""
    return db.session.scalars(
        select(Signup)
        .where(Signup.shift_id == shift_id)
        .options(joinedload(Signup.volunteer), joinedload(Signup.slot).joinedload(Slot.duty))
        .order_by(Signup.id)
    ).all()


def coming(volunteer_id: int) -> Sequence[Signup]:
    """The volunteer's live sign-ups on shifts that are not over, soonest first."""
    return db.session.scalars(
        select(Signup)
        .join(Signup.shift)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(LIVE),
            Shift.ends_at > clock.now(),
        )
        .options(
            joinedload(Signup.shift).joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Signup.shift).joinedload(Shift.site),
            joinedload(Signup.slot).joinedload(Slot.duty),
        )
        .order_by(Shift.starts_at)
    ).all()


def past(volunteer_id: int, limit: int = 50) -> Sequence[Signup]:
    """The volunteer's sign-ups that are over or ended, newest first."""
    return db.session.scalars(
        select(Signup)
        .join(Signup.shift)
        .where(
            Signup.volunteer_id == volunteer_id,
            (Shift.ends_at <= clock.now()) | Signup.standing.not_in(LIVE),
        )
        .options(
            joinedload(Signup.shift).joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Signup.shift).joinedload(Shift.site),
        )
        .order_by(Shift.starts_at.desc())
        .limit(limit)
    ).all()
