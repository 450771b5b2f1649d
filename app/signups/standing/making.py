"""The places of standing volunteers: made with the shifts, given up where they do not hold.

What should be and is not is found in SQL (`due`, `surplus`), so all here may
run at any time and however often. Locks, always in this order: the shift's
row, the standing place's, the volunteer's.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    delete,
    exists,
    literal,
    or_,
    select,
    update,
)

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import N_
from app.foundation.transaction import transaction
from app.foundation.upsert import insert
from app.groups.models import Site
from app.opportunities.models import Opportunity, Pattern, Shift, Stage
from app.opportunities.slots import of_shift
from app.signups import service
from app.signups.models import LIVE, Signup, SignupEvent, Standing, Way
from app.signups.rows import lock_volunteer, locked
from app.signups.standing import telling
from app.signups.standing.models import (
    Difference,
    StandingDate,
    StandingPlace,
    StandingState,
    cause_of,
)
from app.signups.standing.rules import is_away, wants
from app.volunteers.models import DatesAway

log = logging.getLogger(__name__)

# A place that could not be made is tried again so often.
TRIED_AGAIN_AFTER: Final = timedelta(hours=6)
FULL: Final = N_("Every place is taken.")
DUTY_FULL: Final = N_("Every place for this duty is taken.")
NO_DUTY: Final = N_("This shift has no such duty.")


@dataclass(frozen=True)
class Due:
    """A shift on which a standing place should have its volunteer."""

    standing_id: int
    shift_id: int
    day: date


@dataclass(frozen=True)
class Filled:
    """What came of making places."""

    made: int = 0
    missed: int = 0

    def __add__(self, other: Filled) -> Filled:
        return Filled(self.made + other.made, self.missed + other.missed)


class _NoRoom(Exception):
    """Rolls a claim back that would only wait."""


def same_series() -> ColumnElement[bool]:
    """SQL: the shift is of the joined pattern, or of one that it follows or that follows it."""
    return Shift.series == Pattern.series


def follow(pattern_id: int, to: int) -> None:
    """Standing places go on with the pattern that has what is to come; in the open transaction."""
    db.session.execute(
        update(StandingPlace).where(StandingPlace.pattern_id == pattern_id).values(pattern_id=to)
    )


def due(
    *,
    standing_ids: Collection[int] | None = None,
    shift_ids: Collection[int] | None = None,
    again: bool = False,
) -> list[Due]:
    """Coming shifts without the place that they should have, the earliest first.

    Not those that somebody skips, is away on, or has left by another door.
    What could not be made is looked at again after some hours, or now with `again`.
    """
    now = clock.now()
    given_up = exists().where(
        SignupEvent.signup_id == Signup.id,
        SignupEvent.way == Way.STANDING,
        SignupEvent.after == Standing.WITHDRAWN,
    )
    settled = exists().where(
        Signup.shift_id == Shift.id,
        Signup.volunteer_id == StandingPlace.volunteer_id,
        or_(Signup.standing.in_(LIVE), and_(Signup.standing != Standing.CANCELLED, ~given_up)),
    )
    stays_away: list[Any] = [StandingDate.kind == Difference.SKIPPED]
    if not again:
        stays_away.append(StandingDate.tried_at > now - TRIED_AGAIN_AFTER)
    different = exists().where(
        StandingDate.standing_place_id == StandingPlace.id,
        StandingDate.day == Shift.occurrence_day,
        or_(*stays_away),
    )
    query = (
        select(
            StandingPlace,
            Shift.id,
            Shift.occurrence_day,
            Shift.starts_at,
            Shift.ends_at,
            Site.zone,
        )
        .join(Pattern, Pattern.id == StandingPlace.pattern_id)
        .join(Shift, same_series())
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Site, Site.id == Shift.site_id)
        .where(
            StandingPlace.state == StandingState.ACTIVE,
            Shift.stage == Stage.PUBLISHED,
            Opportunity.stage == Stage.PUBLISHED,
            Shift.starts_at > now,
            Shift.occurrence_day.is_not(None),
            Shift.occurrence_day >= StandingPlace.first_day,
            or_(StandingPlace.last_day.is_(None), Shift.occurrence_day <= StandingPlace.last_day),
            ~settled,
            ~different,
        )
        .order_by(Shift.starts_at, Shift.id, StandingPlace.id)
    )
    if standing_ids is not None:
        query = query.where(StandingPlace.id.in_(list(standing_ids)))
    if shift_ids is not None:
        query = query.where(Shift.id.in_(list(shift_ids)))
    rows = [row for row in db.session.execute(query) if wants(row[0].stand, row.occurrence_day)]
    away = stretches({row[0].volunteer_id for row in rows})
    return [
        Due(row[0].id, row.id, row.occurrence_day)
        for row in rows
        if not is_away(
            *local_days(row.starts_at, row.ends_at, row.zone), away.get(row[0].volunteer_id, [])
        )
    ]


def local_days(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[date, date]:
    """The first and last day that a shift touches where it is; midnight touches no next day."""
    there = ZoneInfo(zone)
    last = (ends_at - timedelta(microseconds=1)).astimezone(there).date()
    return starts_at.astimezone(there).date(), last


def stretches(volunteer_ids: Collection[int]) -> dict[int, list[tuple[date, date]]]:
    """When each of the volunteers is away: (first day, last day)."""
    found: dict[int, list[tuple[date, date]]] = {}
    if volunteer_ids:
        for volunteer_id, first, last in db.session.execute(
            select(DatesAway.volunteer_id, DatesAway.first_day, DatesAway.last_day).where(
                DatesAway.volunteer_id.in_(volunteer_ids)
            )
        ):
            found.setdefault(volunteer_id, []).append((first, last))
    return found


def fill(
    *,
    standing_ids: Collection[int] | None = None,
    shift_ids: Collection[int] | None = None,
    again: bool = True,
) -> Filled:
    """Make what is due, each place in a transaction of its own or in the one that is open.

    Those of whom a place could not be made are told once, with the reason.
    """
    filled = Filled()
    concerned: list[int] = []
    for one in due(standing_ids=standing_ids, shift_ids=shift_ids, again=again):
        filled += _place(one)
        concerned.append(one.standing_id)
    for standing_id in dict.fromkeys(concerned):
        telling.tell_differences(standing_id)
    return filled


def _place(wanted: Due) -> Filled:
    with transaction():
        shifts = locked([wanted.shift_id])
        standing = locked_standing(wanted.standing_id)
        if not shifts or standing is None or not _still_due(standing, shifts[0], wanted.day):
            return Filled()
        reason = _claim(standing, shifts[0])
        if reason:
            _note_missed(standing.id, wanted.day, reason)
            return Filled(missed=1)
        missed_before = db.session.scalar(
            delete(StandingDate)
            .where(
                StandingDate.standing_place_id == standing.id,
                StandingDate.day == wanted.day,
                StandingDate.kind == Difference.MISSED,
            )
            .returning(StandingDate.told_at)
        )
        if missed_before is not None:
            telling.tell_made_after_all(standing, shifts[0])
        return Filled(made=1)


def _still_due(standing: StandingPlace, shift: Shift, day: date) -> bool:
    """Whether it is due under the locks as well."""
    if standing.state != StandingState.ACTIVE or not wants(standing.stand, day):
        return False
    lock_volunteer(standing.volunteer_id)
    return bool(due(standing_ids=[standing.id], shift_ids=[shift.id], again=True))


def _claim(standing: StandingPlace, shift: Shift) -> str:
    """Take the place; why it could not be, in a sentence to its volunteer, or nothing."""
    if shift.is_full:
        return FULL
    slot_id = None
    slots = of_shift(shift.id) if standing.duty_id is not None else []
    if slots:
        slot = next((slot for slot in slots if slot.duty_id == standing.duty_id), None)
        if slot is None:
            return NO_DUTY
        if not slot.places_left:
            return DUTY_FULL
        slot_id = slot.id
    try:
        with db.session.begin_nested():
            signup = service.claim(
                shift.id,
                standing.volunteer_id,
                way=Way.STANDING,
                cause=standing.cause,
                slot_id=slot_id,
                by_user_id=standing.decided_by_id,
                tell=False,
            )
            if signup.standing == Standing.WAITING:
                raise _NoRoom
    except Refusal as refusal:
        return refusal.sentence
    except _NoRoom:
        return FULL
    return ""


def _note_missed(standing_id: int, day: date, reason: str) -> None:
    """Keep that the place could not be made. It is told once; the page has the latest reason."""
    now = clock.now()
    table = StandingDate.__table__
    row = {
        "created_at": now,
        "standing_place_id": standing_id,
        "day": day,
        "kind": Difference.MISSED,
        "reason": reason[:300],
        "tried_at": now,
    }
    writing = insert(table).values(row)
    db.session.execute(
        writing.on_conflict_do_update(
            index_elements=[table.c.standing_place_id, table.c.day],
            set_={"tried_at": now, "reason": row["reason"]},
            where=table.c.kind == Difference.MISSED,
        )
    )


def locked_standing(standing_id: int) -> StandingPlace | None:
    """Lock a standing place's row and read it afresh."""
    return db.session.scalar(
        select(StandingPlace)
        .where(StandingPlace.id == standing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


@dataclass(frozen=True)
class Surplus:
    """A place that a standing place made and that does not hold any more, and why."""

    shift_id: int
    volunteer_id: int
    reason: str
    by_user_id: int | None


def surplus(standing_ids: Collection[int] | None = None) -> list[Surplus]:
    """Coming places beyond the end of their standing place, or on a day that is skipped."""
    skipped = exists().where(
        StandingDate.standing_place_id == StandingPlace.id,
        StandingDate.day == Shift.occurrence_day,
        StandingDate.kind == Difference.SKIPPED,
    )
    beyond = and_(
        ~StandingPlace.keeps_made,
        StandingPlace.ended_at.is_not(None),
        StandingPlace.last_day.is_not(None),
        Shift.occurrence_day > StandingPlace.last_day,
    )
    query = (
        select(Signup, StandingPlace, skipped.label("skipped"))
        .join(
            StandingPlace,
            and_(
                Signup.cause == literal("standing:") + cast(StandingPlace.id, String),
                Signup.volunteer_id == StandingPlace.volunteer_id,
            ),
        )
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.way == Way.STANDING,
            Signup.standing.in_(LIVE),
            Shift.starts_at > clock.now(),
            or_(beyond, skipped),
        )
        .order_by(Shift.id)
    )
    if standing_ids is not None:
        query = query.where(
            StandingPlace.id.in_(list(standing_ids)),
            Signup.cause.in_([cause_of(one) for one in standing_ids]),
        )
    return [
        Surplus(
            signup.shift_id,
            signup.volunteer_id,
            telling.SKIPPED if is_skipped else telling.ended_because(standing),
            standing.ended_by_id,
        )
        for signup, standing, is_skipped in db.session.execute(query)
    ]


def give_up(places: Sequence[Surplus]) -> int:
    """Leave these places, each noted with why; how many were held."""
    left = 0
    for place in places:
        try:
            signup = service.withdraw(
                place.shift_id,
                place.volunteer_id,
                way=Way.STANDING,
                reason=place.reason,
                by_user_id=place.by_user_id,
                tell=False,
            )
        except Refusal:  # it has ended in the meantime: attendance is what counts now
            log.info("shift %s is over, so its standing place stays", place.shift_id)
            continue
        left += signup is not None
    return left


def sweep() -> None:
    """Make and give up what a killed worker or a lost nudge left undone; from SQL alone."""
    give_up(surplus())
    fill(again=False)
    telling.tell_all()
    today = clock.now().date()
    with transaction():
        for standing in db.session.scalars(
            select(StandingPlace)
            .where(StandingPlace.state == StandingState.ACTIVE, StandingPlace.last_day < today)
            .with_for_update()
        ):
            standing.state = StandingState.ENDED
