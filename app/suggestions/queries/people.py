"""The people of a group with all that decides what they may take: a statement for each table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, Select, case, func, select

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.spans import MinutesBetween
from app.opportunities.models import Opportunity, Shift, Slot, Stage
from app.signups.models import HOLDING, PRESENT, Signup
from app.signups.rules import Held, Person
from app.suggestions.rules.problem import Busy
from app.volunteers import induction
from app.volunteers.models import (
    Channel,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    OptOut,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.vocabulary import DbsLevel, Training

# Hours given in so long a time before count towards fairness.
LATELY: Final = timedelta(days=28)


@dataclass
class Somebody:
    """One person with all that is held of them."""

    row: Any
    trainings: list[tuple[Training, date | None]] = field(default_factory=list)
    checks: list[Held] = field(default_factory=list)
    away: list[tuple[date, date]] = field(default_factory=list)
    places: list[Busy] = field(default_factory=list)
    is_inducted: bool = False
    reachable: bool = True
    minutes: int = 0  # given lately, to any group: for fairness, and for nobody's eyes
    minutes_here: int = 0  # of these, to this group

    def person(self, day: date) -> Person:
        """As the rules know them on a day; clashes and invitations are seen to elsewhere."""
        held = Training(0)
        for training, until in self.trainings:
            if until is None or until >= day:
                held |= training
        row = self.row
        return Person(
            age_band=row.age_band,
            guardian_agreed=row.guardian_consent_at is not None,
            names_emergency_contact=bool(row.emergency_phone),
            skills=row.skills,
            languages=row.languages,
            trainings=held,
            checks=self.checks,
            is_inducted=self.is_inducted,
            is_invited=True,
            is_member=True,
        )


class Crowd:
    """Those on a group's list whose profile it may see, read for some open shifts.

    `by_id` has each person, `done` how often each has had a place in each of
    the group's roles. `only` narrows them by what a volunteer's row says.
    """

    def __init__(
        self,
        group_id: int,
        first: date,
        last: date,
        shifts: Sequence[Shift],
        slots: dict[int, list[Slot]],
        only: ColumnElement[bool] | None = None,
    ) -> None:
        self.group_id, self.first, self.last = group_id, first, last
        self.shifts, self.slots, self.only = shifts, slots, only
        self.now = clock.now()
        self.by_id: dict[int, Somebody] = {}
        self.by_id = self._people()
        self._papers()
        self._places()
        self._lately()
        self.done = self._done()

    def unseen(self) -> int:
        """How many are on the list whose profile the group may not see."""
        return (
            db.session.scalar(
                select(func.count())
                .select_from(GroupVolunteer)
                .where(
                    GroupVolunteer.group_id == self.group_id, GroupVolunteer.sees_profile.is_(False)
                )
            )
            or 0
        )

    def _of_group(self) -> Select[int] | list[int]:
        if self.only is not None and self.by_id:
            return list(self.by_id)  # few, and known by now
        of_group = select(GroupVolunteer.volunteer_id).where(
            GroupVolunteer.group_id == self.group_id, GroupVolunteer.sees_profile
        )
        if self.only is None:
            return of_group
        return of_group.join(Volunteer, Volunteer.id == GroupVolunteer.volunteer_id).where(
            self.only
        )

    def _people(self) -> dict[int, Somebody]:
        stopped = {
            (channel, address)
            for channel, address in db.session.execute(
                select(OptOut.channel, OptOut.address)
                .join(
                    Volunteer,
                    (OptOut.address == Volunteer.phone) | (OptOut.address == Volunteer.email),
                )
                .where(Volunteer.id.in_(self._of_group()))
            )
        }
        found = {}
        for row in db.session.execute(
            select(
                Volunteer.id,
                Volunteer.name,
                Volunteer.phone,
                Volunteer.email,
                Volunteer.sms_consent_at,
                Volunteer.email_consent_at,
                Volunteer.email_verified_at,
                Volunteer.age_band,
                Volunteer.guardian_consent_at,
                Volunteer.emergency_phone,
                Volunteer.skills,
                Volunteer.languages,
                Volunteer.interests,
                Volunteer.free_times,
                Volunteer.paused_until,
                Volunteer.asks_per_week,
                Volunteer.travel_metres,
                Volunteer.east,
                Volunteer.north,
            )
            .where(Volunteer.id.in_(self._of_group()), Volunteer.erased_at.is_(None))
            .order_by(Volunteer.id)
        ):
            by_text = row.phone and row.sms_consent_at and (Channel.SMS, row.phone) not in stopped
            by_email = (
                row.email
                and row.email_verified_at
                and row.email_consent_at
                and (Channel.EMAIL, row.email) not in stopped
            )
            found[row.id] = Somebody(row, reachable=bool(by_text or by_email))
        return found

    def _papers(self) -> None:
        """Trainings, checks and first steps, where a role asks for them; and days away."""
        roles = {shift.opportunity_id: shift.opportunity for shift in self.shifts}.values()
        duties = [slot.duty for slots in self.slots.values() for slot in slots]
        if any(role.needs_training for role in roles) or any(
            duty.needs_training for duty in duties
        ):
            for volunteer_id, training, until in self._of_people(
                TrainingRecord, TrainingRecord.training, TrainingRecord.valid_until
            ):
                self.by_id[volunteer_id].trainings.append((training, until))
        if any(role.dbs_level != DbsLevel.NONE for role in roles):
            for volunteer_id, level, workforce, issued_on in self._of_people(
                DbsCheck, DbsCheck.level, DbsCheck.workforce, DbsCheck.issued_on
            ):
                self.by_id[volunteer_id].checks.append(Held(level, workforce, issued_on))
        if any(role.needs_induction for role in roles):
            asks = db.session.scalar(select(induction.needed_first(self.group_id).exists()))
            did = set(db.session.scalars(induction.who_did(self.group_id))) if asks else set()
            for volunteer_id, somebody in self.by_id.items():
                somebody.is_inducted = not asks or volunteer_id in did
        for volunteer_id, first, last in self._of_people(
            DatesAway, DatesAway.first_day, DatesAway.last_day
        ):
            self.by_id[volunteer_id].away.append((first, last))

    def _of_people(self, model: Any, *columns: Any) -> list[Any]:
        rows = db.session.execute(
            select(model.volunteer_id, *columns).where(model.volunteer_id.in_(self._of_group()))
        )
        return [row for row in rows if row[0] in self.by_id]

    def _held(self, first: datetime, last: datetime, *columns: Any) -> Select[Any]:
        """The places, with any group, of the people of this one in some time."""
        return (
            select(Signup.volunteer_id, *columns)
            .join(Shift, Shift.id == Signup.shift_id)
            .where(
                Signup.volunteer_id.in_(self._of_group()),
                Signup.standing.in_(HOLDING),
                Shift.stage != Stage.CANCELLED,
                Shift.starts_at >= first,
                Shift.starts_at < last,
            )
        )

    def _places(self) -> None:
        """What people hold around the time: whole weeks, for their limits, and days beside."""
        zone = ZoneInfo(current_app.config["TIMEZONE"])
        first = self.first - timedelta(days=self.first.weekday() + 4)
        last = self.last + timedelta(days=11 - self.last.weekday())
        held = self._held(
            datetime.combine(first, time(0), zone),
            datetime.combine(last, time(0), zone),
            Shift.starts_at,
            Shift.ends_at,
            Shift.site_id,
        )
        for volunteer_id, starts_at, ends_at, site_id in db.session.execute(
            held.order_by(Shift.starts_at, Signup.id)
        ):
            if volunteer_id in self.by_id:
                day = starts_at.astimezone(zone).date()
                self.by_id[volunteer_id].places.append(
                    Busy(starts_at=starts_at, ends_at=ends_at, site_id=site_id, day=day)
                )

    def _lately(self) -> None:
        here = Shift.opportunity_id.in_(
            select(Opportunity.id).where(Opportunity.group_id == self.group_id)
        )
        given = MinutesBetween(Shift.starts_at, Shift.ends_at)
        of_each = self._held(
            self.now - LATELY,
            self.now,
            func.sum(given),
            func.sum(case((here, given), else_=0)),
        ).group_by(Signup.volunteer_id)
        for volunteer_id, minutes, minutes_here in db.session.execute(of_each):
            if volunteer_id in self.by_id:
                self.by_id[volunteer_id].minutes = minutes
                self.by_id[volunteer_id].minutes_here = minutes_here

    def _done(self) -> dict[int, dict[int, int]]:
        """How often each person has had a place in each of the group's roles."""
        found: dict[int, dict[int, int]] = defaultdict(dict)
        for volunteer_id, role_id, times in db.session.execute(
            select(Signup.volunteer_id, Shift.opportunity_id, func.count())
            .join(Shift, Shift.id == Signup.shift_id)
            .join(Opportunity, Opportunity.id == Shift.opportunity_id)
            .where(
                Opportunity.group_id == self.group_id,
                Signup.standing.in_(PRESENT),
                Shift.ends_at <= self.now,
            )
            .group_by(Signup.volunteer_id, Shift.opportunity_id)
        ):
            found[volunteer_id][role_id] = times
        return found
