"""Reads about volunteers. Those under a group show that group's own people only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.accounts.queries import Page, holding, page_of
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.flags import has_all
from app.groups.models import Group
from app.volunteers import sight
from app.volunteers.models import (
    Channel,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    OptOut,
    TrainingRecord,
    Volunteer,
    VolunteerImport,
)
from app.volunteers.rules import months_later
from app.volunteers.vocabulary import DbsLevel, Skill, Workforce


def today() -> date:
    """Today where the volunteers live."""
    return clock.today(current_app.config["TIMEZONE"])


def volunteer_of(user_id: int) -> Volunteer | None:
    """The profile of a user, if they have one."""
    return db.session.scalar(select(Volunteer).where(Volunteer.user_id == user_id))


def opted_out(volunteer: Volunteer) -> set[Channel]:
    """The channels on which the volunteer's present addresses opted out."""
    found = db.session.scalars(
        select(OptOut.channel).where(
            ((OptOut.channel == Channel.SMS) & (OptOut.address == volunteer.phone))
            | ((OptOut.channel == Channel.EMAIL) & (OptOut.address == volunteer.email))
        )
    )
    return set(found)


def dates_away(volunteer_id: int) -> Sequence[DatesAway]:
    """The days away that are not over yet, the next first."""
    return db.session.scalars(
        select(DatesAway)
        .where(DatesAway.volunteer_id == volunteer_id, DatesAway.last_day >= today())
        .order_by(DatesAway.first_day, DatesAway.id)
    ).all()


def checks_of(volunteer_id: int) -> Sequence[DbsCheck]:
    """Every check that somebody saw of the volunteer, the newest first."""
    return db.session.scalars(
        select(DbsCheck)
        .options(joinedload(DbsCheck.seen_by))
        .where(DbsCheck.volunteer_id == volunteer_id)
        .order_by(DbsCheck.issued_on.desc(), DbsCheck.id.desc())
    ).all()


def trainings_of(volunteer_id: int) -> Sequence[TrainingRecord]:
    """Every course that the volunteer completed, the latest first."""
    return db.session.scalars(
        select(TrainingRecord)
        .options(joinedload(TrainingRecord.seen_by))
        .where(TrainingRecord.volunteer_id == volunteer_id)
        .order_by(TrainingRecord.completed_on.desc(), TrainingRecord.id.desc())
    ).all()


def groups_that_know(volunteer_id: int) -> Sequence[str]:
    """The names of the groups whose managers may see this volunteer."""
    return db.session.scalars(
        select(Group.name)
        .join(GroupVolunteer, GroupVolunteer.group_id == Group.id)
        .where(GroupVolunteer.volunteer_id == volunteer_id, GroupVolunteer.sees_profile)
        .order_by(Group.name)
    ).all()


def in_group(group_id: int, volunteer_id: int) -> GroupVolunteer | None:
    """The group's link to one of its own people, the person loaded; None for any other."""
    return db.session.scalar(
        select(GroupVolunteer)
        .join(GroupVolunteer.volunteer)
        .options(joinedload(GroupVolunteer.volunteer), joinedload(GroupVolunteer.group))
        .where(
            GroupVolunteer.group_id == group_id,
            GroupVolunteer.volunteer_id == volunteer_id,
            Volunteer.erased_at.is_(None),
        )
    )


@dataclass(frozen=True)
class Lapse:
    """What of a person's papers has run out, by the group's own rules."""

    check_due: bool
    training_over: bool


def recheck_before(group: Group) -> date:
    """A check issued before this day is due again, by this group's interval."""
    return months_later(today(), -group.recheck_months)


def people_of(
    group: Group, *, name: str = "", skill: Skill = Skill(0), lapsed: bool = False, page: int = 1
) -> Page[GroupVolunteer]:
    """The group's own people, by name, some on a page."""
    wanted = (
        select(GroupVolunteer)
        .join(GroupVolunteer.volunteer)
        .options(contains_eager(GroupVolunteer.volunteer))
        .where(GroupVolunteer.group_id == group.id, Volunteer.erased_at.is_(None))
        .order_by(func.lower(Volunteer.name), Volunteer.id)
    )
    wanted = holding(wanted, name, Volunteer.name)
    if skill:
        wanted = wanted.where(has_all(Volunteer.skills, skill), GroupVolunteer.sees_profile)
    if lapsed:
        wanted = wanted.where(GroupVolunteer.sees_profile, _has_lapsed(group))
    return page_of(wanted, page)


def _has_lapsed(group: Group) -> ColumnElement[bool]:
    """SQL: a check is due again, or a training is over, and was not renewed."""
    return or_(
        exists().where(DbsCheck.volunteer_id == Volunteer.id, _is_due(group)),
        exists().where(TrainingRecord.volunteer_id == Volunteer.id, _is_over(group)),
    )


def _is_due(group: Group) -> ColumnElement[bool]:
    """SQL: this check is due again, and no later one is as good: of several the best counts."""
    before, renewed = recheck_before(group), aliased(DbsCheck)
    return and_(
        DbsCheck.issued_on < before,
        or_(
            DbsCheck.group_id == group.id,
            DbsCheck.volunteer_id.in_(sight.asked_for(group.id, checks=True)),
        ),
        ~exists().where(
            renewed.volunteer_id == DbsCheck.volunteer_id,
            renewed.issued_on >= before,
            _rank(renewed.level) >= _rank(DbsCheck.level),
            or_(
                renewed.workforce == DbsCheck.workforce,
                renewed.workforce == Workforce.BOTH,
                DbsCheck.level == DbsLevel.BASIC,
            ),
        ),
    )


def _rank(level: Any) -> ColumnElement[int]:
    return case(*((level == each, each.rank) for each in DbsLevel), else_=0)


def _is_over(group: Group) -> ColumnElement[bool]:
    """SQL: this training's last day has passed, and no later record renews it."""
    on, renewed = today(), aliased(TrainingRecord)
    return and_(
        TrainingRecord.valid_until < on,
        or_(
            TrainingRecord.group_id == group.id,
            TrainingRecord.volunteer_id.in_(sight.asked_for(group.id, checks=False)),
        ),
        ~exists().where(
            renewed.volunteer_id == TrainingRecord.volunteer_id,
            renewed.training == TrainingRecord.training,
            or_(renewed.valid_until.is_(None), renewed.valid_until >= on),
        ),
    )


def lapses(group: Group, ids: Sequence[int]) -> dict[int, Lapse]:
    """For each of some volunteers whose papers have run out: what.

    Counted are those that the group itself has noted, and any check of a person
    of whom one of its roles asks for a check; with trainings likewise.
    """
    due = set(
        db.session.scalars(
            select(DbsCheck.volunteer_id).where(DbsCheck.volunteer_id.in_(ids), _is_due(group))
        )
    )
    over = set(
        db.session.scalars(
            select(TrainingRecord.volunteer_id).where(
                TrainingRecord.volunteer_id.in_(ids), _is_over(group)
            )
        )
    )
    return {each: Lapse(each in due, each in over) for each in due | over}


def import_of(group_id: int | None, import_id: int) -> VolunteerImport | None:
    """An import, if it is this group's, or for None the county's."""
    row = db.session.get(VolunteerImport, import_id)
    return row if row is not None and row.group_id == group_id else None
