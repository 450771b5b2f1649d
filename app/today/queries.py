"""What the board of a site shows for one local day, read in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.hours import rules as hours
from app.hours.models import Attendance
from app.opportunities.models import Opportunity, Shift, Slot, Stage
from app.reminders.models import WRITTEN, Reminder
from app.signups import screens
from app.signups.models import OCCUPYING, Signup, Standing
from app.today import rules
from app.today.models import Device, DeviceEvent, Knock, SitePin
from app.today.rules import Face
from app.volunteers.models import GroupVolunteer, Volunteer

Row = TypeVar("Row", Signup, Slot, Knock)


@dataclass(frozen=True)
class Line:
    """One person on one shift, as the board has them."""

    volunteer: Volunteer
    face: Face
    signup: Signup | None  # none: extra, without a place
    attendance: Attendance | None
    duty: str
    can_be_called: bool
    is_silent: bool = False  # was reminded, and has not answered

    @property
    def assured(self) -> bool:
        """Whether they said that they come, at the time that the shift has now."""
        signup = self.signup
        if signup is None or signup.assured_at is None:
            return False
        return signup.agreed_revision >= signup.shift.revision

    @property
    def came_at(self) -> datetime | None:
        return self.attendance.came_at if self.attendance else None

    @property
    def left_at(self) -> datetime | None:
        return self.attendance.left_at if self.attendance else None

    @property
    def is_unsure(self) -> bool:
        """Whether only their own word says that they are in the building."""
        by = self.attendance.came_by if self.attendance else None
        return self.face == Face.HERE and by is not None and not by.is_sure


@dataclass(frozen=True)
class Running:
    """One shift of the day with its people."""

    shift: Shift
    lines: list[Line]
    knocks: list[Knock]
    short: int
    missing: list[str]
    is_over: bool
    is_long_over: bool  # nobody is in the building any more, whether they checked out or not
    can_check_in: bool

    @property
    def here(self) -> int:
        return 0 if self.is_long_over else sum(line.face == Face.HERE for line in self.lines)

    @property
    def came(self) -> int:
        """Those who were there, whether they have left or not."""
        return sum(line.face in (Face.HERE, Face.LEFT) for line in self.lines)

    @property
    def expected(self) -> int:
        """Those with a place, whatever became of them."""
        return sum(line.signup is not None for line in self.lines)

    @property
    def late(self) -> int:
        return sum(line.face == Face.LATE for line in self.lines)


@dataclass(frozen=True)
class Board:
    """A site's day."""

    day: date
    running: list[Running] = field(default_factory=list)

    @property
    def here(self) -> int:
        return sum(one.here for one in self.running)

    @property
    def came(self) -> int:
        return sum(one.came for one in self.running)

    @property
    def to_come(self) -> int:
        return sum(line.face == Face.DUE for one in self.running for line in one.lines)

    @property
    def late(self) -> int:
        return sum(one.late for one in self.running)

    @property
    def short(self) -> int:
        """How many shifts are below what makes them safe."""
        return sum(bool(one.short or one.missing) for one in self.running)


def board(site_id: int, group_id: int, zone: str, day: date) -> Board:
    """The shifts of the group that touch a local day at the site, with all their people.

    A shift that runs past midnight is on the board of both days.
    """
    first, after = rules.day_bounds(day, zone)
    shifts = db.session.scalars(
        select(Shift)
        .join(Shift.opportunity)
        .where(
            Shift.site_id == site_id,
            Opportunity.group_id == group_id,
            Shift.stage.not_in((Stage.DRAFT, Stage.CANCELLED)),
            Opportunity.stage != Stage.DRAFT,
            Shift.starts_at < after,
            Shift.ends_at > first,
        )
        .options(joinedload(Shift.opportunity), joinedload(Shift.site))
        .order_by(Shift.starts_at, Shift.ends_at, Shift.id)
    ).all()
    return Board(day, _running(shifts, group_id))


def around_now(site_id: int, group_id: int) -> list[Running]:
    """The shifts at the site to which somebody may now come, or from which they may leave."""
    now = clock.now()
    shifts = db.session.scalars(
        select(Shift)
        .join(Shift.opportunity)
        .where(
            Shift.site_id == site_id,
            Opportunity.group_id == group_id,
            Shift.stage.not_in((Stage.DRAFT, Stage.CANCELLED)),
            Opportunity.stage != Stage.DRAFT,
            Shift.starts_at <= now + hours.CHECK_IN_FROM,
            Shift.ends_at > now - hours.MOST_OVERRUN,
        )
        .options(joinedload(Shift.opportunity), joinedload(Shift.site))
        .order_by(Shift.starts_at, Shift.ends_at, Shift.id)
    ).all()
    return _running(shifts, group_id)


def _running(shifts: Sequence[Shift], group_id: int) -> list[Running]:
    if not shifts:
        return []
    ids = [shift.id for shift in shifts]
    now = clock.now()
    signups = _by_shift(
        db.session.scalars(
            select(Signup)
            .where(Signup.shift_id.in_(ids), Signup.standing.in_(OCCUPYING))
            .options(joinedload(Signup.volunteer))
            .order_by(Signup.id)
        )
    )
    # With an attendance comes its person: somebody extra has no sign-up that would.
    attendances = {
        (row.shift_id, row.volunteer_id): row
        for row in db.session.scalars(
            select(Attendance)
            .where(Attendance.shift_id.in_(ids))
            .options(joinedload(Attendance.volunteer))
        )
    }
    slots = _by_shift(
        db.session.scalars(
            select(Slot).where(Slot.shift_id.in_(ids)).options(joinedload(Slot.duty))
        )
    )
    knocks = _by_shift(
        db.session.scalars(select(Knock).where(Knock.shift_id.in_(ids)).order_by(Knock.id))
    )
    reminded = set(
        db.session.scalars(
            select(Reminder.signup_id)
            .join(Signup, Signup.id == Reminder.signup_id)
            .where(
                Signup.shift_id.in_(ids),
                Reminder.outcome.in_(WRITTEN),
                Signup.assured_at.is_(None),
            )
        )
    )
    people = {row.volunteer_id for rows in signups.values() for row in rows}
    on_list = screens.on_list(group_id, people | {each for _, each in attendances})
    found = []
    for shift in shifts:
        callable_now = screens.is_near(shift, now)
        duties = {slot.id: slot.duty.name for slot in slots[shift.id]}
        lines = [
            replace(
                _line(signup, attendances, duties, now),
                can_be_called=callable_now and signup.volunteer_id in on_list,
                is_silent=signup.id in reminded,
            )
            for signup in signups[shift.id]
        ]
        extras = [
            Line(
                row.volunteer,
                Face.HERE if row.left_at is None else Face.LEFT,
                None,
                row,
                "",
                callable_now and row.volunteer_id in on_list,
            )
            for row in attendances.values()
            if row.shift_id == shift.id and row.signup_id is None and row.came_at is not None
        ]
        found.append(_about(shift, lines, extras, slots[shift.id], knocks[shift.id], now))
    return found


def _about(
    shift: Shift,
    lines: list[Line],
    extras: list[Line],
    slots: Sequence[Slot],
    knocks: list[Knock],
    now: datetime,
) -> Running:
    order = list(Face)
    extras_here = sum(line.face == Face.HERE for line in extras)
    duties = [
        rules.Duty(
            slot.duty.name,
            slot.minimum,
            [line.face for line in lines if line.signup and line.signup.slot_id == slot.id],
        )
        for slot in sorted(slots, key=lambda slot: (slot.duty.rank, slot.id))
    ]
    return Running(
        shift=shift,
        lines=sorted(
            lines + extras,
            key=lambda line: (order.index(line.face), line.volunteer.name.casefold()),
        ),
        knocks=knocks,
        short=rules.short_of(
            shift.minimum, [line.face for line in lines], extras_here, now, shift.ends_at
        ),
        missing=rules.missing_duties(duties, now, shift.ends_at),
        is_over=shift.ends_at <= now,
        is_long_over=not hours.may_check_out(now, shift.ends_at),
        can_check_in=hours.may_check_in(now, shift.starts_at, shift.ends_at),
    )


def _line(
    signup: Signup,
    attendances: dict[tuple[int, int], Attendance],
    duties: dict[int, str],
    now: datetime,
) -> Line:
    attendance = attendances.get((signup.shift_id, signup.volunteer_id))
    is_there = signup.standing == Standing.ATTENDED
    if attendance is not None and (attendance.came_at is None or not is_there):
        attendance = None
    face = rules.face_of(
        is_there=is_there,
        is_missing=signup.standing == Standing.NO_SHOW,
        left_at=attendance.left_at if attendance else None,
        starts_at=signup.shift.starts_at,
        now=now,
    )
    return Line(
        signup.volunteer,
        face,
        signup,
        attendance,
        duties.get(signup.slot_id or 0, ""),
        can_be_called=False,
    )


def _by_shift(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.shift_id].append(row)
    return found


def called(group_id: int, name: str) -> list[int]:
    """Those of the group's list who are called exactly so, but for capitals and spaces."""
    wanted = " ".join(name.split())
    found = db.session.execute(
        select(Volunteer.id, Volunteer.name)
        .join(GroupVolunteer, GroupVolunteer.volunteer_id == Volunteer.id)
        .where(
            GroupVolunteer.group_id == group_id,
            Volunteer.erased_at.is_(None),
            *(Volunteer.name.icontains(word, autoescape=True) for word in wanted.split()[:4]),
        )
        .limit(50)
    )
    # Compared here as well: SQLite's LIKE knows the capitals of English only.
    return [row.id for row in found if " ".join(row.name.split()).casefold() == wanted.casefold()]


def devices(site_id: int) -> Sequence[Device]:
    """The tablets of a site that were not switched off, the newest first."""
    return db.session.scalars(
        select(Device)
        .where(Device.site_id == site_id, Device.revoked_at.is_(None))
        .order_by(Device.id.desc())
    ).all()


def log(site_id: int, at_most: int = 30) -> Sequence[DeviceEvent]:
    """The last lines of a site's log of its tablets, the newest first."""
    return db.session.scalars(
        select(DeviceEvent)
        .where(DeviceEvent.site_id == site_id)
        .options(joinedload(DeviceEvent.device))
        .order_by(DeviceEvent.id.desc())
        .limit(at_most)
    ).all()


def pin_of(site_id: int) -> SitePin | None:
    return db.session.scalar(select(SitePin).where(SitePin.site_id == site_id))
