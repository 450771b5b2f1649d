"""Once a request is filled: who is told, and which asks leave when it goes on after all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import and_, select, update

from app.broadcasts import asking, rules
from app.broadcasts.models import Answer, Broadcast, Recipient
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.upsert import rows_changed
from app.messaging import service as messaging
from app.messaging.models import ASK, Message, State
from app.messaging.rules import segments
from app.opportunities.models import Shift
from app.signups.models import LIVE, Signup
from app.volunteers.models import Volunteer

# The purpose of the text that the places are filled; who was asked longer ago needs none.
FILLED: Final = "filled"
TOLD_IF_ASKED_WITHIN: Final = timedelta(hours=2)
OF_USE_FOR: Final = timedelta(minutes=30)
# The ask has reached them, or may have.
ARRIVED: Final = (
    State.SENDING,
    State.ACCEPTED,
    State.SENT,
    State.DELIVERED,
    State.UNCERTAIN,
)


def let_go_again(broadcast: Broadcast, shifts: Sequence[Shift]) -> int:
    """Put back into the queue the asks that the end held back, as nobody has seen them; how many.

    But those of people who have answered or taken a place by themselves since.
    """
    has_place = select(Signup.volunteer_id).where(
        Signup.shift_id.in_([shift.id for shift in shifts]), Signup.standing.in_(LIVE)
    )
    has_answered = select(Recipient.volunteer_id).where(
        Recipient.broadcast_id == broadcast.id, Recipient.answer != Answer.NONE
    )
    put_back = db.session.execute(
        update(Message)
        .where(
            Message.run_id == broadcast.run_id,
            Message.purpose == ASK,
            Message.state == State.CANCELLED,
            Message.volunteer_id.not_in(has_place),
            Message.volunteer_id.not_in(has_answered),
        )
        .values(state=State.QUEUED, reason="", ended_at=None)
        .execution_options(synchronize_session=False)
    )
    messaging.nudge(queue.URGENT)
    return rows_changed(put_back)


def tell_filled(broadcast: Broadcast, shifts: Sequence[Shift], most: int) -> int:
    """Tell the next so many who were asked lately and are silent that it is filled; how many.

    Two statements, in the order of asking. Each is told once, whatever
    happens later; who has opted out since is passed over by the ledger.
    """
    now = clock.now()
    left = select(Message.volunteer_id).where(
        Message.run_id == broadcast.run_id, Message.purpose == ASK, Message.state.in_(ARRIVED)
    )
    chosen = (
        select(Recipient.id)
        .where(
            Recipient.broadcast_id == broadcast.id,
            Recipient.excluded == "",
            Recipient.wave.is_not(None),
            Recipient.asked_at > now - TOLD_IF_ASKED_WITHIN,
            Recipient.answer == Answer.NONE,
            Recipient.late_told_at.is_(None),
            Recipient.volunteer_id.in_(left),
        )
        .order_by(Recipient.rank)
        .limit(most)
    )
    told = db.session.execute(
        update(Recipient)
        .where(Recipient.id.in_(chosen.scalar_subquery()))
        .values(late_told_at=now)
        .execution_options(synchronize_session=False)
        .returning(Recipient.id)
    ).scalars()
    ids = list(told)
    if not ids:
        return 0
    group = shifts[0].opportunity.group.name
    asking.write_texts(
        broadcast,
        FILLED,
        lambda: segments.plain(rules.filled_text(group, broadcast.number)),
        and_(Recipient.id.in_(ids), Volunteer.sms_consent_at.is_not(None)),
        # Later it would be of no use, and might come at night.
        deadline=now + OF_USE_FOR,
    )
    messaging.nudge(queue.URGENT)
    return len(ids)
