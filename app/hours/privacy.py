"""What attendance and hours tell a person of themselves, and how they forget them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from app.foundation.extensions import db
from app.hours.models import Attendance, AttendanceChange, HoursRequest, Statement
from app.opportunities.models import Opportunity, Shift
from app.volunteers.models import Volunteer


def held(volunteer: Volunteer) -> dict[str, Any]:
    """When they came and left, what they asked to have counted, and their statements."""
    changes: dict[Attendance, list[AttendanceChange]] = {}
    for row, change in db.session.execute(
        select(Attendance, AttendanceChange)
        .outerjoin(AttendanceChange, AttendanceChange.attendance_id == Attendance.id)
        .where(Attendance.volunteer_id == volunteer.id)
        .options(
            joinedload(Attendance.signup),
            joinedload(Attendance.shift)
            .joinedload(Shift.opportunity)
            .joinedload(Opportunity.group),
        )
        .order_by(Attendance.id, AttendanceChange.id)
    ):
        changes.setdefault(row, []).extend([change] if change else [])
    asked = db.session.scalars(
        select(HoursRequest)
        .where(HoursRequest.volunteer_id == volunteer.id)
        .options(joinedload(HoursRequest.group))
        .order_by(HoursRequest.id)
    )
    statements = db.session.scalars(
        select(Statement).where(Statement.volunteer_id == volunteer.id).order_by(Statement.id)
    )
    return {
        "attendance": [
            {
                "role": row.shift.opportunity.title,
                "group": row.shift.opportunity.group.name,
                "came": _moment(row.came_at),
                "how_we_know": row.came_by.label if row.came_by else None,
                "left": _moment(row.left_at),
                "minutes": row.minutes,
                "changes": [
                    {
                        "at": _moment(one.created_at),
                        "minutes_before": one.minutes_before,
                        "minutes_after": one.minutes_after,
                        "how": one.seen.label,
                        "why": one.reason,
                    }
                    for one in of_row
                ],
            }
            for row, of_row in changes.items()
        ],
        "hours_asked_for": [
            {
                "group": row.group.name,
                "day": row.day.isoformat(),
                "minutes": row.minutes,
                "what": row.what,
                "state": row.state.value,
                "answer": row.answer,
            }
            for row in asked
        ],
        "statements_of_hours": [
            {"code": row.code, "made": _moment(row.created_at), "says": row.contents}
            for row in statements
        ],
    }


def forget(volunteer: Volunteer) -> None:
    """Drop the words and the statements; who came when stays, without a name.

    Runs in the open transaction of the erasure.
    """
    own = select(Attendance.id).where(Attendance.volunteer_id == volunteer.id)
    db.session.execute(
        update(AttendanceChange)
        .where(AttendanceChange.attendance_id.in_(own))
        .values(reason="")
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(HoursRequest)
        .where(HoursRequest.volunteer_id == volunteer.id)
        .values(what="", answer="")
        .execution_options(synchronize_session=False)
    )
    db.session.execute(delete(Statement).where(Statement.volunteer_id == volunteer.id))


def _moment(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
