"""Giving places that are free to those who wait for them, in the order of their arrival.

Everything here runs in an open transaction that has locked the shift's row.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities.models import Policy, Shift
from app.opportunities.slots import of_shift
from app.signups import approving, letters
from app.signups.models import Signup, Standing, Way
from app.signups.offer_rules import needs_offer, offered_until
from app.signups.placing import Judged, Room, judge, settled_for
from app.signups.rows import lock_volunteer, locked, note


def locked_open(shift_ids: Sequence[int]) -> list[Shift]:
    """Lock the shifts; those of them on which places can be given."""
    return [shift for shift in locked(shift_ids) if approving.is_open(shift)]


def in_order(shift: Shift) -> Sequence[Signup]:
    """Who waits for a place, the first first."""
    return db.session.scalars(
        select(Signup)
        .where(Signup.shift_id == shift.id, Signup.standing == Standing.WAITING)
        .options(joinedload(Signup.volunteer))
        .order_by(Signup.id)
        .execution_options(populate_existing=True)
    ).all()


def fill(shift: Shift) -> int:
    """Give what is free to those who wait and may have it; how many got one or are offered one.

    Who joined the queue within the hour has the place at once; who has waited
    longer is offered it, and it is kept for them until they answer or their
    time is up. Nobody gets one by itself where a manager says yes first, unless the
    role's own rules speak for them: the others' clocks begin to run. Nothing
    is given once the shift has begun.
    """
    db.session.refresh(shift)
    if not approving.is_open(shift) or shift.is_full:
        return 0
    asks = shift.opportunity.policy == Policy.APPROVAL
    given = 0
    for signup in in_order(shift):
        if shift.is_full:
            break
        if asks and not shift.opportunity.approves:
            break
        volunteer = lock_volunteer(signup.volunteer_id)
        because = approving.automatic_yes(shift, volunteer) if asks else ""
        if asks and not because:
            continue
        room = room_in(judge(shift, volunteer, settled=settled_for(signup)), signup.slot_id)
        if not room.is_free:
            continue
        signup.slot_id = room.slot_id
        if needs_offer(signup.created_at, clock.now()):
            offer(signup, shift)
        else:
            give(signup, Way.RULE if because else signup.way, None, because=because)
        given += 1
        db.session.refresh(shift)
    if asks and not shift.is_full:
        start_clocks(shift)
    return given


def start_clocks(shift: Shift) -> int:
    """An answer is due to each who waits without a clock and whom a yes or a no would help.

    Somebody may have a place now, or something speaks against them. Who only
    waits for a duty that is full waits on: time would answer nothing. How many
    clocks began.
    """
    slots = of_shift(shift.id)
    started = 0
    for signup in in_order(shift):
        if signup.answer_due_at is not None:
            continue
        judged = judge(shift, signup.volunteer, slots=slots, settled=settled_for(signup))
        if judged.hindrance or room_in(judged, signup.slot_id).is_free:
            approving.start_clock(signup, shift)
            started += 1
    db.session.flush()
    return started


def room_in(judged: Judged, wanted: int | None) -> Room:
    """The place for somebody who waits; none while anything speaks against them."""
    if judged.hindrance:
        return Room(False, wanted)
    try:
        return judged.room(wanted)
    except Refusal:
        # Their duty asks for more than it did when they chose it.
        return Room(False, wanted)


def give(
    signup: Signup,
    way: Way,
    by_user_id: int | None,
    because: str = "",
    event: str | None = None,
) -> None:
    """Somebody who waited has a place now, and hears so, with the reason if there is one.

    `event` is what is kept of it, where that is not what they are told.
    """
    before, signup.standing = signup.standing, Standing.CONFIRMED
    signup.confirmed_at = clock.now()
    signup.offered_until = None
    approving.stop_clock(signup)
    db.session.flush()
    note(signup, before, way, by_user_id, event or because or None)
    letters.tell(signup, promoted=True, because=because)


def offer(signup: Signup, shift: Shift) -> None:
    """Keep the place for somebody who has waited for it, and ask whether they still can."""
    signup.standing = Standing.OFFERED
    signup.offered_until = offered_until(
        clock.now(), shift.starts_at, shift.site.zone, current_app.config["QUIET_HOURS"]
    )
    approving.stop_clock(signup)
    db.session.flush()
    note(signup, Standing.WAITING, Way.RULE, None, "A place came free, and is offered in order")
    letters.tell(signup)
