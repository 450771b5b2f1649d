"""Reads of attendance and hours."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation.extensions import db
from app.hours.models import Attendance
from app.opportunities.models import Opportunity, Shift
from app.signups.models import Standing


def attendance_of_group(group_id: int, attendance_id: int) -> Attendance | None:
    """An attendance of a shift of this group, or None."""
    return db.session.scalar(
        select(Attendance)
        .join(Attendance.shift)
        .join(Shift.opportunity)
        .where(Attendance.id == attendance_id, Opportunity.group_id == group_id)
        .options(joinedload(Attendance.shift), joinedload(Attendance.volunteer))
    )


def present(volunteer_ids: Sequence[int]) -> list[Attendance]:
    """Where these people are now, having come and not said that they left."""
    rows = db.session.scalars(
        select(Attendance)
        .where(
            Attendance.volunteer_id.in_(volunteer_ids),
            Attendance.came_at.is_not(None),
            Attendance.left_at.is_(None),
        )
        .options(
            joinedload(Attendance.shift)
            .joinedload(Shift.opportunity)
            .joinedload(Opportunity.group),
            joinedload(Attendance.signup),
        )
        .order_by(Attendance.id)
    ).all()
    # A place that was marked otherwise since is none.
    return [one for one in rows if one.signup is None or one.signup.standing == Standing.ATTENDED]
