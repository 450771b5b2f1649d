"""From rows to what the pure rules need, and from a rule's answer to a sentence."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.months import months_before
from app.opportunities.models import Shift
from app.signups.models import OCCUPYING, Signup
from app.signups.rules import Demand, Exclusion, Held, Person
from app.volunteers.models import DbsCheck, TrainingRecord, Volunteer
from app.volunteers.vocabulary import DbsLevel, Training


def demand_of(shift: Shift) -> Demand:
    """What the shift asks for."""
    role = shift.opportunity
    return Demand(
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        minimum_age=role.minimum_age,
        skills=role.needs_skills,
        languages=role.needs_languages,
        trainings=role.needs_training,
        dbs_level=role.dbs_level,
        dbs_workforce=role.dbs_workforce,
        checks_since=months_before(local_day(shift), role.group.recheck_months),
    )


def local_day(shift: Shift) -> date:
    """The date on which the shift begins, as its site's calendar has it."""
    return shift.starts_at.astimezone(ZoneInfo(shift.site.zone)).date()


def person_for(volunteer: Volunteer, shift: Shift, demand: Demand) -> Person:
    """What the rules need to know of the volunteer, for this shift."""
    return Person(
        age_band=volunteer.age_band,
        guardian_agreed=volunteer.guardian_consent_at is not None,
        skills=volunteer.skills,
        languages=volunteer.languages,
        trainings=_trainings(volunteer.id, local_day(shift)) if demand.trainings else Training(0),
        checks=_checks(volunteer.id) if demand.dbs_level != DbsLevel.NONE else (),
        busy=_busy(volunteer.id, shift),
    )


def _trainings(volunteer_id: int, day: date) -> Training:
    held = Training(0)
    for training in db.session.scalars(
        select(TrainingRecord.training).where(
            TrainingRecord.volunteer_id == volunteer_id,
            or_(TrainingRecord.valid_until.is_(None), TrainingRecord.valid_until >= day),
        )
    ):
        held |= training
    return held


def _checks(volunteer_id: int) -> list[Held]:
    rows = db.session.execute(
        select(DbsCheck.level, DbsCheck.workforce, DbsCheck.issued_on).where(
            DbsCheck.volunteer_id == volunteer_id
        )
    )
    return [Held(level, workforce, issued_on) for level, workforce, issued_on in rows]


def _busy(volunteer_id: int, shift: Shift) -> list[tuple[datetime, datetime]]:
    rows = db.session.execute(
        select(Shift.starts_at, Shift.ends_at)
        .join(Signup, Signup.shift_id == Shift.id)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(OCCUPYING),
            Shift.id != shift.id,
            Shift.ends_at > clock.now(),
            Shift.starts_at < shift.ends_at,
            Shift.ends_at > shift.starts_at,
        )
    )
    return [(starts_at, ends_at) for starts_at, ends_at in rows]


def sentence(reason: Exclusion, shift: Shift) -> str:
    """Why this person cannot take the shift, said to them."""
    role = shift.opportunity
    if reason == Exclusion.TOO_YOUNG:
        if role.minimum_age >= 18:
            return "This role is for people of 18 or over. Tell us your age in your profile."
        return "This role is for people of 16 or over, with a parent's or guardian's consent."
    if reason == Exclusion.SKILL:
        skills = role.needs_skills.label.lower()
        return f"This role needs: {skills}. If you can do it, add it to your profile."
    if reason == Exclusion.LANGUAGE:
        return f"This role needs somebody who speaks {role.needs_languages.label}."
    if reason == Exclusion.TRAINING:
        return f"This role needs training that is still valid: {role.needs_training.label.lower()}."
    if reason == Exclusion.DBS:
        return (
            f"This role needs a {role.dbs_level.label.lower()} DBS check that the group has seen."
        )
    if reason == Exclusion.CLASH:
        return "You already have a place on another shift at that time."
    raise ValueError(f"{reason} does not stop anybody from taking a place.")
