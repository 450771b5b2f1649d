"""How far people have come with a group's first steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from app.accounts.queries import Page, holding, page_of
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.opportunities.models import Opportunity, Shift
from app.signups.models import LIVE, Signup
from app.volunteers import induction
from app.volunteers.models import (
    GroupVolunteer,
    InductionStep,
    InductionTick,
    Volunteer,
)


@dataclass(frozen=True)
class Progress:
    """How many of the group's steps one person has done."""

    done: int
    needed_done: int


def people(
    group_id: int, *, name: str = "", left_only: bool = False, page: int = 1
) -> Page[GroupVolunteer]:
    """The group's own people, by name; with `left_only` those who may not begin yet."""
    wanted = (
        select(GroupVolunteer)
        .join(GroupVolunteer.volunteer)
        .options(joinedload(GroupVolunteer.volunteer))
        .where(
            GroupVolunteer.group_id == group_id,
            GroupVolunteer.sees_profile,
            Volunteer.erased_at.is_(None),
        )
        .order_by(func.lower(Volunteer.name), Volunteer.id)
    )
    wanted = holding(wanted, name, Volunteer.name)
    if left_only:
        wanted = wanted.where(
            induction.needed_first(group_id).exists(),
            Volunteer.id.not_in(induction.who_did(group_id)),
        )
    return page_of(wanted, page)


def progress(group_id: int, volunteer_ids: Sequence[int]) -> dict[int, Progress]:
    """For each of some volunteers, how far they have come."""
    rows = db.session.execute(
        select(
            InductionTick.volunteer_id,
            func.count(),
            func.sum(case((InductionStep.needed_first, 1), else_=0)),
        )
        .join(InductionStep, InductionStep.id == InductionTick.step_id)
        .where(
            InductionStep.group_id == group_id,
            InductionStep.retired_at.is_(None),
            InductionTick.volunteer_id.in_(list(volunteer_ids)),
        )
        .group_by(InductionTick.volunteer_id)
    )
    return {volunteer_id: Progress(done, needed) for volunteer_id, done, needed in rows}


@dataclass(frozen=True)
class Own:
    """One group's steps as the volunteer sees them."""

    group: Group
    steps: Sequence[InductionStep]
    ticks: dict[int, InductionTick]

    @property
    def left(self) -> int:
        """How many steps are to be done before the first shift."""
        return sum(step.needed_first and step.id not in self.ticks for step in self.steps)


def own(volunteer_id: int) -> list[Own]:
    """The steps of each group that knows the volunteer, or where they have signed up."""
    known = select(GroupVolunteer.group_id).where(GroupVolunteer.volunteer_id == volunteer_id)
    coming = (
        select(Opportunity.group_id)
        .join(Shift, Shift.opportunity_id == Opportunity.id)
        .join(Signup, Signup.shift_id == Shift.id)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(LIVE),
            Shift.ends_at > clock.now(),
        )
    )
    return _with_steps(volunteer_id, known.union(coming))


def own_of(volunteer_id: int, group_id: int) -> list[Own]:
    """The steps of one group, for somebody who thinks of coming; empty where it has none."""
    return _with_steps(volunteer_id, select(Group.id).where(Group.id == group_id))


def _with_steps(volunteer_id: int, group_ids: object) -> list[Own]:
    steps = db.session.execute(
        select(InductionStep, Group)
        .join(Group, Group.id == InductionStep.group_id)
        .where(
            Group.id.in_(group_ids),  # type: ignore[arg-type] # a SELECT or a union of two
            Group.is_closed.is_(False),
            InductionStep.retired_at.is_(None),
        )
        .order_by(Group.name, InductionStep.rank, InductionStep.id)
    ).all()
    ticks = {
        tick.step_id: tick
        for tick in db.session.scalars(
            select(InductionTick)
            .where(InductionTick.volunteer_id == volunteer_id)
            .options(joinedload(InductionTick.by_user))
        )
    }
    by_group: dict[int, tuple[Group, list[InductionStep]]] = {}
    for step, group in steps:
        by_group.setdefault(group.id, (group, []))[1].append(step)
    return [
        Own(group, listed, {step.id: ticks[step.id] for step in listed if step.id in ticks})
        for group, listed in by_group.values()
    ]
