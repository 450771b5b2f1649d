"""What a group's roles ask of the people who do them.

"Do" means: they have a place or wait for one that is not over, or have come in
the last twelve months. Nothing of anybody else's papers is a group's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Duty, Opportunity, Shift, Slot
from app.signups.models import LIVE, PRESENT, Signup
from app.volunteers.models import GroupVolunteer
from app.volunteers.vocabulary import DbsLevel, Training, Workforce

LATELY: Final = timedelta(days=365)
# From so long before a shift until so long after, whom to call may be needed.
BEFORE: Final = timedelta(hours=48)
AFTER: Final = timedelta(hours=4)


def _does(group_id: int) -> ColumnElement[bool]:
    now = clock.now()
    return and_(
        Opportunity.group_id == group_id,
        or_(
            and_(Shift.ends_at > now, Signup.standing.in_(LIVE)),
            and_(Shift.ends_at <= now, Shift.ends_at > now - LATELY, Signup.standing.in_(PRESENT)),
        ),
    )


def _joined(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(Signup)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .outerjoin(Slot, Slot.id == Signup.slot_id)
        .outerjoin(Duty, Duty.id == Slot.duty_id)
    )


def asked_for(group_id: int, *, checks: bool) -> Select[int]:
    """The ids of the volunteers of whom a role of this group asks for a check, or for training."""
    asks = (
        Opportunity.dbs_level != DbsLevel.NONE
        if checks
        else or_(Opportunity.needs_training != Training(0), Duty.needs_training != Training(0))
    )
    wanted: Select[int] = _joined(Signup.volunteer_id).where(_does(group_id), asks)
    return wanted


def told(group_id: int, volunteer_id: int) -> tuple[bool, bool, bool]:
    """Whether a role asks for a check, for training, and whether a shift is about now."""
    now = clock.now()
    row = db.session.execute(
        _joined(
            func.max(case((Opportunity.dbs_level != DbsLevel.NONE, 1), else_=0)),
            func.max(
                case(
                    (Opportunity.needs_training != Training(0), 1),
                    (Duty.needs_training != Training(0), 1),
                    else_=0,
                )
            ),
            func.max(
                case(
                    (
                        and_(
                            Signup.standing.in_(PRESENT),
                            Shift.starts_at < now + BEFORE,
                            Shift.ends_at > now - AFTER,
                        ),
                        1,
                    ),
                    else_=0,
                )
            ),
        ).where(_does(group_id), Signup.volunteer_id == volunteer_id)
    ).one()
    return bool(row[0]), bool(row[1]), bool(row[2])


@dataclass
class Asked:
    """What a group's roles ask of one person, and their next shift that does."""

    checks: set[tuple[DbsLevel, Workforce | None]] = field(default_factory=set)
    trainings: Training = Training(0)
    next_at: datetime | None = None


def asked(group_id: int, volunteer_ids: Sequence[int] | None = None) -> dict[int, Asked]:
    """What the group's roles ask of each of its own people whose profile it may see."""
    now = clock.now()
    rows = _joined(
        Signup.volunteer_id,
        Opportunity.dbs_level,
        Opportunity.dbs_workforce,
        Opportunity.needs_training,
        Duty.needs_training.label("for_duty"),
        func.min(case((Shift.ends_at > now, Shift.starts_at))).label("next_at"),
    ).join(
        GroupVolunteer,
        and_(
            GroupVolunteer.volunteer_id == Signup.volunteer_id,
            GroupVolunteer.group_id == group_id,
            GroupVolunteer.sees_profile,
        ),
    )
    rows = rows.where(
        _does(group_id),
        or_(
            Opportunity.dbs_level != DbsLevel.NONE,
            Opportunity.needs_training != Training(0),
            Duty.needs_training != Training(0),
        ),
    ).group_by(
        Signup.volunteer_id,
        Opportunity.dbs_level,
        Opportunity.dbs_workforce,
        Opportunity.needs_training,
        Duty.needs_training,
    )
    if volunteer_ids is not None:
        rows = rows.where(Signup.volunteer_id.in_(list(volunteer_ids)))
    found: dict[int, Asked] = {}
    for volunteer_id, level, workforce, training, for_duty, next_at in db.session.execute(rows):
        one = found.setdefault(volunteer_id, Asked())
        if level != DbsLevel.NONE:
            one.checks.add((level, workforce))
        one.trainings |= training | (for_duty or Training(0))
        if next_at is not None:
            one.next_at = min(one.next_at or next_at, next_at)
    return found
