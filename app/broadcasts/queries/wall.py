"""What a room watches on a wall while a request runs: wave by wave, who came, who is silent.

Everybody in the room can read it, and who walks by: names are the first name and an initial.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from app.broadcasts.models import Answer, Broadcast, BroadcastWave, Recipient
from app.broadcasts.queries import live
from app.broadcasts.queries.people import Standings
from app.broadcasts.words import short_name
from app.foundation.extensions import db
from app.opportunities.models import Shift
from app.volunteers.models import Volunteer

WAVES_SHOWN: Final = 6
SILENT_SHOWN: Final = 18
ANSWERS_SHOWN: Final = 9
SLOTS_SHOWN: Final = 12


@dataclass(frozen=True)
class Places:
    """One shift on the wall: who has its places, as many as can be named, and what is free."""

    shift: Shift
    names: list[str]
    more: int  # have a place and are not named
    free: int  # places that nobody has
    waiting: int


@dataclass(frozen=True)
class WaveSeen:
    """People who were asked together, and what came of it so far."""

    number: int
    asked_at: datetime
    reason: str
    answers: dict[Answer, int]

    @property
    def size(self) -> int:
        return sum(self.answers.values())


@dataclass(frozen=True)
class Said:
    """One line of the feed of answers."""

    name: str
    answer: Answer
    standing: str
    at: datetime


@dataclass(frozen=True)
class Wall:
    """A request at this moment, for a room."""

    seen: live.Seen
    places: list[Places]
    waves: list[WaveSeen]  # the newest first
    earlier_waves: int
    feed: list[Said]
    silent: list[str]  # asked last, named first

    @property
    def more_silent(self) -> int:
        return max(0, self.seen.tally.answers[Answer.NONE] - len(self.silent))


def wall(broadcast: Broadcast) -> Wall:
    """All that the wall shows, in ten statements whatever the request's size."""
    seen = live.seen(broadcast)
    waves = _waves(broadcast.id)
    return Wall(
        seen=seen,
        places=[_places(shift, seen.standings) for shift in seen.shifts],
        waves=waves[:WAVES_SHOWN],
        earlier_waves=max(0, broadcast.wave - WAVES_SHOWN),
        feed=[
            Said(short_name(one.name), one.answer, one.standing or "", one.answered_at)
            for one in seen.answers[:ANSWERS_SHOWN]
            if one.answered_at
        ],
        silent=_silent(broadcast.id),
    )


def _places(shift: Shift, standings: Standings) -> Places:
    named = [short_name(name) for name in standings.holders[shift.id][:SLOTS_SHOWN]]
    return Places(
        shift=shift,
        names=named,
        more=max(0, shift.taken - len(named)),
        free=shift.places_left,
        waiting=standings.waiting.get(shift.id, 0),
    )


def _waves(broadcast_id: int) -> list[WaveSeen]:
    counted: dict[int | None, dict[Answer, int]] = {}
    for wave, answer, people in db.session.execute(
        select(Recipient.wave, Recipient.answer, func.count())
        .where(Recipient.broadcast_id == broadcast_id, Recipient.wave.is_not(None))
        .group_by(Recipient.wave, Recipient.answer)
    ):
        counted.setdefault(wave, dict.fromkeys(Answer, 0))[answer] = people
    rows = db.session.scalars(
        select(BroadcastWave)
        .where(BroadcastWave.broadcast_id == broadcast_id)
        .order_by(BroadcastWave.wave.desc())
        .limit(WAVES_SHOWN)
    )
    return [
        WaveSeen(row.wave, row.asked_at, row.reason, counted[row.wave])
        for row in rows
        if row.wave in counted
    ]


def _silent(broadcast_id: int) -> list[str]:
    names = db.session.scalars(
        select(Volunteer.name)
        .join(Recipient, Recipient.volunteer_id == Volunteer.id)
        .where(
            Recipient.broadcast_id == broadcast_id,
            Recipient.wave.is_not(None),
            Recipient.answer == Answer.NONE,
        )
        .order_by(Recipient.wave.desc(), Recipient.rank)
        .limit(SILENT_SHOWN)
    )
    return [short_name(name) for name in names]
