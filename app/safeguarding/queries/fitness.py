"""Who no longer meets what their coming shift needs, by the rules that gave them the place.

The facts are read for a whole group at once; each person is then judged by
`signups.rules.hindrances`, so that no second copy of the rules exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, select, true

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.months import months_before
from app.groups.models import Group, Site
from app.opportunities.models import Duty, Opportunity, Shift, Slot
from app.safeguarding.queries.alarms import RUNS
from app.signups.facts import adults_on
from app.signups.models import Signup, Standing
from app.signups.rules import Demand, Exclusion, Held, Opening, Person, hindrances
from app.volunteers import induction
from app.volunteers.models import DbsCheck, TrainingRecord, Volunteer
from app.volunteers.vocabulary import AgeBand, Training

# Whoever has, is offered or waits for a place; what was attended is past.
HOLDS_OR_WAITS: Final = (Standing.CONFIRMED, Standing.OFFERED, Standing.WAITING)
LONGEST: Final = timedelta(days=2)  # no shift is longer


@dataclass(frozen=True, kw_only=True)
class Change:
    """Rules that are not so yet: what a preview asks about."""

    opportunity_id: int | None = None
    role: Mapping[str, Any] = field(default_factory=dict)  # columns of `Opportunity`
    duty_id: int | None = None
    duty: Mapping[str, Any] = field(default_factory=dict)  # columns of `Duty`
    recheck_months: int | None = None
    adds_first_step: bool = False


NO_CHANGE: Final = Change()


@dataclass(frozen=True)
class Unmet:
    """One live sign-up whose person does not meet what the shift needs, and why."""

    signup_id: int
    volunteer_id: int
    name: str
    age_band: AgeBand
    standing: Standing
    shift_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    reasons: tuple[Exclusion, ...]

    @property
    def day(self) -> date:
        """The shift's day at its site."""
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True)
class _Facts:
    """A group's coming sign-ups and what is known of their people; four statements at most."""

    rows: Sequence[Any]
    trainings: Mapping[int, Sequence[tuple[Training, date | None]]]
    checks: Mapping[int, Sequence[Held]]
    has_first_steps: bool
    inducted: frozenset[int]


def unmet(group_id: int) -> list[Unmet]:
    """Everybody of the group's coming shifts who does not meet what they need, soonest first."""
    return _judged(_facts(group_id), NO_CHANGE)


def foreseen(group_id: int, change: Change) -> list[Unmet]:
    """Whom a change would newly leave without what their shift needs, for those reasons only."""
    facts = _facts(group_id)
    before = {
        (one.signup_id, reason) for one in _judged(facts, NO_CHANGE) for reason in one.reasons
    }
    found = []
    for one in _judged(facts, change):
        new = tuple(reason for reason in one.reasons if (one.signup_id, reason) not in before)
        if new:
            found.append(_with_reasons(one, new))
    return found


def _with_reasons(one: Unmet, reasons: tuple[Exclusion, ...]) -> Unmet:
    return Unmet(
        one.signup_id,
        one.volunteer_id,
        one.name,
        one.age_band,
        one.standing,
        one.shift_id,
        one.title,
        one.starts_at,
        one.ends_at,
        one.zone,
        reasons,
    )


def _facts(group_id: int) -> _Facts:
    now = clock.now()
    coming = and_(
        Opportunity.group_id == group_id,
        Shift.ends_at > now,
        Shift.starts_at > now - LONGEST,  # the index on the start finds them
        Shift.stage.in_(RUNS),
        Signup.standing.in_(HOLDS_OR_WAITS),
    )
    rows = db.session.execute(
        select(
            Signup.id.label("signup_id"),
            Signup.standing,
            Signup.volunteer_id,
            Signup.slot_id,
            Shift.id.label("shift_id"),
            Shift.starts_at,
            Shift.ends_at,
            Opportunity.id.label("opportunity_id"),
            Opportunity.title,
            Opportunity.minimum_age,
            Opportunity.needs_skills,
            Opportunity.needs_languages,
            Opportunity.needs_training,
            Opportunity.dbs_level,
            Opportunity.dbs_workforce,
            Opportunity.needs_induction,
            Group.recheck_months,
            Site.zone,
            Duty.id.label("duty_id"),
            Duty.name.label("duty_name"),
            Duty.in_charge.label("duty_in_charge"),
            Duty.minimum_age.label("duty_minimum_age"),
            Duty.needs_skills.label("duty_skills"),
            Duty.needs_languages.label("duty_languages"),
            Duty.needs_training.label("duty_trainings"),
            Volunteer.name,
            Volunteer.age_band,
            Volunteer.guardian_consent_at,
            Volunteer.emergency_phone,
            Volunteer.skills,
            Volunteer.languages,
            case(
                (Volunteer.age_band == AgeBand.ADULT, true()), else_=adults_on(Shift.id).exists()
            ).label("adult_comes"),
        )
        .select_from(Signup)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Group, Group.id == Opportunity.group_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .outerjoin(Slot, Slot.id == Signup.slot_id)
        .outerjoin(Duty, Duty.id == Slot.duty_id)
        .where(coming)
        .order_by(Shift.starts_at, Shift.id, func.lower(Volunteer.name), Signup.id)
    ).all()
    if not rows:
        return _Facts([], {}, {}, False, frozenset())
    # Named one by one: told only "those of this SELECT", SQLite reads every record there is.
    theirs = sorted({row.volunteer_id for row in rows})
    trainings: dict[int, list[tuple[Training, date | None]]] = {}
    for volunteer_id, training, until in db.session.execute(
        select(
            TrainingRecord.volunteer_id, TrainingRecord.training, TrainingRecord.valid_until
        ).where(TrainingRecord.volunteer_id.in_(theirs))
    ):
        trainings.setdefault(volunteer_id, []).append((training, until))
    checks: dict[int, list[Held]] = {}
    for volunteer_id, level, workforce, issued_on in db.session.execute(
        select(DbsCheck.volunteer_id, DbsCheck.level, DbsCheck.workforce, DbsCheck.issued_on).where(
            DbsCheck.volunteer_id.in_(theirs)
        )
    ):
        checks.setdefault(volunteer_id, []).append(Held(level, workforce, issued_on))
    has_steps = bool(db.session.scalar(select(induction.needed_first(group_id).exists())))
    done = frozenset(db.session.scalars(induction.who_did(group_id))) if has_steps else frozenset()
    return _Facts(rows, trainings, checks, has_steps, done)


def _judged(facts: _Facts, change: Change) -> list[Unmet]:
    found = []
    for row in facts.rows:
        demand = _demand(row, change)
        reasons = hindrances(_person(row, facts, change, demand), demand)
        if reasons:
            found.append(
                Unmet(
                    row.signup_id,
                    row.volunteer_id,
                    row.name,
                    row.age_band,
                    row.standing,
                    row.shift_id,
                    row.title,
                    row.starts_at,
                    row.ends_at,
                    row.zone,
                    tuple(reasons),
                )
            )
    return found


def _day(row: Any) -> date:
    day: date = row.starts_at.astimezone(ZoneInfo(row.zone)).date()
    return day


def _demand(row: Any, change: Change) -> Demand:
    role: Mapping[str, Any] = change.role if row.opportunity_id == change.opportunity_id else {}
    months = change.recheck_months or row.recheck_months
    return Demand(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        minimum_age=role.get("minimum_age", row.minimum_age),
        skills=role.get("needs_skills", row.needs_skills),
        languages=role.get("needs_languages", row.needs_languages),
        trainings=role.get("needs_training", row.needs_training),
        dbs_level=role.get("dbs_level", row.dbs_level),
        dbs_workforce=role.get("dbs_workforce", row.dbs_workforce),
        checks_since=months_before(_day(row), months),
        needs_induction=role.get("needs_induction", row.needs_induction),
        adult_comes=bool(row.adult_comes),
        openings=_openings(row, change),
    )


def _openings(row: Any, change: Change) -> list[Opening]:
    """The one duty that the person does; without one they do what everybody does."""
    if row.duty_id is None:
        return []
    duty: Mapping[str, Any] = change.duty if row.duty_id == change.duty_id else {}
    return [
        Opening(
            slot_id=row.slot_id,
            name=row.duty_name,
            in_charge=duty.get("in_charge", row.duty_in_charge),
            minimum_age=duty.get("minimum_age", row.duty_minimum_age),
            skills=duty.get("needs_skills", row.duty_skills),
            languages=duty.get("needs_languages", row.duty_languages),
            trainings=duty.get("needs_training", row.duty_trainings),
        )
    ]


def _person(row: Any, facts: _Facts, change: Change, demand: Demand) -> Person:
    day, held = _day(row), Training(0)
    for training, until in facts.trainings.get(row.volunteer_id, ()):
        if until is None or until >= day:
            held |= training
    is_inducted = not facts.has_first_steps or row.volunteer_id in facts.inducted
    return Person(
        age_band=row.age_band,
        guardian_agreed=row.guardian_consent_at is not None,
        names_emergency_contact=bool(row.emergency_phone),
        skills=row.skills,
        languages=row.languages,
        trainings=held,
        checks=facts.checks.get(row.volunteer_id, ()),
        is_inducted=is_inducted and not change.adds_first_step,
    )
