"""The front page for everybody: places that need someone, and true numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, GroupKind
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.volunteers.models import Volunteer

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Numbers:
    """How large the county's effort is now."""

    groups: dict[GroupKind, int]
    open_places: int
    volunteers: int

    @property
    def all_groups(self) -> int:
        return sum(self.groups.values())


def needy_shifts(limit: int = 6) -> Sequence[Shift]:
    """This week's shifts that need someone, from as many kinds of group as there are.

    The thinnest of each kind are taken in turn, one of each group: first those
    that cannot run as they stand, then the soonest. Shown soonest first.
    """
    now = clock.now()
    urgency = (case((Shift.taken < Shift.minimum, 0), else_=1), Shift.starts_at, Shift.id)
    needy = (
        select(
            Shift.id,
            Group.kind,
            func.row_number().over(partition_by=Group.id, order_by=urgency).label("of_group"),
            func.row_number().over(order_by=urgency).label("urgency"),
        )
        .select_from(Shift)
        .join(Shift.opportunity)
        .join(Opportunity.group)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > now,
            Shift.starts_at < now + WEEK,
            Shift.taken < Shift.places,
            Opportunity.stage == Stage.PUBLISHED,
            # A stranger who sees it here can take it, or ask for it.
            Opportunity.policy.in_((Policy.OPEN, Policy.APPROVAL)),
            Group.is_closed.is_(False),
        )
        .subquery()
    )
    turn = func.row_number().over(partition_by=needy.c.kind, order_by=needy.c.urgency)
    taken = (
        select(needy.c.id)
        .where(needy.c.of_group == 1)
        .order_by(turn, needy.c.urgency)
        .limit(limit)
        .subquery()
    )
    return db.session.scalars(
        select(Shift)
        .join(taken, taken.c.id == Shift.id)
        .options(
            joinedload(Shift.opportunity).joinedload(Opportunity.group),
            joinedload(Shift.site),
        )
        .order_by(Shift.starts_at, Shift.id)
    ).all()


def numbers() -> Numbers:
    """Groups that are open, places free in the next seven days, people who give time."""
    now = clock.now()
    kinds = db.session.execute(
        select(Group.kind, func.count()).where(Group.is_closed.is_(False)).group_by(Group.kind)
    )
    open_places = (
        select(func.coalesce(func.sum(Shift.places - Shift.taken), 0))
        .join(Shift.opportunity)
        .join(Opportunity.group)
        .where(
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > now,
            Shift.starts_at < now + WEEK,
            Opportunity.stage == Stage.PUBLISHED,
            Group.is_closed.is_(False),
        )
    )
    people = select(func.count()).select_from(Volunteer).where(Volunteer.erased_at.is_(None))
    counts = db.session.execute(
        select(open_places.scalar_subquery().label("places"), people.scalar_subquery())
    ).one()
    found: dict[GroupKind, int] = {row[0]: row[1] for row in kinds}
    return Numbers(
        {kind: found[kind] for kind in GroupKind if kind in found}, int(counts[0]), counts[1]
    )
