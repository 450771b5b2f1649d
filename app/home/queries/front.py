"""The front page for everybody: places that need someone, and true numbers.

The places are read anew for each visitor. The numbers move slowly and count
whole tables: each process counts them every few minutes, and the page says when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, GroupKind
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.signups.models import Signup, Standing
from app.volunteers.vocabulary import DbsLevel, Training

WEEK: Final = timedelta(days=7)
MONTH: Final = timedelta(days=30)
COUNTED_FOR: Final = timedelta(minutes=3)


@dataclass(frozen=True)
class Numbers:
    """How large the county's effort is.

    Groups that are open; places free on shifts of the next seven days that
    anybody may ask for; people who came to a shift of the last 30 days, and
    the whole hours that they gave there.
    """

    groups: dict[GroupKind, int]
    open_places: int
    people: int
    hours: int
    counted_at: datetime

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
            *_for_strangers(),
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


def _for_strangers() -> tuple[ColumnElement[bool], ...]:
    """In a WHERE: nothing is asked that a newcomer could not tell when signing up."""
    return (
        Opportunity.policy.in_((Policy.OPEN, Policy.APPROVAL)),
        Opportunity.dbs_level == DbsLevel.NONE,
        Opportunity.needs_training == Training(0),
        Opportunity.needs_induction.is_(False),
    )


def numbers() -> Numbers:
    """The numbers as they were counted within the last three minutes."""
    kept: Numbers | None = current_app.extensions.get("front numbers")
    if kept is None or not timedelta(0) <= clock.now() - kept.counted_at < COUNTED_FOR:
        kept = current_app.extensions["front numbers"] = count()
    return kept


def count() -> Numbers:
    """The numbers as they are now."""
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
            Opportunity.policy.in_((Policy.OPEN, Policy.APPROVAL)),
            Group.is_closed.is_(False),
        )
    )
    came = (
        select(
            func.count(Signup.volunteer_id.distinct()).label("people"),
            func.coalesce(func.sum(Signup.attended_minutes), 0).label("minutes"),
        )
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.standing == Standing.ATTENDED,
            Shift.starts_at > now - MONTH,
            Shift.starts_at <= now,
        )
        .subquery()
    )
    counts = db.session.execute(
        select(open_places.scalar_subquery().label("places"), came.c.people, came.c.minutes)
    ).one()
    found: dict[GroupKind, int] = {row[0]: row[1] for row in kinds}
    return Numbers(
        groups={kind: found[kind] for kind in GroupKind if kind in found},
        open_places=int(counts.places),
        people=counts.people,
        hours=int(counts.minutes) // 60,
        counted_at=now,
    )
