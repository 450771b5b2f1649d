"""A group's first steps: what they are, who has done which, and who has done enough.

Stands this low because a role may ask for it, and so the rules of places do.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.foundation.extensions import db
from app.volunteers.models import InductionStep, InductionTick


def needed_first(group_id: int) -> Select[int]:
    """The ids of the steps that the group wants done before the first shift."""
    return select(InductionStep.id).where(
        InductionStep.group_id == group_id,
        InductionStep.needed_first,
        InductionStep.retired_at.is_(None),
    )


def who_did(group_id: int) -> Select[int]:
    """The ids of the volunteers who have done each step that is needed first."""
    of_all = select(func.count()).select_from(needed_first(group_id).subquery()).scalar_subquery()
    return (
        select(InductionTick.volunteer_id)
        .where(InductionTick.step_id.in_(needed_first(group_id)))
        .group_by(InductionTick.volunteer_id)
        .having(func.count() >= of_all)
    )


def is_asked(group_id: int) -> bool:
    """Whether the group wants anything done before a first shift."""
    return bool(db.session.scalar(select(needed_first(group_id).exists())))


def is_done(group_id: int, volunteer_id: int) -> bool:
    """Whether nothing that is needed first is left to do; so too where nothing is asked."""
    return not _is_left(needed_first(group_id), volunteer_id)


def _is_left(steps: Select[int], volunteer_id: int) -> bool:
    left = steps.where(InductionStep.id.not_in(_ticked_by(volunteer_id)))
    return bool(db.session.scalar(select(left.exists())))


def _ticked_by(volunteer_id: int) -> Select[int]:
    return select(InductionTick.step_id).where(InductionTick.volunteer_id == volunteer_id)


def groups_left(volunteer_id: int) -> frozenset[int]:
    """The groups whose first steps the volunteer has not all done, whether known there or not."""
    found = db.session.scalars(
        select(InductionStep.group_id)
        .where(
            InductionStep.needed_first,
            InductionStep.retired_at.is_(None),
            InductionStep.id.not_in(_ticked_by(volunteer_id)),
        )
        .distinct()
    )
    return frozenset(found)


def steps_of(group_id: int) -> Sequence[InductionStep]:
    """The group's steps that are in use, in their order."""
    return db.session.scalars(
        select(InductionStep)
        .where(InductionStep.group_id == group_id, InductionStep.retired_at.is_(None))
        .order_by(InductionStep.rank, InductionStep.id)
    ).all()


def ticks_of(group_id: int, volunteer_id: int) -> dict[int, InductionTick]:
    """What the volunteer has done of the group's steps, by the step's id."""
    rows = db.session.scalars(
        select(InductionTick)
        .join(InductionStep, InductionStep.id == InductionTick.step_id)
        .options(joinedload(InductionTick.by_user).load_only(User.name))
        .where(InductionStep.group_id == group_id, InductionTick.volunteer_id == volunteer_id)
    )
    return {tick.step_id: tick for tick in rows}
