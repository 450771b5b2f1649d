"""The plain way to find an audience: load everybody as objects and ask the rules in a loop.

It is what a small program would do and what the pure rules allow. Here it is
written with care, one query a table and no query a person, so that the
comparison is fair; and it must arrive at the same numbers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.foundation import clock
from app.foundation.extensions import db
from app.matching import rules
from app.matching.queries.conditions import ASK, LEFT, UNHEARD
from app.matching.queries.people import whole_metres
from app.matching.queries.wish import Wish, needs
from app.matching.rules import Candidate
from app.messaging.models import Message
from app.opportunities.models import Shift
from app.signups.models import LIVE, OCCUPYING, Signup
from app.signups.rules import Exclusion, Held, Person
from app.volunteers.models import (
    Channel,
    DatesAway,
    DbsCheck,
    GroupVolunteer,
    OptOut,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.vocabulary import Training

Found = tuple[int, dict[Exclusion, int], list[int]]


def audience(wish: Wish, shown: int) -> Found:
    """The size of the audience of one shift, who is excluded why, and the first to ask."""
    [need] = needs(wish)
    request = need.request
    shift = db.session.get_one(Shift, need.shift_id)
    trainings = _by_person(db.session.scalars(select(TrainingRecord)))
    checks = _by_person(db.session.scalars(select(DbsCheck)))
    away = _by_person(db.session.scalars(select(DatesAway)))
    groups = _by_person(db.session.scalars(select(GroupVolunteer)))
    signups = _by_person(db.session.scalars(select(Signup)))
    shifts = {found.id: found for found in db.session.scalars(select(Shift))}
    opted_out = set(db.session.scalars(select(OptOut.address).where(OptOut.channel == Channel.SMS)))
    asked = Counter(
        message.volunteer_id
        for message in db.session.scalars(
            select(Message).where(
                Message.purpose == ASK, Message.created_at > clock.now() - rules.WEEK
            )
        )
        if message.state not in UNHEARD
    )
    excluded: Counter[Exclusion] = Counter()
    fitting: list[tuple[int, int, int, str]] = []
    for one in db.session.scalars(select(Volunteer).where(Volunteer.erased_at.is_(None))):
        held = Training(0)
        for record in trainings[one.id]:
            if record.valid_until is None or record.valid_until >= need.day:
                held |= record.training
        places = [
            shifts[row.shift_id]
            for row in signups[one.id]
            if row.standing in OCCUPYING and row.shift_id != shift.id
        ]
        here = {row.standing for row in signups[one.id] if row.shift_id == shift.id}
        square = (one.east - need.east) ** 2 + (one.north - need.north) ** 2
        start = request.demand.starts_at
        candidate = Candidate(
            person=Person(
                age_band=one.age_band,
                guardian_agreed=one.guardian_consent_at is not None,
                names_emergency_contact=bool(one.emergency_phone),
                skills=one.skills,
                languages=one.languages,
                trainings=held,
                checks=[Held(row.level, row.workforce, row.issued_on) for row in checks[one.id]],
                busy=[(place.starts_at, place.ends_at) for place in places],
            ),
            metres=whole_metres(square),
            travel_metres=one.travel_metres,
            can_be_texted=rules.is_texted(
                one.phone,
                one.sms_consent_at is not None,
                one.phone_verified_at is not None,
                one.user_id is not None,
            ),
            has_opted_out=one.phone in opted_out,
            paused_until=one.paused_until,
            is_in=bool(here & set(LIVE)),
            said_no=bool(here & set(LEFT)),
            away=[(row.first_day, row.last_day) for row in away[one.id]],
            free_times=one.free_times,
            asks_per_week=one.asks_per_week,
            asked_this_week=asked[one.id],
            last_asked_at=one.last_asked_at,
            interests=one.interests,
            knows_group=any(row.group_id == need.group_id for row in groups[one.id]),
            shifts_lately=sum(
                1 for place in places if start - rules.LATELY <= place.starts_at < start
            ),
        )
        if against := rules.exclusions(candidate, request):
            excluded[against[0]] += 1
        else:
            score = rules.score(candidate, request).total
            fitting.append((-score, square, one.id, one.phone or ""))
    fitting.sort()
    phones: dict[str, int] = {}
    for _, _, volunteer_id, phone in fitting:
        phones.setdefault(phone, volunteer_id)
    if len(phones) < len(fitting):
        excluded[Exclusion.SAME_PHONE] = len(fitting) - len(phones)
    return len(phones), dict(excluded), list(phones.values())[:shown]


def _by_person(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.volunteer_id].append(row)
    return found
