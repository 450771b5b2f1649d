"""Why one volunteer fits one shift or does not: from rows to the pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from app.foundation.extensions import db
from app.groups.models import Group
from app.matching import rules
from app.matching.queries.conditions import ASK, LEFT, UNHEARD
from app.matching.queries.people import whole_metres
from app.matching.queries.wish import Need, Wish, needs
from app.matching.rules import Candidate, Request, Score
from app.messaging.models import Message
from app.opportunities.models import Shift
from app.signups.facts import person_for
from app.signups.models import LIVE, OCCUPYING, Signup
from app.signups.rules import Exclusion
from app.volunteers.models import Channel, DatesAway, GroupVolunteer, OptOut, Volunteer


@dataclass(frozen=True)
class Why:
    """How a volunteer stands to a shift.

    `exclusions` are all reasons not to ask, the one that is told first;
    empty for somebody who fits.
    """

    volunteer_id: int
    shift_id: int
    metres: int
    exclusions: list[Exclusion]
    score: Score
    reasons: list[str]


def why(volunteer_id: int, shift_id: int, wish: Wish | None = None) -> Why:
    """Explain one person on one shift, with the adjustments of a wish if there is one.

    Raises `LookupError` when there is no such volunteer or shift.
    """
    wish = wish or Wish(shift_ids=[shift_id])
    need = next(need for need in needs(wish) if need.shift_id == shift_id)
    volunteer = db.session.get(Volunteer, volunteer_id)
    shift = db.session.get(Shift, shift_id)
    if volunteer is None or shift is None:
        raise LookupError(f"No such volunteer: {volunteer_id}")
    candidate = _candidate(volunteer, shift, need, wish)
    return Why(
        volunteer_id=volunteer_id,
        shift_id=shift_id,
        metres=candidate.metres,
        exclusions=rules.exclusions(candidate, need.request),
        score=rules.score(candidate, need.request),
        reasons=rules.reasons(candidate, need.request),
    )


def _candidate(volunteer: Volunteer, shift: Shift, need: Need, wish: Wish) -> Candidate:
    request = need.request
    standings = set(
        db.session.scalars(
            select(Signup.standing).where(
                Signup.volunteer_id == volunteer.id, Signup.shift_id == shift.id
            )
        )
    )
    said_no = bool(standings & set(LEFT))
    if wish.refused is not None and not said_no:
        refused = wish.refused.subquery()
        said_no = _is_so(select(refused).where(refused.c[0] == volunteer.id))
    away = db.session.execute(
        select(DatesAway.first_day, DatesAway.last_day).where(
            DatesAway.volunteer_id == volunteer.id
        )
    ).all()
    return Candidate(
        person=person_for(volunteer, shift, request.demand),
        metres=whole_metres(
            (volunteer.east - need.east) ** 2 + (volunteer.north - need.north) ** 2
        ),
        travel_metres=volunteer.travel_metres,
        can_be_texted=rules.is_texted(
            volunteer.phone,
            volunteer.sms_consent_at is not None,
            volunteer.phone_verified_at is not None,
            volunteer.user_id is not None,
        ),
        has_opted_out=_is_so(
            select(OptOut.id).where(
                OptOut.channel == Channel.SMS, OptOut.address == volunteer.phone
            )
        ),
        paused_until=volunteer.paused_until,
        is_in=bool(standings & set(LIVE)),
        said_no=said_no,
        away=[(first, last) for first, last in away],
        free_times=volunteer.free_times,
        asks_per_week=volunteer.asks_per_week,
        asked_this_week=asked_this_week(volunteer.id, request.now),
        last_asked_at=volunteer.last_asked_at,
        helps_chosen_kinds=_is_so(
            select(GroupVolunteer.id)
            .join(Group, Group.id == GroupVolunteer.group_id)
            .where(
                GroupVolunteer.volunteer_id == volunteer.id,
                Group.kind.in_(list(wish.group_kinds)),
            )
        ),
        interests=volunteer.interests,
        knows_group=_is_so(
            select(GroupVolunteer.id).where(
                GroupVolunteer.volunteer_id == volunteer.id,
                GroupVolunteer.group_id == need.group_id,
            )
        ),
        shifts_lately=_shifts_lately(volunteer.id, request),
    )


def asked_this_week(volunteer_id: int, now: datetime) -> int:
    """How often a volunteer was asked in the week to `now`, for all groups together."""
    return _count(
        select(func.count()).where(
            Message.volunteer_id == volunteer_id,
            Message.purpose == ASK,
            Message.created_at > now - rules.WEEK,
            Message.state.not_in(UNHEARD),
        )
    )


def _shifts_lately(volunteer_id: int, request: Request) -> int:
    start = request.demand.starts_at
    return _count(
        select(func.count())
        .select_from(Signup)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.volunteer_id == volunteer_id,
            Signup.standing.in_(OCCUPYING),
            Shift.starts_at >= start - rules.LATELY,
            Shift.starts_at < start,
        )
    )


def _is_so(rows: Select[int]) -> bool:
    return bool(db.session.scalar(select(rows.exists())))


def _count(counting: Select[int]) -> int:
    return db.session.scalar(counting) or 0
