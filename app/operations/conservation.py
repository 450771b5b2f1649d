"""The books of the urgent requests: everybody who was asked is one message, in one state."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, or_, select, update

from app.broadcasts.models import Broadcast, BroadcastState, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import insert
from app.messaging.models import ASK, Message
from app.operations.models import ConservationBreach

log = logging.getLogger(__name__)

# What ended long ago changes no more; what was found wrong is looked at until it is mended.
LOOKED_AT_AFTER_ITS_END: Final = timedelta(days=2)


def check() -> int:
    """Compare people with messages, request by request, and keep what does not agree.

    Two statements read, however many requests: each in one view of the
    database, in which a wave is there whole or not at all. Returns how many
    requests are wrong now.
    """
    now = clock.now()
    wrong = _wrong()
    known = set(
        db.session.scalars(
            select(ConservationBreach.broadcast_id).where(ConservationBreach.mended_at.is_(None))
        )
    )
    if not wrong and not known:
        return 0
    for row in wrong:
        if row.id not in known:
            log.error(
                "a request asked %s people and has %s messages",
                row.asked,
                row.messages,
                extra={"broadcast_id": row.id},
            )
    with transaction():
        if wrong:
            statement = insert(ConservationBreach.__table__)
            new = statement.excluded
            db.session.execute(
                statement.on_conflict_do_update(
                    index_elements=["broadcast_id"],
                    set_={
                        "asked": new.asked,
                        "messages": new.messages,
                        "seen_at": new.seen_at,
                        "mended_at": None,
                    },
                ),
                [
                    {
                        "created_at": now,
                        "broadcast_id": row.id,
                        "asked": row.asked,
                        "messages": row.messages,
                        "seen_at": now,
                        "mended_at": None,
                    }
                    for row in wrong
                ],
            )
        db.session.execute(
            update(ConservationBreach)
            .where(
                ConservationBreach.mended_at.is_(None),
                ConservationBreach.broadcast_id.not_in([row.id for row in wrong]),
            )
            .values(mended_at=now)
        )
    return len(wrong)


def _wrong() -> list[Any]:
    looked_at = (
        select(Broadcast.id, Broadcast.run_id)
        .where(
            Broadcast.run_id.is_not(None),
            or_(
                Broadcast.state.in_((BroadcastState.RUNNING, BroadcastState.PAUSED)),
                Broadcast.ended_at > clock.now() - LOOKED_AT_AFTER_ITS_END,
                Broadcast.id.in_(
                    select(ConservationBreach.broadcast_id).where(
                        ConservationBreach.mended_at.is_(None)
                    )
                ),
            ),
        )
        .cte("looked_at")
    )
    asked = (
        select(Recipient.broadcast_id, func.count().label("number"))
        .where(
            Recipient.broadcast_id.in_(select(looked_at.c.id)),
            Recipient.wave.is_not(None),
        )
        .group_by(Recipient.broadcast_id)
        .subquery()
    )
    written = (
        select(Message.run_id, func.count().label("number"))
        .where(Message.run_id.in_(select(looked_at.c.run_id)), Message.purpose == ASK)
        .group_by(Message.run_id)
        .subquery()
    )
    people = func.coalesce(asked.c.number, 0)
    messages = func.coalesce(written.c.number, 0)
    return list(
        db.session.execute(
            select(looked_at.c.id, people.label("asked"), messages.label("messages"))
            .select_from(looked_at)
            .outerjoin(asked, asked.c.broadcast_id == looked_at.c.id)
            .outerjoin(written, written.c.run_id == looked_at.c.run_id)
            .where(people != messages)
            .order_by(looked_at.c.id)
        )
    )
