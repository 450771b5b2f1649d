"""Reads of messages to rosters, and of what is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound

from app.foundation import clock, languages
from app.foundation.extensions import db
from app.groups.models import Site
from app.messaging import queries as messages
from app.messaging.models import Message, State
from app.messaging.queries import knows_how_to_stop
from app.messaging.rules import opting_out, segments
from app.messaging.rules.quiet import in_quiet_hours, next_allowed
from app.opportunities.models import Duty, Opportunity, Shift, Slot, Stage
from app.rosters import audience
from app.rosters.models import RosterMessage, RosterRecipient
from app.rosters.rules import Reach, text_of
from app.signups.models import OCCUPYING, Signup, Standing
from app.volunteers.models import Channel, GroupVolunteer, Volunteer

NOT_REACHED = (State.FAILED, State.UNDELIVERED, State.SUPPRESSED, State.EXPIRED, State.CANCELLED)
NAMES_SHOWN = 200


def message_of(group_id: int, message_id: int) -> RosterMessage:
    """A message of this group with what it is about, or 404."""
    message = db.session.scalar(
        select(RosterMessage)
        .where(RosterMessage.id == message_id, RosterMessage.group_id == group_id)
        .options(
            joinedload(RosterMessage.group),
            joinedload(RosterMessage.by_user),
            joinedload(RosterMessage.run),
            joinedload(RosterMessage.site),
            joinedload(RosterMessage.opportunity),
            joinedload(RosterMessage.shift).joinedload(Shift.opportunity),
            joinedload(RosterMessage.shift).joinedload(Shift.site),
        )
        .execution_options(populate_existing=True)
    )
    if message is None:
        raise NotFound
    return message


def latest(group_id: int, limit: int = 50) -> Sequence[RosterMessage]:
    """The group's messages, drafts among them, the newest first."""
    return db.session.scalars(
        select(RosterMessage)
        .where(RosterMessage.group_id == group_id)
        .options(
            joinedload(RosterMessage.site),
            joinedload(RosterMessage.opportunity),
            joinedload(RosterMessage.by_user),
            joinedload(RosterMessage.shift).joinedload(Shift.opportunity),
            joinedload(RosterMessage.shift).joinedload(Shift.site),
        )
        .order_by(RosterMessage.id.desc())
        .limit(limit)
    ).all()


@dataclass(frozen=True)
class Look:
    """What sending a draft would do."""

    text: str
    segments: int
    segments_told: int  # at most, for those who must also be told how to stop in their language
    to_be_told: int  # so many of them
    reached: int
    not_reached: dict[Reach, list[str]]  # names by reason
    pence: float
    leaves_at: datetime | None  # where the quiet hours hold it back

    @property
    def left_out(self) -> int:
        return sum(len(names) for names in self.not_reached.values())


def look(message: RosterMessage) -> Look:
    """Two statements, however many people."""
    rows = db.session.execute(
        audience.people(message)
        .add_columns(Volunteer.language)
        .order_by(Volunteer.name, Volunteer.id)
    ).all()
    reached = sum(row.reach == Reach.WRITTEN for row in rows)
    missing: dict[Reach, list[str]] = {}
    for row in rows:
        if row.reach != Reach.WRITTEN:
            missing.setdefault(Reach(row.reach), []).append(row.name)
    config, now = current_app.config, clock.now()
    by_text = message.channel == Channel.SMS
    text = segments.plain(text_of(message.group.name, message.body))
    plain = segments.count(text).segments
    takes = {code: _with_notice(text, code) for code in {row.language for row in rows}}
    needs_notice = by_text and not opting_out.tells(text)
    to_be_told = _to_be_told(message, now) if needs_notice else {}
    number = plain * (reached - sum(to_be_told.values())) if by_text else 0
    number += sum(takes[code] * people for code, people in to_be_told.items())
    quiet = in_quiet_hours(now, config["TIMEZONE"], config["QUIET_HOURS"])
    return Look(
        text=text,
        segments=plain,
        segments_told=max((takes[code] for code in to_be_told), default=plain),
        to_be_told=sum(to_be_told.values()),
        reached=reached,
        not_reached=missing,
        pence=segments.cost_pence(number, 1, config["SMS_SEGMENT_PENCE"]),
        leaves_at=next_allowed(now, config["TIMEZONE"], config["QUIET_HOURS"]) if quiet else None,
    )


def _with_notice(text: str, language: str) -> int:
    """How many segments the text takes when it says how to stop in a language."""
    with languages.speaking(language):
        return segments.count(opting_out.told(text)).segments


def _to_be_told(message: RosterMessage, now: datetime) -> Counter[str]:
    """How many must also be told how to stop, by their language."""
    people = audience.people(message).subquery()
    codes = db.session.scalars(
        select(Volunteer.language)
        .join(people, people.c.id == Volunteer.id)
        .where(
            people.c.reach == Reach.WRITTEN.value,
            ~knows_how_to_stop(Volunteer.phone, now - opting_out.EVERY),
        )
    )
    return Counter(codes)


@dataclass(frozen=True)
class Progress:
    """How far a sent message has come."""

    counts: dict[State, int]
    left_out: dict[Reach, list[str]]
    failed: Sequence[tuple[str, str]]  # name and why, of what could not be brought

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        return self.counts[State.QUEUED] + self.counts[State.LEASED]

    @property
    def delivered(self) -> int:
        return self.counts[State.DELIVERED]

    @property
    def on_its_way(self) -> int:
        return self.total - self.waiting - self.delivered - self.not_brought

    @property
    def not_brought(self) -> int:
        return sum(self.counts[state] for state in NOT_REACHED)


def progress(message: RosterMessage) -> Progress:
    """Three statements, however many people."""
    run_id = message.run_id or 0
    left_out: dict[Reach, list[str]] = {}
    for reach, name in db.session.execute(
        select(RosterRecipient.reach, Volunteer.name)
        .join(Volunteer, Volunteer.id == RosterRecipient.volunteer_id)
        .where(
            RosterRecipient.roster_message_id == message.id,
            RosterRecipient.reach != Reach.WRITTEN,
        )
        .order_by(Volunteer.name)
    ):
        left_out.setdefault(reach, []).append(name)
    failed = db.session.execute(
        select(Volunteer.name, Message.reason)
        .join(Volunteer, Volunteer.id == Message.volunteer_id)
        .where(Message.run_id == run_id, Message.state.in_(NOT_REACHED))
        .order_by(Volunteer.name)
        .limit(NAMES_SHOWN)
    ).all()
    return Progress(
        messages.counts_of_run(run_id), left_out, [(row.name, row.reason) for row in failed]
    )


# --- what is printed --------------------------------------------------------------------


@dataclass(frozen=True)
class PrintedShift:
    """One shift on paper: its duties with their people, and the places that are free."""

    shift: Shift
    duties: list[PrintedDuty]


@dataclass
class PrintedDuty:
    """A duty's people by name; `name` is empty where a shift has no duties."""

    name: str
    places: int
    people: list[str] = field(default_factory=list)

    @property
    def free(self) -> int:
        return max(0, self.places - len(self.people))


def rota_of(site: Site, monday: date) -> list[tuple[date, list[PrintedShift]]]:
    """A week of one site, day by day, each with its shifts. Three statements."""
    there = ZoneInfo(site.zone)
    begins = datetime.combine(monday, time(0), there).astimezone(UTC)
    ends = datetime.combine(monday + timedelta(days=7), time(0), there).astimezone(UTC)
    this_week = and_(
        Shift.site_id == site.id,
        Shift.starts_at >= begins,
        Shift.starts_at < ends,
        Shift.stage.in_((Stage.PUBLISHED, Stage.CLOSED)),
    )
    shifts = db.session.scalars(
        select(Shift)
        .where(this_week)
        .options(joinedload(Shift.opportunity))
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    these = select(Shift.id).where(this_week)
    duties: dict[int, dict[int, PrintedDuty]] = {shift.id: {} for shift in shifts}
    for slot, name in db.session.execute(
        select(Slot, Duty.name)
        .join(Duty, Duty.id == Slot.duty_id)
        .where(Slot.shift_id.in_(these))
        .order_by(Duty.rank, Duty.id)
    ):
        duties[slot.shift_id][slot.id] = PrintedDuty(name, slot.places)
    for shift in shifts:
        if not duties[shift.id]:
            duties[shift.id][0] = PrintedDuty("", shift.places)
    for shift_id, slot_id, name in db.session.execute(
        select(Signup.shift_id, Signup.slot_id, Volunteer.name)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .where(Signup.shift_id.in_(these), Signup.standing.in_(OCCUPYING))
        .order_by(Signup.id)
    ):
        of_shift = duties[shift_id]
        # Somebody without a duty, on a shift that has some, is not left out of the paper.
        duty = of_shift.get(slot_id or 0) or of_shift.setdefault(0, PrintedDuty("Anything", 0))
        duty.people.append(name)
    days: dict[date, list[PrintedShift]] = {}
    for shift in shifts:
        day = shift.starts_at.astimezone(there).date()
        printed = PrintedShift(shift, list(duties[shift.id].values()))
        days.setdefault(day, []).append(printed)
    return list(days.items())


@dataclass
class Listed:
    """One person on the phone list, with all their shifts of its days."""

    name: str
    phone: str
    emergency_name: str
    emergency_phone: str
    shifts: list[Shift] = field(default_factory=list)


def phone_list(group_id: int, site: Site, days: int) -> list[Listed]:
    """Who has a place at the site from now until so many days are over, by name.

    Contact details only of those who have joined the group themselves.
    """
    there = ZoneInfo(site.zone)
    now = clock.now()
    last = clock.today(site.zone) + timedelta(days=days)
    ends = datetime.combine(last, time(0), there).astimezone(UTC)
    found: dict[int, Listed] = {}
    for volunteer, shift, joined in db.session.execute(
        select(Volunteer, Shift, GroupVolunteer.id)
        .select_from(Signup)
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Opportunity, Opportunity.id == Shift.opportunity_id)
        .outerjoin(
            GroupVolunteer,
            and_(
                GroupVolunteer.volunteer_id == Volunteer.id,
                GroupVolunteer.group_id == group_id,
                GroupVolunteer.sees_profile,
            ),
        )
        .where(
            Opportunity.group_id == group_id,
            Shift.site_id == site.id,
            Shift.stage != Stage.CANCELLED,
            Shift.ends_at > now,
            Shift.starts_at < ends,
            Signup.standing.in_((Standing.CONFIRMED, Standing.ATTENDED)),
            Volunteer.erased_at.is_(None),
        )
        .options(joinedload(Shift.opportunity))
        .order_by(Volunteer.name, Volunteer.id, Shift.starts_at)
    ):
        listed = found.setdefault(
            volunteer.id,
            Listed(
                volunteer.name,
                volunteer.phone or "" if joined else "",
                volunteer.emergency_name if joined else "",
                volunteer.emergency_phone if joined else "",
            ),
        )
        listed.shifts.append(shift)
    return list(found.values())
