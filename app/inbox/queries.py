"""Reads of the inbox: what waits for a person, and what was said before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, String, and_, bindparam, func, literal, select, union_all

from app.foundation import clock
from app.foundation.extensions import db
from app.inbox.models import Reply, ReplyState
from app.messaging.models import Message, State
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer

PER_PAGE: Final = 20
# Of the conversation with a phone, so many texts are shown.
REMEMBERED: Final = 8
# The purpose of what the rules answer a text with.
ANSWER: Final = "answer"
_UNSAID: Final = (State.SUPPRESSED, State.CANCELLED, State.EXPIRED)


def waiting(page: int) -> tuple[Sequence[Reply], int]:
    """A page of the replies that wait for a person, the oldest first; and how many wait."""
    wait = Reply.state == ReplyState.WAITING
    total = db.session.scalar(select(func.count()).select_from(Reply).where(wait)) or 0
    rows = select(Reply).where(wait).order_by(Reply.id)
    return _page(rows, page), total


def everything(page: int) -> tuple[Sequence[Reply], int]:
    """A page of all replies, the newest first; and how many there are."""
    total = db.session.scalar(select(func.count()).select_from(Reply)) or 0
    return _page(select(Reply).order_by(Reply.id.desc()), page), total


def _page(rows: Select[Reply], page: int) -> Sequence[Reply]:
    return db.session.scalars(rows.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()


def names(addresses: Collection[str]) -> dict[str, list[str]]:
    """The names of the volunteers behind each phone; several may share one."""
    found: dict[str, list[str]] = {}
    if addresses:
        for phone, name in db.session.execute(
            select(Volunteer.phone, Volunteer.name)
            .where(Volunteer.phone.in_(addresses), Volunteer.erased_at.is_(None))
            .order_by(Volunteer.id)
        ):
            found.setdefault(phone or "", []).append(name)
    return found


@dataclass(frozen=True)
class Sender:
    """Who may have written a text, and what we must know before we answer."""

    volunteers: Sequence[Volunteer]  # several may share a phone
    is_opted_out: bool
    answered_lately: int  # texts that the rules answered in the last hour


def _sender() -> Any:
    """The statement behind `sender_of`, made once: each text that comes in runs it."""
    address = bindparam("address", type_=String())
    answered = select(func.count()).where(
        Message.to_address == address,
        Message.purpose == ANSWER,
        Message.created_at > bindparam("lately", type_=Message.created_at.type),
    )
    one = select(literal(1).label("one")).subquery()
    return (
        select(
            volunteers.stands_for(Channel.SMS, address, bindparam("digest", type_=String())),
            answered.scalar_subquery(),
            Volunteer,
        )
        .select_from(one)
        .outerjoin(Volunteer, and_(Volunteer.phone == address, Volunteer.erased_at.is_(None)))
        .order_by(Volunteer.id)
    )


_SENDER: Final = _sender()


def sender_of(address: str) -> Sender:
    """All that one statement tells about a phone that has texted us."""
    rows = db.session.execute(
        _SENDER,
        {
            "address": address,
            "digest": volunteers.hashed(Channel.SMS, address),
            "lately": clock.now() - timedelta(hours=1),
        },
    ).all()
    return Sender(
        volunteers=[person for _, _, person in rows if person is not None],
        is_opted_out=bool(rows[0][0]),
        answered_lately=rows[0][1],
    )


@dataclass(frozen=True)
class Said:
    """One text of a conversation, theirs or ours."""

    at: datetime
    body: str
    ours: bool
    state: str


def conversation(address: str) -> list[Said]:
    """The last texts with a phone, both ways, the oldest first."""
    theirs = select(
        Reply.created_at.label("at"),
        Reply.body.label("body"),
        literal(0).label("ours"),
        literal("", String).label("state"),
    ).where(Reply.from_address == address)
    ours = select(
        Message.created_at,
        Message.body,
        literal(1),
        Message.state.cast(String),
    ).where(
        Message.to_address == address,
        Message.channel == Channel.SMS,
        Message.state.not_in(_UNSAID),
        # Codes to sign in are nobody else's business.
        ~Message.is_service,
    )
    both = union_all(theirs, ours).subquery()
    rows = db.session.execute(
        select(both).order_by(both.c.at.desc(), both.c.ours.desc()).limit(REMEMBERED)
    ).all()
    return [Said(row.at, row.body, bool(row.ours), row.state) for row in reversed(rows)]


def has_opted_out(address: str) -> bool:
    """Whether this phone asked for no more texts."""
    return volunteers.is_opted_out(Channel.SMS, address)
