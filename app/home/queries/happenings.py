"""What just happened in the county, in a few lines that name nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select

from app.broadcasts.models import Answer, Broadcast, BroadcastState, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Site
from app.opportunities.models import Opportunity, Shift
from app.signups.models import Signup, SignupEvent, Standing, Way

SHOWN: Final = 5
REMEMBERED: Final = timedelta(hours=24)
# What machines do by the hundred is no news.
_QUIET_WAYS: Final = (Way.STANDING, Way.RULE, Way.DEMO)
_TOLD: Final = {
    Standing.CONFIRMED: ("Somebody took a place", "good"),
    Standing.WAITING: ("Somebody joined the waiting list", ""),
    Standing.WITHDRAWN: ("Somebody dropped out", "warning"),
}
_ANSWERED: Final = {
    Answer.NO: ("Somebody said no", ""),
    Answer.UNCLEAR: ("An answer was unclear", "warning"),
}


@dataclass(frozen=True)
class Happening:
    """One thing that happened: when, what, where it belongs; and the request or shift it is of."""

    at: datetime
    what: str
    tone: str  # as `tag` and `stat` have it: good, warning or nothing
    about: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    zone: str = ""
    broadcast_id: int | None = None


def happenings() -> list[Happening]:
    """The newest first, of the last day; three statements, however much happens."""
    since = clock.now() - REMEMBERED
    found = [*_of_places(since), *_of_requests(since), *_of_answers(since)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:SHOWN]


def _of_places(since: datetime) -> list[Happening]:
    rows: Any = db.session.execute(
        select(
            SignupEvent.created_at,
            SignupEvent.after,
            Opportunity.title,
            Group.name,
            Shift.starts_at,
            Shift.ends_at,
            Site.zone,
        )
        .join(Signup, Signup.id == SignupEvent.signup_id)
        .join(Signup.shift)
        .join(Shift.site)
        .join(Shift.opportunity)
        .join(Opportunity.group)
        .where(
            SignupEvent.after.in_(_TOLD),
            SignupEvent.way.not_in(_QUIET_WAYS),
            SignupEvent.created_at > since,
        )
        .order_by(SignupEvent.id.desc())
        .limit(SHOWN)
    )
    return [
        Happening(
            row.created_at,
            *_TOLD[row.after],
            about=f"{row.title}, {row.name}",
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            zone=row.zone,
        )
        for row in rows
    ]


def _of_requests(since: datetime) -> list[Happening]:
    rows = db.session.scalars(
        select(Broadcast)
        .where(or_(Broadcast.started_at > since, Broadcast.ended_at > since))
        .order_by(Broadcast.id.desc())
        .limit(SHOWN)
    )
    told = []
    for row in rows:
        name = f"Request {row.number}"
        if row.started_at and row.started_at > since:
            told.append(Happening(row.started_at, "Help was asked for", "", name))
        if row.ended_at and row.ended_at > since:
            told.append(
                Happening(
                    row.ended_at, f"It ended. {row.ended_reason}", "", name, broadcast_id=row.id
                )
            )
    return told


def _of_answers(since: datetime) -> list[Happening]:
    rows: Any = db.session.execute(
        select(Recipient.answered_at, Recipient.answer, Broadcast.number, Broadcast.id)
        .join(Recipient.broadcast)
        .where(
            Broadcast.state.in_((BroadcastState.RUNNING, BroadcastState.PAUSED)),
            Recipient.answer.in_(_ANSWERED),
            Recipient.answered_at > since,
        )
        .order_by(Recipient.answered_at.desc())
        .limit(SHOWN)
    )
    return [
        Happening(
            row.answered_at,
            *_ANSWERED[row.answer],
            about=f"Request {row.number}",
            broadcast_id=row.id,
        )
        for row in rows
    ]
