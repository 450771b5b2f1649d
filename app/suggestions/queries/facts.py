"""What a suggestion is made from, read set by set: some twelve statements, however many people.

The people are those on the group's list whose profile it may see. Whether one
of them may take a post by itself is asked of the same rules as everywhere
(`signups.rules`, `matching.rules`); what depends on the rest of the suggestion
is left to `suggestions.rules`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.months import months_before
from app.groups.models import Group
from app.matching.rules import is_free
from app.opportunities.models import Opportunity, Shift, Slot, Stage
from app.opportunities.slots import of_shifts
from app.signups.facts import opening_of
from app.signups.models import LIVE, PRESENT, Signup, Standing
from app.signups.rules import (
    SETTLED_BY_MANAGER,
    Demand,
    Exclusion,
    Opening,
    against_duty,
    hindrances,
)
from app.suggestions.queries.could_come import could_come
from app.suggestions.queries.people import LATELY, Crowd, Somebody
from app.suggestions.rules import weights
from app.suggestions.rules.problem import Busy, Candidate, Fit, Pair, Post, Problem, Turn, collide
from app.volunteers.models import (
    Volunteer,
)
from app.volunteers.vocabulary import Activity, AgeBand, DbsLevel

_LEFT: Final = (Standing.WITHDRAWN, Standing.DECLINED, Standing.EXCUSED)
_ORDER: Final = {reason: number for number, reason in enumerate(Exclusion)}


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the group as the pages tell of them."""

    id: int
    name: str
    has_done: dict[int, int]  # a role's number: how often


@dataclass(frozen=True, slots=True)
class About:
    """What the reasons for a person speak of."""

    east: int
    north: int
    interests: Activity
    free_times: int

    def metres(self, east: int, north: int) -> float:
        return float(((self.east - east) ** 2 + (self.north - north) ** 2) ** 0.5)


@dataclass(frozen=True, slots=True)
class Told:
    """An open post as the pages tell of it."""

    post: Post
    shift: Shift
    duty: str
    opening: Opening | None


@dataclass(frozen=True)
class Facts:
    """The problem, and what is needed to speak about it.

    `against` says of each post, for everybody who may not take it, the first
    reason.
    """

    problem: Problem
    people: dict[int, Known]
    posts: dict[int, Told]
    against: dict[int, dict[int, Exclusion]]
    hours_here: dict[int, float]  # given lately to this group; what others had is not told
    about: dict[int, About]
    unseen: int  # people on the list whose profile the group may not see

    def why_not(self, key: int) -> Counter[Exclusion]:
        return Counter(self.against[key].values())

    @property
    def key_of(self) -> dict[tuple[int, int | None], int]:
        """The post of each shift and slot."""
        return {(told.post.shift_id, told.post.slot_id): key for key, told in self.posts.items()}


def facts(
    group_id: int,
    first: date,
    last: date,
    only: int | None = None,
    besides: Collection[int] = (),
) -> Facts:
    """All open posts of a group from the first to the last day, and who may take which.

    Shifts that have begun, that are drafts, closed or cancelled have none.
    With `only` a shift's number nobody is judged for any other, and of the
    people those are read whom nothing in their profile keeps from it, and
    those `besides`.
    """
    return _Reading(group_id, first, last).facts(only, besides)


def open_shifts(group_id: int, first: date, last: date) -> Select[Any]:
    """The shifts of these days, by the county's clock, that people can still be asked to."""
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    return (
        select(Shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id == group_id,
            Opportunity.stage == Stage.PUBLISHED,
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            Shift.starts_at >= datetime.combine(first, time(0), zone),
            Shift.starts_at < datetime.combine(last + timedelta(days=1), time(0), zone),
            Shift.taken < Shift.places,
        )
        .order_by(Shift.starts_at, Shift.id)
    )


class _Reading:
    def __init__(self, group_id: int, first: date, last: date) -> None:
        self.group = db.session.get_one(Group, group_id)
        self.first, self.last = first, last
        self.now = clock.now()
        self.today = clock.today(current_app.config["TIMEZONE"])
        self._binding: dict[tuple[Any, ...], Exclusion | None] = {}

    def facts(self, only: int | None, besides: Collection[int]) -> Facts:
        self.shifts = list(
            db.session.scalars(
                open_shifts(self.group.id, self.first, self.last).options(
                    contains_eager(Shift.opportunity), joinedload(Shift.site)
                )
            )
        )
        self.slots = of_shifts([shift.id for shift in self.shifts])
        self.crowd = Crowd(
            self.group.id,
            self.first,
            self.last,
            self.shifts,
            self.slots,
            None if only is None else self._narrowed(only, besides),
        )
        self.people, self.done = self.crowd.by_id, self.crowd.done
        self.standing = self._standing()
        self.told = self._posts()
        against: dict[int, dict[int, Exclusion]] = {}
        fits: dict[Pair, Fit] = {}
        for key, told in self.told.items():
            against[key] = {}
            if only not in (None, told.shift.id):
                continue
            for person_id, somebody in self.people.items():
                reason = self._against(somebody, told)
                if reason is None:
                    fits[person_id, key] = self._fit(somebody, told)
                else:
                    against[key][person_id] = reason
        candidates = [self._candidate(one) for one in self.people.values()]
        able = {person_id for person_id, _ in fits}
        return Facts(
            problem=Problem(
                posts=[told.post for told in self.told.values()],
                turns=self._turns(),
                people=candidates,
                fits=fits,
                handover=self._handover,
                floor=min((one.minutes for one in candidates if one.id in able), default=0),
            ),
            people={
                one.row.id: Known(one.row.id, one.row.name, self.done[one.row.id])
                for one in self.people.values()
            },
            posts=self.told,
            against=against,
            hours_here={number: one.minutes_here / 60 for number, one in self.people.items()},
            about={
                number: About(one.row.east, one.row.north, one.row.interests, one.row.free_times)
                for number, one in self.people.items()
            },
            unseen=self.crowd.unseen() if only is None else 0,
        )

    def _narrowed(self, shift_id: int, besides: Collection[int]) -> ColumnElement[bool]:
        """Whom nothing in the profile keeps from a shift, and those who are named besides."""
        shift = next((one for one in self.shifts if one.id == shift_id), None)
        could = could_come(self.group.id, shift, self.now, self.today)
        return or_(could, Volunteer.id.in_(list(besides)))

    @property
    def _handover(self) -> timedelta:
        return timedelta(minutes=getattr(self.group, "handover_minutes", 0))

    def _standing(self) -> dict[tuple[int, int], Any]:
        """How people stand on the open shifts, the latest row of each."""
        found = {}
        for row in db.session.execute(
            select(Signup.shift_id, Signup.volunteer_id, Signup.standing, Volunteer.age_band)
            .join(Volunteer, Volunteer.id == Signup.volunteer_id)
            .where(Signup.shift_id.in_([shift.id for shift in self.shifts]))
            .order_by(Signup.id)
        ):
            found[row.shift_id, row.volunteer_id] = row
        return found

    def _posts(self) -> dict[int, Told]:
        found: dict[int, Told] = {}
        for shift in self.shifts:
            zone = ZoneInfo(shift.site.zone)
            starts, ends = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
            when = Busy(
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
                site_id=shift.site_id,
                day=starts.date(),
            )
            late = ends.date() > starts.date() or ends.hour >= weights.LATE_FROM
            slots: list[Slot | None] = [*self.slots.get(shift.id, [])] or [None]
            left = shift.places - shift.taken
            for slot in slots:
                free = min(left, slot.places_left) if slot else left
                if free <= 0:
                    continue
                post = Post(
                    key=len(found),
                    shift_id=shift.id,
                    slot_id=slot.id if slot else None,
                    role_id=shift.opportunity_id,
                    when=when,
                    open=free,
                    need=max(0, slot.minimum - slot.taken) if slot else 0,
                    in_charge=bool(slot and slot.duty.in_charge),
                    is_late=late,
                    is_early=starts.hour < weights.EARLY_UNTIL,
                )
                found[post.key] = Told(
                    post, shift, slot.duty.name if slot else "", opening_of(slot) if slot else None
                )
        return found

    def _turns(self) -> list[Turn]:
        adults: set[int] = set()
        familiar: set[int] = set()
        role_of = {shift.id: shift.opportunity_id for shift in self.shifts}
        for (shift_id, volunteer_id), row in self.standing.items():
            if row.standing in PRESENT:
                if row.age_band == AgeBand.ADULT:
                    adults.add(shift_id)
                if self.done[volunteer_id].get(role_of[shift_id]):
                    familiar.add(shift_id)
        return [
            Turn(
                shift_id=shift.id,
                need=max(0, shift.minimum - shift.taken),
                open=shift.places - shift.taken,
                adult_there=shift.id in adults,
                familiar_there=shift.id in familiar,
            )
            for shift in self.shifts
        ]

    def _candidate(self, one: Somebody) -> Candidate:
        weeks = max(1, ((self.last - self.first).days + 1) / 7)
        # Four weeks' hours, brought to the length of the suggestion, and what is held in it.
        before = one.minutes * weeks / (LATELY.days / 7)
        held = sum(
            (busy.ends_at - busy.starts_at).total_seconds() / 60
            for busy in one.places
            if self.first <= busy.day <= self.last
        )
        return Candidate(
            id=one.row.id,
            is_adult=one.row.age_band == AgeBand.ADULT,
            minutes=15 * round((before + held) / 15),
            a_week=one.row.asks_per_week,
            places=tuple(one.places),
        )

    def _against(self, one: Somebody, told: Told) -> Exclusion | None:
        """The first reason why a person is not suggested for a post; None where there is none."""
        row, shift, day = one.row, told.shift, told.post.when.day
        standing = self.standing.get((shift.id, row.id))
        if not one.reachable:
            return Exclusion.NO_CONTACT
        if row.paused_until is not None and row.paused_until > self.today:
            return Exclusion.PAUSED
        if (binding := self._binding_reason(one, told)) is not None:
            return binding
        if standing is not None and standing.standing in LIVE:
            return Exclusion.ALREADY_IN
        if standing is not None and standing.standing in _LEFT:
            return Exclusion.SAID_NO
        if any(collide(told.post.when, busy, self._handover) for busy in one.places):
            return Exclusion.CLASH
        last = (shift.ends_at - timedelta(microseconds=1)).astimezone(ZoneInfo(shift.site.zone))
        if any(first <= last.date() and day <= until for first, until in one.away):
            return Exclusion.AWAY
        if is_free(row.free_times, shift.times) is False:
            return Exclusion.NOT_FREE
        if not self.done[row.id] and self._metres(one, shift) > row.travel_metres:
            # Whoever has been here before knows the way.
            return Exclusion.TOO_FAR
        if row.asks_per_week == 0:
            return Exclusion.ASKED_OFTEN
        return None

    def _binding_reason(self, one: Somebody, told: Told) -> Exclusion | None:
        """What binds, by the rules of sign-ups; the same for each day that no paper depends on."""
        role, opening = told.shift.opportunity, told.opening
        dated = bool(
            role.needs_training
            or role.dbs_level != DbsLevel.NONE
            or (opening and opening.trainings)
        )
        day = told.post.when.day if dated else self.first
        key = (one.row.id, role.id, told.duty, day)
        if key not in self._binding:
            self._binding[key] = self._judge(one, role, opening, day)
        return self._binding[key]

    def _judge(
        self, one: Somebody, role: Opportunity, opening: Opening | None, day: date
    ) -> Exclusion | None:
        person = one.person(day)
        demand = Demand(
            starts_at=self.now,
            ends_at=self.now,
            minimum_age=role.minimum_age,
            skills=role.needs_skills,
            languages=role.needs_languages,
            trainings=role.needs_training,
            dbs_level=role.dbs_level,
            dbs_workforce=role.dbs_workforce,
            checks_since=months_before(day, self.group.recheck_months),
            needs_induction=role.needs_induction,
        )
        found = [one for one in hindrances(person, demand) if one not in SETTLED_BY_MANAGER]
        if opening is not None:
            found += against_duty(person, opening)
        return min(found, key=_ORDER.__getitem__, default=None)

    def _metres(self, one: Somebody, shift: Shift) -> float:
        across, up = one.row.east - shift.site.east, one.row.north - shift.site.north
        return float((across * across + up * up) ** 0.5)

    def _fit(self, one: Somebody, told: Told) -> Fit:
        role, row = told.shift.opportunity, one.row
        points = weights.near(self._metres(one, told.shift))
        points += weights.LIKES_IT if row.interests & role.activity else 0
        points += weights.SAID_FREE if row.free_times else 0
        points += weights.WISHED_SKILL if row.skills & role.likes_skills else 0
        return Fit(points, bool(self.done[row.id].get(role.id)))
