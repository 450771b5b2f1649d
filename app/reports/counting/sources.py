"""The rows of one month, as the shifts, hours and requests themselves have them.

Each is a few set-based reads. Which day it was is said by the clock at the site, so
the last step, from a moment to a local day, is done here and not in SQL.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select

from app.broadcasts import asking
from app.broadcasts import rules as broadcast_rules
from app.broadcasts.models import Broadcast, BroadcastShift, BroadcastState, Recipient
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group, Site
from app.hours.models import Attendance, HoursRequest, RequestState
from app.messaging.models import Message
from app.opportunities.models import Opportunity, Shift, Stage
from app.reports.queries.scoped import whole
from app.reports.rules.filling import fill_minutes, opened_at
from app.reports.rules.periods import bounds, first_of, last_of, month_of, months
from app.signups.models import OCCUPYING, Signup, Standing
from app.volunteers.models import Channel

Row = dict[str, Any]
# No zone is further from the county's than this.
_A_DAY = timedelta(days=1)


def _during(column: Any, month: int) -> ColumnElement[bool]:
    """Moments that may lie in the month, whatever the zone."""
    begin, end = bounds(first_of(month), last_of(month), "UTC")
    return and_(column >= begin - _A_DAY, column < end + _A_DAY)


def _district() -> ColumnElement[str]:
    return func.coalesce(func.nullif(Site.district, ""), Group.district)


def _there(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def _of_shift(source: Any, *columns: Any) -> Select[Any]:
    """These columns of a table that names a shift, with where and when that was."""
    statement = select(
        *columns,
        Shift.starts_at,
        Site.zone,
        Opportunity.group_id,
        _district().label("district"),
    ).select_from(source)
    if source is not Shift:
        statement = statement.join(Shift, Shift.id == source.shift_id)
    return (
        statement.join(Site, Site.id == Shift.site_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Group, Group.id == Opportunity.group_id)
    )


def shifts(month: int) -> list[Row]:
    """The shifts of a local month that took place and are over."""
    over = and_(
        _during(Shift.starts_at, month),
        Shift.ends_at <= clock.now(),
        Shift.stage.in_((Stage.PUBLISHED, Stage.CLOSED)),
    )
    held = {
        shift_id: (number, last)
        for shift_id, number, last in db.session.execute(
            select(
                Signup.shift_id,
                func.count(),
                func.max(func.coalesce(Signup.confirmed_at, Signup.created_at)),
            )
            .join(Shift, Shift.id == Signup.shift_id)
            .where(over, Signup.standing.in_(OCCUPYING))
            .group_by(Signup.shift_id)
        )
    }
    rows = db.session.execute(
        _of_shift(
            Shift,
            Shift.id,
            Shift.ends_at,
            Shift.places,
            Shift.minimum,
            Shift.created_at,
            Opportunity.published_at,
        )
        .where(over)
        .order_by(Shift.id)
    )
    found = []
    for row in rows:
        local = _there(row.starts_at, row.zone)
        if month_of(local.date()) != month:
            continue
        filled, last = held.get(row.id, (0, None))
        opened = opened_at(row.created_at, row.published_at, row.starts_at)
        found.append(
            {
                "month": month,
                "day": local.date(),
                "shift_id": row.id,
                "group_id": row.group_id,
                "district": row.district,
                "weekday": local.weekday(),
                "starts": local.hour * 60 + local.minute,
                "minutes": int((row.ends_at - row.starts_at).total_seconds() // 60),
                "places": row.places,
                "filled": filled,
                "minimum": row.minimum,
                "fill_minutes": fill_minutes(opened, last, row.places, filled),
            }
        )
    return found


def given(month: int) -> list[Row]:
    """The time that people gave in a local month, as `hours.queries.given` has it of each."""
    sums: Counter[tuple[date, int, int, str]] = Counter()
    over = or_(Shift.ends_at <= clock.now(), Attendance.left_at.is_not(None))
    attended = (
        _of_shift(Signup, Signup.volunteer_id, Signup.attended_minutes.label("given"))
        .outerjoin(Attendance, Attendance.signup_id == Signup.id)
        .where(
            Signup.standing == Standing.ATTENDED,
            Signup.attended_minutes > 0,
            over,
            _during(Shift.starts_at, month),
        )
    )
    extra = _of_shift(
        Attendance, Attendance.volunteer_id, Attendance.extra_minutes.label("given")
    ).where(
        Attendance.signup_id.is_(None),
        Attendance.extra_minutes > 0,
        over,
        _during(Shift.starts_at, month),
    )
    for statement in (attended, extra):
        for row in db.session.execute(statement):
            day = _there(row.starts_at, row.zone).date()
            if month_of(day) == month:
                sums[day, row.volunteer_id, row.group_id, row.district] += row.given
    beside = (
        select(
            HoursRequest.day,
            HoursRequest.volunteer_id,
            HoursRequest.group_id,
            Group.district,
            HoursRequest.minutes,
        )
        .join(Group, Group.id == HoursRequest.group_id)
        .where(
            HoursRequest.signup_id.is_(None),
            HoursRequest.state == RequestState.APPROVED,
            HoursRequest.day.between(first_of(month), last_of(month)),
        )
    )
    for day, volunteer_id, group_id, district, minutes in db.session.execute(beside):
        sums[day, volunteer_id, group_id, district] += minutes
    return [
        {
            "month": month,
            "day": day,
            "volunteer_id": volunteer_id,
            "group_id": group_id,
            "district": district,
            "minutes": minutes,
        }
        for (day, volunteer_id, group_id, district), minutes in sorted(sums.items())
        if minutes > 0
    ]


def requests(month: int) -> list[Row]:
    """The urgent requests that began in a local month, and what they came to so far."""
    zone = current_app.config["TIMEZONE"]
    begin, end = bounds(first_of(month), last_of(month), zone)
    begun = and_(
        Broadcast.state != BroadcastState.DRAFT,
        Broadcast.started_at >= begin,
        Broadcast.started_at < end,
    )
    about = _first_shifts(begun)
    if not about:
        return []
    numbers = list(about)
    asked = dict(
        db.session.execute(
            select(Recipient.broadcast_id, func.count())
            .where(Recipient.broadcast_id.in_(numbers), Recipient.wave.is_not(None))
            .group_by(Recipient.broadcast_id)
        ).all()
    )
    texts = _texts(numbers)
    taken, free = _places(begun)
    found = []
    for number, (started_at, group_id, district) in about.items():
        sent, segments = texts.get(number, (0, 0))
        times = sorted(
            max(0, int((at - started_at).total_seconds() // 60)) for at in taken.get(number, ())
        )
        found.append(
            {
                "month": month,
                "day": _there(started_at, zone).date(),
                "broadcast_id": number,
                "group_id": group_id,
                "district": district,
                "asked": asked.get(number, 0),
                "texts": sent,
                "segments": segments,
                "taken": len(times),
                "is_filled": not free.get(number),
                "first_minutes": times[0] if times else None,
                "last_minutes": times[-1] if times else None,
            }
        )
    return found


def _first_shifts(begun: ColumnElement[bool]) -> dict[int, tuple[datetime, int, str]]:
    """Of each request: when it began, and whose shift it asked about first."""
    found: dict[int, tuple[datetime, int, str]] = {}
    for row in db.session.execute(
        select(
            Broadcast.id, Broadcast.started_at, Opportunity.group_id, _district().label("district")
        )
        .join(BroadcastShift, BroadcastShift.broadcast_id == Broadcast.id)
        .join(Shift, Shift.id == BroadcastShift.shift_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .join(Group, Group.id == Opportunity.group_id)
        .where(begun)
        .order_by(Broadcast.id, BroadcastShift.rank, BroadcastShift.id)
    ):
        if row.started_at is not None:
            found.setdefault(row.id, (row.started_at, row.group_id, row.district))
    return found


def _texts(numbers: list[int]) -> dict[int, tuple[int, int]]:
    """(texts, segments) that have left for each request."""
    causes = {asking.cause(number): number for number in numbers}
    return {
        causes[cause]: (sent, segments)
        for cause, sent, segments in db.session.execute(
            select(Message.cause, func.count(), whole(Message.segments))
            .where(
                Message.cause.in_(causes),
                Message.channel == Channel.SMS,
                Message.state.in_(broadcast_rules.GONE),
            )
            .group_by(Message.cause)
        )
    }


def _places(begun: ColumnElement[bool]) -> tuple[dict[int, list[datetime]], dict[int, int]]:
    """When each place was taken through each request, and how many stayed free."""
    taken: defaultdict[int, list[datetime]] = defaultdict(list)
    through = literal(asking.cause(0)[:-1]).concat(cast(Broadcast.id, String))
    for number, at in db.session.execute(
        select(Broadcast.id, func.coalesce(Signup.confirmed_at, Signup.created_at))
        .join(BroadcastShift, BroadcastShift.broadcast_id == Broadcast.id)
        .join(Signup, Signup.shift_id == BroadcastShift.shift_id)
        .where(begun, Signup.standing.in_(OCCUPYING), Signup.cause == through)
    ):
        taken[number].append(at)
    free = dict(
        db.session.execute(
            select(Broadcast.id, whole(Shift.places - Shift.taken))
            .join(BroadcastShift, BroadcastShift.broadcast_id == Broadcast.id)
            .join(Shift, Shift.id == BroadcastShift.shift_id)
            .where(begun)
            .group_by(Broadcast.id)
        ).all()
    )
    return taken, free


def asks(month: int) -> list[Row]:
    """How often each volunteer was asked on each local day of a month, and for whom."""
    zone = current_app.config["TIMEZONE"]
    begin, end = bounds(first_of(month), last_of(month), zone)
    within = and_(Recipient.asked_at >= begin, Recipient.asked_at < end)
    numbers = list(
        db.session.scalars(
            select(Broadcast.id).where(
                Broadcast.started_at < end,
                or_(Broadcast.ended_at.is_(None), Broadcast.ended_at >= begin),
            )
        )
    )
    if not numbers:
        return []
    about = _first_shifts(Broadcast.id.in_(numbers))
    sums: Counter[tuple[date, int, int, str]] = Counter()
    for number, volunteer_id, asked_at in db.session.execute(
        select(Recipient.broadcast_id, Recipient.volunteer_id, Recipient.asked_at).where(
            Recipient.broadcast_id.in_(numbers), Recipient.wave.is_not(None), within
        )
    ):
        if number in about and asked_at is not None:
            _, group_id, district = about[number]
            sums[_there(asked_at, zone).date(), volunteer_id, group_id, district] += 1
    return [
        {
            "month": month,
            "day": day,
            "volunteer_id": volunteer_id,
            "group_id": group_id,
            "district": district,
            "asks": number,
        }
        for (day, volunteer_id, group_id, district), number in sorted(sums.items())
    ]


def known_months() -> list[int]:
    """The months that may hold anything, from the first shift, hours or request until now."""
    first: date | None = None
    zone = current_app.config["TIMEZONE"]
    for column in (func.min(Shift.starts_at), func.min(Broadcast.started_at)):
        moment = db.session.scalar(select(column))
        if moment is not None:
            day = _there(moment, zone).date()
            first = min(first, day) if first else day
    added = db.session.scalar(select(func.min(HoursRequest.day)))
    if added is not None:
        first = min(first, added) if first else added
    return [] if first is None else list(months(first, clock.today(zone)))
