"""Who is in a request, as lists: each count of its page, and why somebody stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select

from app.broadcasts import rules
from app.broadcasts.models import Answer, Broadcast, Recipient
from app.foundation.extensions import db
from app.matching.queries.people import introduce
from app.matching.queries.wish import Wish, needs
from app.messaging.models import ASK, Message, State
from app.opportunities.models import Shift
from app.signups.models import LIVE, OCCUPYING, Signup, Standing
from app.signups.rules import Exclusion
from app.volunteers.models import OptOut, Volunteer

PER_PAGE: Final = 50


@dataclass(frozen=True)
class Person:
    """One person of a request: what was written to them, what they said, how they stand."""

    volunteer_id: int
    name: str
    excluded: Exclusion | None
    metres: int
    score: int
    wave: int | None
    asked_at: datetime | None
    answer: Answer
    answered_at: datetime | None
    state: State | None
    reason: str
    standing: Standing | None
    phone: str = ""  # only where people are to be rung


def _condition(which: str) -> ColumnElement[bool] | None:
    asked = Recipient.wave.is_not(None)
    fits = Recipient.excluded == ""
    if which in rules.TEXT_GROUPS:
        return Message.state.in_(rules.TEXT_GROUPS[which])
    answers = {answer.value: and_(asked, Recipient.answer == answer) for answer in Answer}
    return {
        "fit": fits,
        "asked": asked,
        "not-asked": and_(fits, Recipient.wave.is_(None)),
        "to-ring": and_(
            fits,
            Recipient.answer.in_((Answer.NONE, Answer.UNCLEAR)),
            Volunteer.phone.is_not(None),
            Volunteer.phone.not_in(select(OptOut.address).where(OptOut.address.is_not(None))),
        ),
        "excluded": Recipient.excluded != "",
        "silent": answers["none"],
        "yes": answers["yes"],
        "no": answers["no"],
        "unclear": answers["unclear"],
    }.get(which)


def listed(
    broadcast: Broadcast,
    shifts: Sequence[Shift],
    which: str,
    *,
    reason: Exclusion | None = None,
    page: int = 1,
) -> tuple[list[Person], int]:
    """A page of one of the lists, and how many people are in it."""
    wanted = _condition(which)
    if wanted is None:
        raise LookupError(which)
    condition = and_(Recipient.broadcast_id == broadcast.id, wanted)
    if reason is not None:
        condition = and_(condition, Recipient.excluded == reason.value)
    if which == "to-ring":
        ids = [shift.id for shift in shifts]
        has_place = select(Signup.volunteer_id).where(
            Signup.shift_id.in_(ids), Signup.standing.in_(LIVE)
        )
        condition = and_(condition, Recipient.volunteer_id.not_in(has_place))
    counted = select(func.count()).select_from(Recipient).join(Recipient.volunteer)
    counted = counted.where(condition)
    order: tuple[Any, ...] = (Recipient.rank, Recipient.id)
    if which in ("yes", "no", "unclear"):
        order = (Recipient.answered_at.desc(), Recipient.id)
    paged = _people(broadcast).where(condition).order_by(*order)
    if which in rules.TEXT_GROUPS:
        # The ledger leads: it knows these few among all that were asked.
        of_run = and_(Message.run_id == broadcast.run_id, wanted, Message.purpose == ASK)
        counted = select(func.count()).select_from(Message).where(of_run)
        some = select(Message.volunteer_id).where(of_run).order_by(Message.id)
        some = some.limit(PER_PAGE).offset((page - 1) * PER_PAGE)
        these = Recipient.volunteer_id.in_(select(some.subquery().c.volunteer_id))
        paged = _people(broadcast).where(Recipient.broadcast_id == broadcast.id, these)
        paged = paged.order_by(Message.id)
    else:
        paged = paged.limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    total = db.session.scalar(counted) or 0
    rows = db.session.execute(paged).all()
    return _introduced(rows, shifts, with_phone=which == "to-ring"), total


def latest_answers(broadcast: Broadcast, shifts: Sequence[Shift], limit: int = 12) -> list[Person]:
    """Who answered last, the newest first."""
    rows = db.session.execute(
        _people(broadcast)
        .where(Recipient.broadcast_id == broadcast.id, Recipient.answered_at.is_not(None))
        .order_by(Recipient.answered_at.desc(), Recipient.id.desc())
        .limit(limit)
    ).all()
    return _introduced(rows, shifts)


def _their_text(broadcast: Broadcast) -> ColumnElement[bool]:
    return and_(
        Message.volunteer_id == Recipient.volunteer_id,
        Message.run_id == broadcast.run_id,
        Message.purpose == ASK,
    )


def _people(broadcast: Broadcast) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Recipient.volunteer_id,
            Volunteer.name,
            Volunteer.phone,
            Recipient.excluded,
            Recipient.metres,
            Recipient.score,
            Recipient.wave,
            Recipient.asked_at,
            Recipient.answer,
            Recipient.answered_at,
            Message.state,
            Message.reason,
        )
        .join(Volunteer, Volunteer.id == Recipient.volunteer_id)
        .outerjoin(Message, _their_text(broadcast))
    )


def _introduced(
    rows: Sequence[Any], shifts: Sequence[Shift], *, with_phone: bool = False
) -> list[Person]:
    standings: dict[int, Standing] = {
        row[0]: row[1]
        for row in db.session.execute(
            select(Signup.volunteer_id, Signup.standing)
            .where(
                Signup.shift_id.in_([shift.id for shift in shifts]),
                Signup.volunteer_id.in_([row.volunteer_id for row in rows]),
            )
            # Of several the live one counts, else the last.
            .order_by(Signup.standing.in_(LIVE), Signup.id)
        )
    }
    return [
        Person(
            volunteer_id=row.volunteer_id,
            name=row.name,
            excluded=Exclusion(row.excluded) if row.excluded else None,
            metres=row.metres,
            score=row.score,
            wave=row.wave,
            asked_at=row.asked_at,
            answer=row.answer,
            answered_at=row.answered_at,
            state=row.state,
            reason=row.reason or "",
            standing=standings.get(row.volunteer_id),
            phone=(row.phone or "") if with_phone else "",
        )
        for row in rows
    ]


def excluded_counts(broadcast_id: int) -> dict[Exclusion, int]:
    """How many were not asked, by reason, the most first."""
    rows = db.session.execute(
        select(Recipient.excluded, func.count().label("people"))
        .where(Recipient.broadcast_id == broadcast_id, Recipient.excluded != "")
        .group_by(Recipient.excluded)
        .order_by(func.count().desc(), Recipient.excluded)
    )
    return {Exclusion(row.excluded): row.people for row in rows}


@dataclass(frozen=True)
class Standings:
    """Who has a place on a request's shifts, who waits, and how many wait, by shift."""

    holders: dict[int, list[str]]
    queued: dict[int, list[str]]
    waiting: dict[int, int]


def standings(shifts: Sequence[Shift], most: int = 60) -> Standings:
    """The first names in order, however they came by their place; and the queues' lengths."""
    ids = [shift.id for shift in shifts]
    holders: dict[int, list[str]] = {shift_id: [] for shift_id in ids}
    queued: dict[int, list[str]] = {shift_id: [] for shift_id in ids}
    has_place = Signup.standing.in_(OCCUPYING)
    for shift_id, name, holds in db.session.execute(
        select(Signup.shift_id, Volunteer.name, has_place)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .where(Signup.shift_id.in_(ids), Signup.standing.in_(LIVE))
        .order_by(has_place.desc(), Signup.id)
        .limit(most)
    ):
        (holders if holds else queued)[shift_id].append(name)
    waiting: dict[int, int] = {
        row[0]: row[1]
        for row in db.session.execute(
            select(Signup.shift_id, func.count())
            .where(Signup.shift_id.in_(ids), Signup.standing == Standing.WAITING)
            .group_by(Signup.shift_id)
        )
    }
    return Standings(holders, queued, waiting)


def reasons(shifts: Sequence[Shift], people: Sequence[Person]) -> dict[int, list[str]]:
    """What speaks for asking each of those who fit, in words, by the first of the shifts."""
    fitting = [one for one in people if one.excluded is None]
    if not fitting or not shifts:
        return {}
    wanted = needs(Wish(shift_ids=[shift.id for shift in shifts]))
    first = wanted[0].shift_id
    rows = [(one.volunteer_id, first, one.score, one.metres * one.metres) for one in fitting]
    return {found.volunteer_id: found.reasons for found in introduce(rows, wanted)}
