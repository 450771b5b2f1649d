"""Reads of the API: what one token's bearer may see, some on a page, in an order that holds.

A page goes on after the last row's moment and number, so that rows which come
or go meanwhile neither show twice nor push others out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    cast,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import contains_eager, joinedload

from app.api.rules import cursor_after, read_cursor
from app.api.shapes import GivenAs
from app.api.tokens import Bearer
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.model import BigId
from app.groups.models import Group, Site
from app.hours.models import Attendance, HoursRequest, RequestState
from app.opportunities.models import Opportunity, Policy, Shift, Stage
from app.signups.models import Signup, Standing
from app.volunteers.models import Channel, GroupVolunteer, OptOut, Volunteer


def _of_group(bearer: Bearer) -> list[ColumnElement[bool]]:
    """SQL: only the bearer's group's opportunities; a county's token sees each."""
    return [] if bearer.group_id is None else [Opportunity.group_id == bearer.group_id]


def _between(asked: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.from_ is not None:
        found.append(Shift.starts_at >= asked.from_)
    if asked.to is not None:
        found.append(Shift.starts_at < asked.to)
    return found


def _equal(*pairs: tuple[Any, Any]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in pairs if value is not None]


def _page(query: Select[Any], asked: Any, at: Any, number: Any) -> tuple[list[Any], str | None]:
    """The rows of a page, and the cursor of the next; `at` is None for an order by number."""
    if asked.cursor is not None:
        moment, row_id = read_cursor(asked.cursor)
        after = number > row_id
        query = query.where(after if at is None else or_(at > moment, and_(at == moment, after)))
    order = (number,) if at is None else (at, number)
    rows = list(
        db.session.execute(query.order_by(*order).limit(asked.limit + 1)).unique().scalars()
    )
    if len(rows) <= asked.limit:
        return rows, None
    rows = rows[: asked.limit]
    return rows, _cursor_of(rows[-1])


def _cursor_of(row: Any) -> str:
    if isinstance(row, Shift):
        return cursor_after(row.starts_at, row.id)
    if isinstance(row, Signup):
        return cursor_after(row.shift.starts_at, row.id)
    return cursor_after(None, row.volunteer_id if isinstance(row, GroupVolunteer) else row.id)


def sites(bearer: Bearer, asked: Any) -> tuple[list[Site], str | None]:
    """The places where the group works, by number."""
    query = select(Site)
    if bearer.group_id is not None:
        query = query.where(Site.group_id == bearer.group_id)
    return _page(query, asked, None, Site.id)


def opportunities(bearer: Bearer, asked: Any) -> tuple[list[Opportunity], str | None]:
    """Roles, drafts too, by number."""
    query = select(Opportunity).where(
        *_of_group(bearer),
        *_equal((Opportunity.site_id, asked.site_id), (Opportunity.stage, asked.status)),
    )
    return _page(query, asked, None, Opportunity.id)


def opportunity(bearer: Bearer, opportunity_id: int) -> Opportunity | None:
    return db.session.scalar(
        select(Opportunity).where(Opportunity.id == opportunity_id, *_of_group(bearer))
    )


_SHIFT: Final = (
    contains_eager(Shift.opportunity),
    joinedload(Shift.site),
    joinedload(Shift.pattern),
)


def shifts(bearer: Bearer, asked: Any) -> tuple[list[Shift], str | None]:
    """Shifts by their beginning."""
    query = (
        select(Shift)
        .join(Shift.opportunity)
        .where(
            *_of_group(bearer),
            *_between(asked),
            *_equal(
                (Shift.site_id, asked.site_id),
                (Shift.opportunity_id, asked.opportunity_id),
                (Shift.stage, asked.status),
            ),
        )
        .options(*_SHIFT)
    )
    return _page(query, asked, Shift.starts_at, Shift.id)


def shift(bearer: Bearer, shift_id: int) -> Shift | None:
    return db.session.scalar(
        select(Shift)
        .join(Shift.opportunity)
        .where(Shift.id == shift_id, *_of_group(bearer))
        .options(*_SHIFT)
    )


_SIGNUP: Final = (contains_eager(Signup.shift).contains_eager(Shift.opportunity),)


def _signups(bearer: Bearer) -> Select[Any]:
    return (
        select(Signup)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .where(*_of_group(bearer))
        .options(*_SIGNUP)
    )


def signups(bearer: Bearer, asked: Any) -> tuple[list[Signup], str | None]:
    """Sign-ups, those that have ended too, by the beginning of their shift."""
    query = _signups(bearer).where(
        *_between(asked),
        *_equal(
            (Shift.site_id, asked.site_id),
            (Signup.shift_id, asked.shift_id),
            (Signup.volunteer_id, asked.volunteer_id),
            (Signup.standing, asked.status),
        ),
    )
    return _page(query, asked, Shift.starts_at, Signup.id)


def signup(bearer: Bearer, signup_id: int) -> Signup | None:
    row: Signup | None = db.session.scalar(_signups(bearer).where(Signup.id == signup_id))
    return row


@dataclass(frozen=True)
class Given:
    """Hours that somebody gave, wherever they are kept."""

    given_as: GivenAs
    id: int
    volunteer_id: int
    day: date
    minutes: int
    signup_id: int | None = None
    shift_id: int | None = None
    opportunity_id: int | None = None
    site_id: int | None = None


# The order of the sources within one moment; a row's place is four times its number, plus this.
_SOURCES: Final = tuple(GivenAs)


def hours(bearer: Bearer, asked: Any) -> tuple[list[Given], str | None]:
    """What people gave, as their own page counts it: on shifts by their beginning.

    Time beside shifts stands where it was asked for. One statement.
    """
    sources = [_at_shifts(bearer, asked, GivenAs.PLACE), _at_shifts(bearer, asked, GivenAs.EXTRA)]
    if asked.site_id is None:
        sources.append(_beside_shifts(bearer, asked))
    every = union_all(*sources).subquery()
    query = select(every)
    if asked.cursor is not None:
        moment, place = read_cursor(asked.cursor)
        query = query.where(
            or_(every.c.moment > moment, and_(every.c.moment == moment, every.c.place > place))
        )
    rows = db.session.execute(
        query.order_by(every.c.moment, every.c.place).limit(asked.limit + 1)
    ).all()
    told = [_given(row) for row in rows[: asked.limit]]
    if len(rows) <= asked.limit:
        return told, None
    last = rows[asked.limit - 1]
    return told, cursor_after(last.moment, last.place)


def _at_shifts(bearer: Bearer, asked: Any, given_as: GivenAs) -> Select[*tuple[Any, ...]]:
    of: Any = Signup if given_as == GivenAs.PLACE else Attendance
    minutes = Signup.attended_minutes if of is Signup else Attendance.extra_minutes
    query = (
        select(
            Shift.starts_at.label("moment"),
            (of.id * 4 + _SOURCES.index(given_as)).label("place"),
            of.volunteer_id,
            minutes.label("minutes"),
            Shift.id.label("shift_id"),
            Shift.opportunity_id,
            Shift.site_id,
            Site.zone,
            cast(null(), Date).label("day"),
        )
        .select_from(of)
        .join(Shift, Shift.id == of.shift_id)
        .join(Site, Site.id == Shift.site_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .where(
            minutes > 0,
            *_of_group(bearer),
            *_between(asked),
            *_equal((Shift.site_id, asked.site_id), (of.volunteer_id, asked.volunteer_id)),
        )
    )
    if of is Attendance:
        return query.where(
            Attendance.signup_id.is_(None),
            or_(Shift.ends_at <= clock.now(), Attendance.left_at.is_not(None)),
        )
    return query.outerjoin(Attendance, Attendance.signup_id == Signup.id).where(
        Signup.standing == Standing.ATTENDED,
        or_(Shift.ends_at <= clock.now(), Attendance.left_at.is_not(None)),
    )


def _beside_shifts(bearer: Bearer, asked: Any) -> Select[*tuple[Any, ...]]:
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    query = select(
        HoursRequest.created_at.label("moment"),
        (HoursRequest.id * 4 + _SOURCES.index(GivenAs.ADDED)).label("place"),
        HoursRequest.volunteer_id,
        HoursRequest.minutes,
        cast(null(), BigId),
        cast(null(), BigId),
        cast(null(), BigId),
        cast(null(), String),
        HoursRequest.day,
    ).where(
        HoursRequest.signup_id.is_(None),
        HoursRequest.state == RequestState.APPROVED,
        *_equal(
            (HoursRequest.group_id, bearer.group_id),
            (HoursRequest.volunteer_id, asked.volunteer_id),
        ),
    )
    if asked.from_ is not None:
        query = query.where(HoursRequest.day >= _day(asked.from_, zone))
    if asked.to is not None:
        query = query.where(HoursRequest.day < _day(asked.to, zone))
    return query


def _day(moment: datetime, zone: tzinfo) -> date:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # at the ends of the calendar
        return moment.date()


def _given(row: Any) -> Given:
    number, source = divmod(row.place, 4)
    given_as = _SOURCES[source]
    return Given(
        given_as=given_as,
        id=number,
        volunteer_id=row.volunteer_id,
        day=row.day or row.moment.astimezone(ZoneInfo(row.zone)).date(),
        minutes=row.minutes,
        signup_id=number if given_as == GivenAs.PLACE else None,
        shift_id=row.shift_id,
        opportunity_id=row.opportunity_id,
        site_id=row.site_id,
    )


# A volunteer, since when they are known, and whether their profile is open to the bearer.
Known = tuple[Volunteer, datetime, bool]


def _known(bearer: Bearer) -> Select[Any]:
    if bearer.group_id is None:
        return select(Volunteer).where(Volunteer.erased_at.is_(None))
    return (
        select(GroupVolunteer)
        .join(GroupVolunteer.volunteer)
        .where(GroupVolunteer.group_id == bearer.group_id, Volunteer.erased_at.is_(None))
        .options(contains_eager(GroupVolunteer.volunteer))
    )


def _as_known(row: Volunteer | GroupVolunteer) -> Known:
    if isinstance(row, Volunteer):
        return row, row.created_at, True
    return row.volunteer, row.created_at, row.sees_profile


def volunteers(bearer: Bearer, asked: Any) -> tuple[list[Known], str | None]:
    """The people on the group's list, or all of the county, by number."""
    query = _known(bearer)
    rows, cursor = _page(query, asked, None, Volunteer.id)
    return [_as_known(row) for row in rows], cursor


def volunteer(bearer: Bearer, volunteer_id: int) -> Known | None:
    row = db.session.scalar(_known(bearer).where(Volunteer.id == volunteer_id))
    return None if row is None else _as_known(row)


def opted_out(people: Sequence[Volunteer]) -> set[tuple[Channel, str]]:
    """The addresses among those of these people that must not be written to."""
    found: set[tuple[Channel, str]] = set()
    for channel, addresses in (
        (Channel.SMS, [one.phone for one in people if one.phone]),
        (Channel.EMAIL, [one.email for one in people if one.email]),
    ):
        if addresses:
            found |= {
                (channel, str(address))
                for address in db.session.scalars(
                    select(OptOut.address).where(
                        OptOut.channel == channel, OptOut.address.in_(addresses)
                    )
                )
            }
    return found


def public_opportunities(asked: Any) -> tuple[list[Opportunity], str | None]:
    """What everybody can see: published roles of groups that are open, by number."""
    query = (
        select(Opportunity)
        .join(Opportunity.group)
        .where(*_public(), *_equal((Opportunity.group_id, asked.group_id)))
        .options(contains_eager(Opportunity.group), joinedload(Opportunity.site))
    )
    return _page(query, asked, None, Opportunity.id)


def public_shifts(asked: Any) -> tuple[list[Shift], str | None]:
    """Shifts to come that everybody can see, full ones too, by their beginning."""
    query = (
        select(Shift)
        .join(Shift.opportunity)
        .join(Opportunity.group)
        .where(
            *_public(),
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            *_between(asked),
            *_equal(
                (Opportunity.group_id, asked.group_id),
                (Shift.opportunity_id, asked.opportunity_id),
            ),
        )
        .options(*_SHIFT)
    )
    return _page(query, asked, Shift.starts_at, Shift.id)


def _public() -> list[ColumnElement[bool]]:
    return [
        Opportunity.stage == Stage.PUBLISHED,
        Opportunity.policy != Policy.INVITATION,
        Group.is_closed.is_(False),
    ]
