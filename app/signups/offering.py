"""Asking somebody to take a place: it is kept for them until they answer, and not theirs before."""

from __future__ import annotations

from datetime import datetime

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.opportunities.models import Stage
from app.signups import facts
from app.signups.models import Signup, Standing, Way
from app.signups.placing import judge, settled_by
from app.signups.rows import lock_volunteer, locked, note
from app.signups.signals import places_changed
from app.volunteers.service import know


def offer(
    shift_id: int,
    volunteer_id: int,
    *,
    slot_id: int | None,
    until: datetime,
    by_user_id: int | None,
    cause: str,
) -> Signup:
    """Keep a place for a volunteer until an aware moment; return the offer.

    A manager asks, so nobody need be invited first; all else that binds is
    asked as in `service.claim`, under the same locks. Whoever has a live
    sign-up there keeps it as it stands. Tells nobody: the caller writes, once
    for all that it offers one person. Raises `Refusal` when the shift is
    closed or full, and for whoever may not hold a place on it.
    """
    with transaction():
        shifts = locked([shift_id])
        if not shifts:
            raise Refusal(gettext("This shift does not exist any more."))
        [shift] = shifts
        volunteer = lock_volunteer(volunteer_id)
        held = facts.around(volunteer_id, [shift])
        if held.live is not None:
            return held.live
        if shift.stage != Stage.PUBLISHED or shift.opportunity.stage != Stage.PUBLISHED:
            raise Refusal(gettext("This shift is closed: nobody can join it now."))
        if shift.starts_at <= clock.now():
            raise Refusal(gettext("This shift has already begun."))
        judged = judge(
            shift,
            volunteer,
            busy=held.busy_beside(shift),
            settled=settled_by(Way.MANAGER),
        )
        if judged.hindrance:
            raise judged.hindrance
        room = judged.room(slot_id)
        if not room.is_free:
            raise Refusal(gettext("Every place is taken now."))
        signup = Signup(
            shift_id=shift.id,
            volunteer_id=volunteer_id,
            slot_id=room.slot_id,
            agreed_revision=shift.revision,
            standing=Standing.OFFERED,
            offered_until=min(until, shift.starts_at),
            way=Way.MANAGER,
            cause=cause,
            by_user_id=by_user_id,
        )
        db.session.add(signup)
        db.session.flush()
        note(signup, None, Way.MANAGER, by_user_id)
        know(volunteer_id, shift.opportunity.group_id, "was asked", sees_profile=False)
        db.session.refresh(shift, ["taken"])
        places_changed.send(shift.id, has_room_still=not shift.is_full)
        return signup
