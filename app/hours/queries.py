"""Reads of attendance and hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.sentences import N_
from app.groups.models import Group, Site
from app.hours.models import (
    Attendance,
    AttendanceChange,
    HoursRequest,
    RequestState,
    Seen,
    Statement,
)
from app.hours.rules import Given
from app.opportunities.models import Opportunity, Shift
from app.signups.models import OCCUPYING, Signup, Standing
from app.volunteers.models import GroupVolunteer, Volunteer


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


UNTIL_PLANNED_END = N_("until the planned end: we do not know when you left")
EXTRA = N_("as an extra")
ADDED = N_("added by you")


def given(
    volunteer_id: int, first_day: date | None = None, last_day: date | None = None
) -> list[Given]:
    """All that a volunteer gave, the latest day first; of shifts only those that are over.

    Days are those of the site's calendar, the first and last included. Three
    statements, however much it is.
    """
    found = [*_attended(volunteer_id), *_extra(volunteer_id), *_added(volunteer_id)]
    within = [
        one
        for one in found
        if (first_day is None or one.day >= first_day) and (last_day is None or one.day <= last_day)
    ]
    return sorted(within, key=_order, reverse=True)


def _order(one: Given) -> tuple[object, ...]:
    """Of one kind whatever the database's: a statement lists the same hours in the same order."""
    return (one.day, one.signup_id or 0, one.group, one.what, one.minutes, one.note)


def _attended(volunteer_id: int) -> list[Given]:
    rows = db.session.execute(
        select(
            Signup.id,
            Signup.attended_minutes,
            Shift.starts_at,
            Site.zone,
            Opportunity.title,
            Group.id.label("group_id"),
            Group.name,
            Attendance.came_at,
            Attendance.left_at,
            Attendance.left_by,
        )
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Group, Group.id == Opportunity.group_id)
        .outerjoin(Attendance, Attendance.signup_id == Signup.id)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.standing == Standing.ATTENDED,
            Signup.attended_minutes > 0,
            or_(Shift.ends_at <= clock.now(), Attendance.left_at.is_not(None)),
        )
    )
    return [
        Given(
            day=row.starts_at.astimezone(ZoneInfo(row.zone)).date(),
            group_id=row.group_id,
            group=row.name,
            what=row.title,
            minutes=row.attended_minutes,
            note=UNTIL_PLANNED_END
            if row.came_at is not None and (row.left_at is None or row.left_by == Seen.RULE)
            else "",
            signup_id=row.id,
        )
        for row in rows
    ]


def _extra(volunteer_id: int) -> list[Given]:
    rows = db.session.execute(
        select(
            Attendance.extra_minutes,
            Shift.starts_at,
            Site.zone,
            Opportunity.title,
            Group.id.label("group_id"),
            Group.name,
        )
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Group, Group.id == Opportunity.group_id)
        .where(
            Attendance.volunteer_id == volunteer_id,
            Attendance.signup_id.is_(None),
            Attendance.extra_minutes > 0,
            or_(Shift.ends_at <= clock.now(), Attendance.left_at.is_not(None)),
        )
    )
    return [
        Given(
            day=row.starts_at.astimezone(ZoneInfo(row.zone)).date(),
            group_id=row.group_id,
            group=row.name,
            what=row.title,
            minutes=row.extra_minutes,
            note=EXTRA,
        )
        for row in rows
    ]


def _added(volunteer_id: int) -> list[Given]:
    rows = db.session.execute(
        select(HoursRequest.day, HoursRequest.minutes, HoursRequest.what, Group.id, Group.name)
        .join(Group, Group.id == HoursRequest.group_id)
        .where(
            HoursRequest.volunteer_id == volunteer_id,
            HoursRequest.signup_id.is_(None),
            HoursRequest.state == RequestState.APPROVED,
        )
    )
    return [
        Given(day, number, name, what, minutes, ADDED, is_shift=False)
        for day, minutes, what, number, name in rows
    ]


def groups_of(volunteer_id: int) -> list[tuple[int, str]]:
    """(id, name) of the groups that know a volunteer, by name."""
    return [
        (number, name)
        for number, name in db.session.execute(
            select(Group.id, Group.name)
            .join(GroupVolunteer, GroupVolunteer.group_id == Group.id)
            .where(GroupVolunteer.volunteer_id == volunteer_id)
            .order_by(Group.name)
        )
    ]


def own_requests(volunteer_id: int, at_most: int = 20) -> Sequence[HoursRequest]:
    """What a volunteer asked groups to count, those that wait first, then the latest."""
    return db.session.scalars(
        select(HoursRequest)
        .where(
            HoursRequest.volunteer_id == volunteer_id,
            HoursRequest.state != RequestState.WITHDRAWN,
        )
        .options(joinedload(HoursRequest.group))
        .order_by(HoursRequest.state != RequestState.WAITING, HoursRequest.id.desc())
        .limit(at_most)
    ).all()


def own_statements(volunteer_id: int, at_most: int = 10) -> Sequence[Statement]:
    return db.session.scalars(
        select(Statement)
        .where(Statement.volunteer_id == volunteer_id)
        .order_by(Statement.id.desc())
        .limit(at_most)
    ).all()


def own_signup(volunteer_id: int, signup_id: int) -> Signup | None:
    """A sign-up of this volunteer on a shift that is over, with all that its page shows."""
    return db.session.scalar(
        select(Signup)
        .join(Signup.shift)
        .where(
            Signup.id == signup_id,
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_((*OCCUPYING, Standing.EXCUSED)),
            Shift.ends_at <= clock.now(),
        )
        .options(
            joinedload(Signup.shift).joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Signup.shift).joinedload(Shift.site),
        )
    )


def waiting(group_id: int) -> Sequence[HoursRequest]:
    """What waits for a group's managers, the oldest first."""
    return db.session.scalars(
        select(HoursRequest)
        .where(HoursRequest.group_id == group_id, HoursRequest.state == RequestState.WAITING)
        .options(
            joinedload(HoursRequest.volunteer),
            joinedload(HoursRequest.signup)
            .joinedload(Signup.shift)
            .options(joinedload(Shift.opportunity), joinedload(Shift.site)),
        )
        .order_by(HoursRequest.id)
        .limit(100)
    ).all()


def decided(group_id: int, at_most: int = 20) -> Sequence[HoursRequest]:
    """What a group's managers decided, the latest first."""
    return db.session.scalars(
        select(HoursRequest)
        .where(
            HoursRequest.group_id == group_id,
            HoursRequest.state.in_((RequestState.APPROVED, RequestState.REFUSED)),
        )
        .options(joinedload(HoursRequest.volunteer))
        .order_by(HoursRequest.decided_at.desc(), HoursRequest.id.desc())
        .limit(at_most)
    ).all()


def request_of_group(group_id: int, request_id: int) -> HoursRequest | None:
    return db.session.scalar(
        select(HoursRequest)
        .where(HoursRequest.id == request_id, HoursRequest.group_id == group_id)
        .options(joinedload(HoursRequest.volunteer))
    )


@dataclass(frozen=True)
class Change:
    """One line of an attendance's history, and who made it."""

    change: AttendanceChange
    by: str


@dataclass(frozen=True)
class Present:
    """One person of a shift with the times that are kept of them."""

    volunteer: Volunteer
    signup: Signup | None
    attendance: Attendance | None
    history: list[Change]

    @property
    def minutes(self) -> int | None:
        if self.signup is not None:
            return self.signup.attended_minutes
        return self.attendance.extra_minutes if self.attendance else None


def of_shift(shift_id: int) -> list[Present]:
    """Everybody with a place on a shift, and everybody extra, with times and their history."""
    signups = db.session.scalars(
        select(Signup)
        .where(Signup.shift_id == shift_id, Signup.standing.in_((*OCCUPYING, Standing.EXCUSED)))
        .options(joinedload(Signup.volunteer))
        .order_by(Signup.id)
    ).all()
    rows = db.session.scalars(
        select(Attendance)
        .where(Attendance.shift_id == shift_id)
        .options(joinedload(Attendance.volunteer))
        .order_by(Attendance.id)
    ).all()
    history: dict[int, list[Change]] = {row.id: [] for row in rows}
    for change, by in db.session.execute(
        select(AttendanceChange, User.name)
        .join(Attendance, Attendance.id == AttendanceChange.attendance_id)
        .outerjoin(User, User.id == AttendanceChange.by_user_id)
        .where(Attendance.shift_id == shift_id)
        .order_by(AttendanceChange.id)
    ):
        history[change.attendance_id].append(Change(change, by or ""))
    by_person = {row.volunteer_id: row for row in rows}
    found = []
    for signup in signups:
        row = by_person.pop(signup.volunteer_id, None)
        found.append(Present(signup.volunteer, signup, row, history[row.id] if row else []))
    return found + [
        Present(row.volunteer, None, row, history[row.id])
        for row in by_person.values()
        if row.signup_id is None and row.came_at is not None
    ]


def attendance_of_signup(signup_id: int) -> Attendance | None:
    """The times that are kept of a sign-up, if any; its standing says whether they count."""
    return db.session.scalar(select(Attendance).where(Attendance.signup_id == signup_id))
