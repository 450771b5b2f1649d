"""Check-outs that were forgotten: asked about next morning, and given up after some days.

A sweep finds them in SQL, whatever was missed while nothing ran. It asks by
day only, by the clock on the site's wall, each person once.
"""

from __future__ import annotations

import logging
from typing import Final

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.hours import letters, rules
from app.hours.models import Attendance
from app.hours.service.attendance import take_planned_end
from app.messaging.rules.quiet import in_quiet_hours
from app.opportunities.models import Opportunity, Shift
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer

log = logging.getLogger(__name__)

# Of one round of the sweep; the next takes the rest.
AT_ONCE: Final = 500


def sweep() -> int:
    """Ask those who can be asked now, give up those who never answered; how many of both."""
    done = 0
    for attendance_id in _open_ones():
        if _see_to(attendance_id):
            done += 1
    return done


def _open_ones() -> list[int]:
    """Those who came, have not left, and whose shift has been over for some hours."""
    now = clock.now()
    found = db.session.scalars(
        select(Attendance.id)
        .join(Attendance.shift)
        .join(Attendance.volunteer)
        .outerjoin(Attendance.signup)
        .where(
            Attendance.came_at.is_not(None),
            Attendance.left_at.is_(None),
            Volunteer.erased_at.is_(None),
            Signup.id.is_(None) | (Signup.standing == Standing.ATTENDED),
            (Attendance.asked_at.is_(None) & (Shift.ends_at <= now - rules.REST))
            | (Shift.ends_at <= now - rules.ANSWER_WITHIN),
        )
        .order_by(Attendance.id)
        .limit(AT_ONCE)
    ).all()
    db.session.rollback()  # a read must not hold the database's snapshot
    return list(found)


def _see_to(attendance_id: int) -> bool:
    """Do what is due about one; whether anything was. The lock is its row."""
    now = clock.now()
    with transaction():
        row = db.session.scalar(
            select(Attendance)
            .where(Attendance.id == attendance_id, Attendance.left_at.is_(None))
            .options(
                joinedload(Attendance.volunteer),
                joinedload(Attendance.shift)
                .joinedload(Shift.opportunity)
                .joinedload(Opportunity.group),
                joinedload(Attendance.shift).joinedload(Shift.site),
            )
            .with_for_update(of=Attendance)
            .execution_options(populate_existing=True)
        )
        if row is None:
            return False
        shift = row.shift
        if not rules.is_given_up(now, shift.ends_at):
            zone, quiet = shift.site.zone, current_app.config["QUIET_HOURS"]
            if (
                row.asked_at is not None
                or now < rules.ask_from(shift.ends_at, zone)
                or in_quiet_hours(now, zone, quiet)
            ):
                return False
            row.asked_at = now
            letters.ask_when_left(row, token(row.id))
            return True
    # Outside: it locks the shift first, as everything else does.
    take_planned_end(attendance_id)
    return True


def token(attendance_id: int) -> str:
    """What stands in the address of the question; it cannot be guessed and holds a number only."""
    return _serializer().dumps(attendance_id)


def asked(of_token: str) -> Attendance | None:
    """The attendance that a token asks about, with its shift; None for one that is not ours."""
    try:
        attendance_id = _serializer().loads(of_token)
    except BadSignature:
        return None
    return db.session.scalar(
        select(Attendance)
        .join(Attendance.volunteer)
        .where(Attendance.id == attendance_id, Volunteer.erased_at.is_(None))
        .options(
            joinedload(Attendance.shift)
            .joinedload(Shift.opportunity)
            .joinedload(Opportunity.group),
            joinedload(Attendance.shift).joinedload(Shift.site),
            joinedload(Attendance.signup),
            joinedload(Attendance.volunteer),
        )
    )


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="when-left")
