"""What a coordinator can do with a request while it runs: hold, hurry, widen, stop."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select, update

from app.accounts import audit
from app.broadcasts import queries
from app.broadcasts.models import Broadcast, BroadcastState, Pace, Recipient
from app.broadcasts.service.course import ADVANCE, write_recipients
from app.broadcasts.service.ending import end
from app.broadcasts.service.rows import under_way
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import service as messaging
from app.messaging.models import RunState
from app.signups.rules import Exclusion
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import Skill

# What a coordinator may set aside while a request runs, by the reason that it takes away.
CAN_WIDEN: Final = (
    Exclusion.TOO_FAR,
    Exclusion.SKILL,
    Exclusion.ASKED_OFTEN,
    Exclusion.ASKED_LATELY,
    Exclusion.OTHER_GROUPS,
)


def ask_everyone(broadcast_id: int, by_user_id: int) -> None:
    """Ask all who have not been asked yet, now. Raises `Refusal` when it is not running."""
    with transaction():
        broadcast = under_way(broadcast_id)
        broadcast.pace = Pace.EVERYONE
        broadcast.next_wave_at = clock.now()
        audit.record("asked everyone at once", subject=broadcast, actor_id=by_user_id)
        queue.enqueue(ADVANCE, broadcast_id, queue=queue.URGENT)


def pause(broadcast_id: int, by_user_id: int) -> None:
    """Ask nobody new, and hold what has not left. Raises `Refusal` when it is not running."""
    with transaction():
        broadcast = under_way(broadcast_id)
        if broadcast.state == BroadcastState.PAUSED:
            return
        broadcast.state = BroadcastState.PAUSED
        if broadcast.run_id:
            messaging.set_run(broadcast.run_id, RunState.PAUSED)
        audit.record("paused urgent request", subject=broadcast, actor_id=by_user_id)


def resume(broadcast_id: int, by_user_id: int) -> None:
    """Go on with a paused request. Raises `Refusal` when it has ended."""
    with transaction():
        broadcast = under_way(broadcast_id)
        if broadcast.state == BroadcastState.RUNNING:
            return
        broadcast.state = BroadcastState.RUNNING
        broadcast.next_wave_at = clock.now()
        if broadcast.run_id:
            messaging.set_run(broadcast.run_id, RunState.RUNNING)
        messaging.nudge(queue.URGENT)
        audit.record("resumed urgent request", subject=broadcast, actor_id=by_user_id)
        queue.enqueue(ADVANCE, broadcast_id, queue=queue.URGENT)


def stop(broadcast_id: int, by_user_id: int, why: str = "A coordinator stopped it.") -> int:
    """End a request by hand; returns how many texts were held back.

    Raises `Refusal` when it has ended already.
    """
    with transaction():
        broadcast = under_way(broadcast_id)
        held = end(broadcast, queries.shifts_of(broadcast_id), why)
        audit.record("stopped urgent request", subject=broadcast, actor_id=by_user_id, held=held)
        return held


def widen(
    broadcast_id: int,
    by_user_id: int,
    aside: set[Exclusion],
    within_metres: int | None = None,
) -> int:
    """Set limits of the audience aside while it runs; how many more can be asked now.

    Everybody who has not been asked is judged anew, so also those who have
    become free, or busy, since the start. `within_metres` is the new distance
    when `TOO_FAR` is set aside: nothing means as far as each travels. Raises
    `Refusal` when it is not running, or nothing is set aside.
    """
    if not aside & set(CAN_WIDEN):
        raise Refusal("Choose at least one change.", "aside")
    with transaction():
        broadcast = under_way(broadcast_id)
        before = broadcast.audience_size
        if Exclusion.TOO_FAR in aside:
            broadcast.within_metres = within_metres
        if Exclusion.SKILL in aside:
            broadcast.also_needs = Skill(0)
        if Exclusion.ASKED_OFTEN in aside:
            broadcast.ignores_budget = True
        if Exclusion.ASKED_LATELY in aside:
            broadcast.not_asked_days = 0
        if Exclusion.OTHER_GROUPS in aside:
            broadcast.group_kinds = []
        # A group's own small request is asked widely from now on; its people still come first.
        broadcast.most_people, broadcast.only_first_group = None, False
        _judge_anew(broadcast)
        broadcast.warning = broadcast.advice = ""
        broadcast.next_wave_at = clock.now()
        more = broadcast.audience_size - before
        audit.record(
            "widened urgent request",
            subject=broadcast,
            actor_id=by_user_id,
            aside=", ".join(sorted(aside)),
            more=more,
        )
        queue.enqueue(ADVANCE, broadcast_id, queue=queue.URGENT)
        return more


def _judge_anew(broadcast: Broadcast) -> None:
    """Write the part of everybody who was not asked once more, as the request is now.

    Set by set: those not asked are taken out, everybody is judged, and the
    rows of those asked stay as they are.
    """
    mine = Recipient.broadcast_id == broadcast.id
    db.session.execute(delete(Recipient).where(mine, Recipient.wave.is_(None)))
    write_recipients(broadcast, queries.shifts_of(broadcast.id), anew=True)
    # Who shares a phone with somebody who was asked has been asked, too.
    asked_phones = (
        select(Volunteer.phone)
        .join(Recipient, Recipient.volunteer_id == Volunteer.id)
        .where(mine, Recipient.wave.is_not(None), Volunteer.phone.is_not(None))
    )
    db.session.execute(
        update(Recipient)
        .where(
            mine,
            Recipient.wave.is_(None),
            Recipient.excluded == "",
            Recipient.volunteer_id.in_(
                select(Volunteer.id).where(Volunteer.phone.in_(asked_phones))
            ),
        )
        .values(excluded=Exclusion.SAME_PHONE.value, rank=0, score=0)
        .execution_options(synchronize_session=False)
    )
    broadcast.audience_size, broadcast.excluded_size = queries.sizes(broadcast.id)
