"""Reads of swaps: whom one can ask, what waits for an answer, what managers see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.foundation import clock
from app.foundation.extensions import db
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups.models import LIVE, Signup, Standing
from app.signups.swaps.models import PENDING, Swap, SwapState
from app.volunteers.models import Volunteer

# So many places of others are offered for a swap, and so many people are told of one.
MOST_PLACES: Final = 60


def colleagues(signup: Signup, volunteer_id: int | None = None) -> Sequence[Signup]:
    """Places of others on the same role's coming shifts, the soonest `MOST_PLACES` of them.

    Nobody who is on the sign-up's own shift already; with `volunteer_id`, those of this one.
    """
    on_mine = aliased(Signup)
    query = (
        select(Signup)
        .join(Signup.shift)
        .join(Signup.volunteer)
        .where(
            Shift.opportunity_id == signup.shift.opportunity_id,
            Shift.id != signup.shift_id,
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            Signup.standing == Standing.CONFIRMED,
            Signup.volunteer_id != signup.volunteer_id,
            Volunteer.erased_at.is_(None),
            ~exists().where(
                on_mine.shift_id == signup.shift_id,
                on_mine.volunteer_id == Signup.volunteer_id,
                on_mine.standing.in_(LIVE),
            ),
        )
        .options(
            contains_eager(Signup.shift).joinedload(Shift.site),
            contains_eager(Signup.volunteer),
        )
        .order_by(Shift.starts_at, Signup.id)
        .limit(MOST_PLACES)
    )
    if volunteer_id is not None:
        query = query.where(Signup.volunteer_id == volunteer_id)
    return db.session.scalars(query).all()


def pending_of(signup_id: int) -> Swap | None:
    """The swap that waits for this place, if there is one."""
    return db.session.scalar(_whole().where(Swap.signup_id == signup_id, Swap.state.in_(PENDING)))


def whole(swap_id: int) -> Swap | None:
    """A swap with all that its page shows, read afresh."""
    return db.session.scalar(
        _whole().where(Swap.id == swap_id).execution_options(populate_existing=True)
    )


def _whole() -> Select[Swap]:
    """With the people, the shifts, the role and the group."""
    return select(Swap).options(
        joinedload(Swap.signup).joinedload(Signup.volunteer),
        joinedload(Swap.signup)
        .joinedload(Signup.shift)
        .joinedload(Shift.opportunity)
        .joinedload(Opportunity.group),
        joinedload(Swap.signup).joinedload(Signup.shift).joinedload(Shift.site),
        joinedload(Swap.wanted).joinedload(Signup.shift).joinedload(Shift.site),
        joinedload(Swap.to),
        joinedload(Swap.taken_by),
    )


def is_current(swap: Swap) -> bool:
    """Whether the places that it is about are still as they were when it was asked."""
    now = clock.now()
    return all(
        one.standing == Standing.CONFIRMED
        and one.shift.stage == Stage.PUBLISHED
        and one.shift.starts_at > now
        for one in (swap.signup, swap.wanted)
        if one is not None
    )


def waiting_for(volunteer_id: int) -> list[Swap]:
    """The open swaps that this volunteer could say yes to, soonest first."""
    mine, my_shift = aliased(Signup), aliased(Shift)
    given, on_it = aliased(Signup), aliased(Signup)
    on_the_role = exists().where(
        mine.volunteer_id == volunteer_id,
        mine.standing == Standing.CONFIRMED,
        my_shift.id == mine.shift_id,
        my_shift.starts_at > clock.now(),
        my_shift.opportunity_id == Shift.opportunity_id,
    )
    already_on_it = exists().where(
        on_it.shift_id == Shift.id,
        on_it.volunteer_id == volunteer_id,
        on_it.standing == Standing.CONFIRMED,
    )
    found = db.session.scalars(
        _whole()
        .join(given, given.id == Swap.signup_id)
        .join(Shift, Shift.id == given.shift_id)
        .where(
            Swap.state == SwapState.OPEN,
            given.standing == Standing.CONFIRMED,
            given.volunteer_id != volunteer_id,
            Shift.starts_at > clock.now(),
            or_(
                Swap.to_volunteer_id == volunteer_id,
                and_(Swap.to_volunteer_id.is_(None), on_the_role, ~already_on_it),
            ),
        )
        .order_by(Shift.starts_at, Swap.id)
    ).all()
    return [swap for swap in found if is_current(swap)]


def of_group(group_id: int) -> list[Swap]:
    """The swaps on a group's coming shifts that wait, or were done; the latest first."""
    given = aliased(Signup)
    found = db.session.scalars(
        _whole()
        .join(given, given.id == Swap.signup_id)
        .join(Shift, Shift.id == given.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .where(
            Opportunity.group_id == group_id,
            Shift.ends_at > clock.now(),
            Swap.state.in_((*PENDING, SwapState.DONE)),
        )
        .order_by(Swap.id.desc())
        .limit(100)
    ).all()
    return [swap for swap in found if swap.state == SwapState.DONE or is_current(swap)]


def swaps_of(volunteer_id: int) -> Sequence[Swap]:
    """Every swap that a volunteer asked for, was asked about, or took; the oldest first."""
    given = aliased(Signup)
    return db.session.scalars(
        _whole()
        .join(given, given.id == Swap.signup_id)
        .where(
            or_(
                given.volunteer_id == volunteer_id,
                Swap.to_volunteer_id == volunteer_id,
                Swap.taken_by_id == volunteer_id,
            )
        )
        .order_by(Swap.id)
    ).all()
