"""What the live page of a request shows, read in a handful of queries whatever its size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import current_app
from sqlalchemy import func, select

from app.broadcasts import asking, rules
from app.broadcasts.models import Answer, Broadcast, BroadcastWave
from app.broadcasts.queries.course import Tally, shifts_of, tally
from app.broadcasts.queries.drafts import title
from app.broadcasts.queries.people import Person, Standings, latest_answers, standings
from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.models import Message
from app.messaging.rules.segments import cost_pence
from app.opportunities.models import Shift

ROUNDS_SHOWN: Final = 30


@dataclass(frozen=True)
class Seen:
    """A request at this moment."""

    shifts: list[Shift]
    tally: Tally
    texts: dict[str, int]  # by group of `rules.TEXT_GROUPS`
    answers: list[Person]
    standings: Standings
    pence: float
    lasted: timedelta

    @property
    def title(self) -> str:
        return title(self.shifts)

    @property
    def has_room(self) -> bool:
        """Whether one of the shifts can still be asked about."""
        now = clock.now()
        return any(not shift.is_full and shift.starts_at > now for shift in self.shifts)

    @property
    def answered(self) -> int:
        """How many said anything."""
        return self.tally.asked - self.tally.answers[Answer.NONE]

    @property
    def waiting(self) -> int:
        """How many are in the queues of the shifts."""
        return sum(self.standings.waiting.values())


def seen(broadcast: Broadcast) -> Seen:
    """The live page's numbers and names. Seven queries."""
    shifts = shifts_of(broadcast.id)
    counted = tally(broadcast, shifts)
    texts = {
        group: sum(counted.messages.get(state, 0) for state in states)
        for group, states in rules.TEXT_GROUPS.items()
    }
    begun = broadcast.started_at or broadcast.created_at
    return Seen(
        shifts=shifts,
        tally=counted,
        texts=texts,
        answers=latest_answers(broadcast, shifts),
        standings=standings(shifts),
        pence=cost_pence(_segments_gone(broadcast.id), 1, current_app.config["SMS_SEGMENT_PENCE"]),
        lasted=(broadcast.ended_at or clock.now()) - begun,
    )


def _segments_gone(broadcast_id: int) -> int:
    """Of the asks, and of the texts that it is filled."""
    gone = select(func.coalesce(func.sum(Message.segments), 0)).where(
        Message.cause == asking.cause(broadcast_id), Message.state.in_(rules.GONE)
    )
    return int(db.session.scalar(gone) or 0)


def rounds(broadcast_id: int) -> list[BroadcastWave]:
    """The last rounds of asking, the newest first."""
    return list(
        db.session.scalars(
            select(BroadcastWave)
            .where(BroadcastWave.broadcast_id == broadcast_id)
            .order_by(BroadcastWave.wave.desc())
            .limit(ROUNDS_SHOWN)
        )
    )


def texts_gone(run_id: int | None) -> int:
    """How many texts of a run have left, or may have."""
    gone = select(func.count()).where(Message.run_id == run_id, Message.state.in_(rules.GONE))
    return db.session.scalar(gone) or 0
