"""Reads of attendance and hours."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation.extensions import db
from app.hours.models import Attendance
from app.opportunities.models import Opportunity, Shift


def attendance_of_group(group_id: int, attendance_id: int) -> Attendance | None:
    """An attendance of a shift of this group, or None."""
    return db.session.scalar(
        select(Attendance)
        .join(Attendance.shift)
        .join(Shift.opportunity)
        .where(Attendance.id == attendance_id, Opportunity.group_id == group_id)
        .options(joinedload(Attendance.shift), joinedload(Attendance.volunteer))
    )
