"""Who a message is for, and which of them it can be written to: SQL, set by set."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select

from app.foundation import clock
from app.groups.models import Site
from app.opportunities.models import Opportunity, Shift, Stage
from app.rosters.models import RosterMessage, Scope
from app.rosters.rules import LATELY, Reach
from app.signups.models import OCCUPYING, Signup, Standing
from app.volunteers.models import Channel, GroupVolunteer, OptOut, Volunteer


def day_of(site: Site, message: RosterMessage) -> tuple[datetime, datetime]:
    """The beginning and end, in UTC, of a message's day at its site."""
    if message.day is None:
        raise ValueError("This message is not about a day.")
    there = ZoneInfo(site.zone)
    begins = datetime.combine(message.day, time(0), there)
    ends = datetime.combine(message.day + timedelta(days=1), time(0), there)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def people(message: RosterMessage) -> Select[Any]:
    """The volunteers whom a message is for, with whether and why not they are written to.

    Columns: id, name, reach. Those of a shift or day are the people with a place on it.
    """
    today = clock.today(message.site.zone if message.site else "Europe/London")
    of_group = message.scope == Scope.GROUP
    why: list[tuple[ColumnElement[bool], Reach]] = [
        (_address(message).is_(None), Reach.NO_ADDRESS),
        (opted_out(message), Reach.OPTED_OUT),
        (_consent(message).is_(None), Reach.NO_CONSENT),
    ]
    if of_group:
        # Who holds a place hears of it whatever; the others are left in peace.
        why += [
            (
                ~exists().where(
                    GroupVolunteer.volunteer_id == Volunteer.id,
                    GroupVolunteer.group_id == message.group_id,
                    GroupVolunteer.sees_profile,
                ),
                Reach.NOT_JOINED,
            ),
            (
                and_(Volunteer.paused_until.is_not(None), Volunteer.paused_until > today),
                Reach.PAUSED,
            ),
        ]
    reach = case(
        *((condition, literal(reason.value)) for condition, reason in why),
        else_=literal(Reach.WRITTEN.value),
    ).label("reach")
    return select(Volunteer.id, Volunteer.name, reach).where(
        Volunteer.erased_at.is_(None), _is_for(message)
    )


def _address(message: RosterMessage) -> ColumnElement[Any]:
    if message.channel == Channel.SMS:
        return address(message)
    return case((Volunteer.email_verified_at.is_(None), None), else_=Volunteer.email)


def address(message: RosterMessage) -> ColumnElement[Any]:
    """SQL: the contact point that the message goes to."""
    of: Any = Volunteer.phone if message.channel == Channel.SMS else Volunteer.email
    column: ColumnElement[Any] = of
    return column


def _consent(message: RosterMessage) -> ColumnElement[Any]:
    of: Any = (
        Volunteer.sms_consent_at if message.channel == Channel.SMS else Volunteer.email_consent_at
    )
    column: ColumnElement[Any] = of
    return column


def opted_out(message: RosterMessage) -> ColumnElement[bool]:
    """SQL: their contact point must not be written to."""
    return exists().where(OptOut.channel == message.channel, OptOut.address == address(message))


def _is_for(message: RosterMessage) -> ColumnElement[bool]:
    places = select(Signup.volunteer_id).join(Shift, Shift.id == Signup.shift_id)
    ours = places.join(Opportunity, Opportunity.id == Shift.opportunity_id).where(
        Opportunity.group_id == message.group_id, Shift.stage != Stage.CANCELLED
    )
    if message.scope == Scope.SHIFT:
        return Volunteer.id.in_(
            ours.where(Shift.id == message.shift_id, Signup.standing.in_(OCCUPYING))
        )
    if message.scope == Scope.DAY:
        if message.site is None:
            return literal(False)
        begins, ends = day_of(message.site, message)
        return Volunteer.id.in_(
            ours.where(
                Shift.site_id == message.site_id,
                Shift.starts_at >= begins,
                Shift.starts_at < ends,
                Signup.standing.in_(OCCUPYING),
            )
        )
    now = clock.now()
    wanted: list[ColumnElement[bool]] = [
        exists().where(
            GroupVolunteer.volunteer_id == Volunteer.id,
            GroupVolunteer.group_id == message.group_id,
        )
    ]
    if message.opportunity_id is not None:
        wanted.append(
            Volunteer.id.in_(
                ours.where(
                    Shift.opportunity_id == message.opportunity_id,
                    Shift.starts_at > now - LATELY,
                    or_(Signup.standing.in_(OCCUPYING), Signup.standing == Standing.WAITING),
                )
            )
        )
    if message.this_week:
        wanted.append(
            Volunteer.id.in_(
                ours.where(
                    Shift.ends_at > now,
                    Shift.starts_at < now + timedelta(days=7),
                    Signup.standing == Standing.CONFIRMED,
                )
            )
        )
    return and_(*wanted)
