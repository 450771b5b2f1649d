"""Reading, locking and changing the rows of sign-ups; the steps that each verb is made of.

The lock that matters is the shift's row, taken by `locked` before anything
is decided; the volunteer's row is locked after it, so that one person cannot
take two shifts at the same time. Always in that order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.opportunities.models import Opportunity, Shift, Slot
from app.signups.models import LIVE, Signup, SignupEvent, Standing, Way
from app.volunteers.models import Volunteer

# Made once: claims come by the hundred, and making a statement costs as much as running it.
_LOCKED: Final = (
    select(Shift)
    .where(Shift.id.in_(bindparam("these", expanding=True)))
    .order_by(Shift.id)
    .options(
        joinedload(Shift.opportunity).joinedload(Opportunity.group),
        joinedload(Shift.site),
    )
    .with_for_update(of=Shift)
    .execution_options(populate_existing=True)
)
_LOCKED_VOLUNTEER: Final = (
    select(Volunteer)
    .where(Volunteer.id == bindparam("this"), Volunteer.erased_at.is_(None))
    # Not the key: a message to them may be written meanwhile.
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def locked(shift_ids: Sequence[int]) -> list[Shift]:
    """Lock these shifts, in the order of their ids, and read them afresh.

    On SQLite the transaction itself is the lock: it has the only write lock.
    """
    return list(db.session.scalars(_LOCKED, {"these": list(shift_ids)}))


def lock_volunteer(volunteer_id: int) -> Volunteer:
    """Lock the volunteer's row, after the shifts', and read it afresh."""
    volunteer = db.session.scalar(_LOCKED_VOLUNTEER, {"this": volunteer_id})
    if volunteer is None:
        raise Refusal(gettext("We do not know this volunteer any more."))
    return volunteer


def lock_people(volunteer_ids: Collection[int]) -> None:
    """Lock those of these volunteers that we know, after the shifts', in the order of their ids.

    For work on several shifts at once: each further shift must be locked before the
    first person, or two such works, or one and a claim, wait for one another.
    """
    db.session.execute(
        select(Volunteer.id)
        .where(Volunteer.id.in_(list(volunteer_ids)), Volunteer.erased_at.is_(None))
        .order_by(Volunteer.id)
        .with_for_update(key_share=True)
    )


def live(shift_ids: Sequence[int], volunteer_id: int) -> Signup | None:
    """The volunteer's live sign-up on one of the shifts, if there is one."""
    return db.session.scalar(
        select(Signup)
        .where(
            Signup.shift_id.in_(shift_ids),
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(LIVE),
        )
        .order_by(Signup.id)
        .limit(1)
    )


def with_shift(signup_id: int) -> tuple[Signup, Shift]:
    """Lock the sign-up's shift, then read both afresh."""
    shift_id = db.session.scalar(select(Signup.shift_id).where(Signup.id == signup_id))
    shifts = locked([shift_id]) if shift_id else []
    if not shifts:
        raise Refusal(gettext("This sign-up does not exist any more."))
    signup = db.session.get_one(Signup, signup_id, populate_existing=True)
    return signup, shifts[0]


def place_is_gone(signup: Signup, shift: Shift) -> bool:
    """Whether somebody else has the place that this sign-up left: the shift's, or its duty's.

    The shift is locked.
    """
    if shift.is_full:
        return True
    slot = db.session.get(Slot, signup.slot_id, populate_existing=True) if signup.slot_id else None
    return slot is not None and not slot.places_left


def end(signup: Signup, standing: Standing, way: Way, by_user_id: int | None, reason: str) -> None:
    """End a sign-up and note by whom and why."""
    before, signup.standing = signup.standing, standing
    signup.ended_at = clock.now()
    signup.answer_remind_at = signup.answer_due_at = signup.offered_until = None
    signup.reason = reason[:300]
    db.session.flush()
    note(signup, before, way, by_user_id)


def note(
    signup: Signup,
    before: Standing | None,
    way: Way,
    by_user_id: int | None,
    reason: str | None = None,
) -> None:
    """Keep a change of standing: by which door, by whom, and why (else as the sign-up says)."""
    db.session.add(
        SignupEvent(
            signup_id=signup.id,
            before=before,
            after=signup.standing,
            way=way,
            by_user_id=by_user_id,
            reason=(signup.reason or "" if reason is None else reason)[:300],
        )
    )
