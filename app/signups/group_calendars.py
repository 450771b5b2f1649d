"""A group's shifts, or one site's, under secret addresses for its managers' calendar programs."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from icalendar import Event
from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import joinedload

from app.accounts import audit
from app.accounts.models import CountyRole, User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group, Membership, Part, Site
from app.opportunities.models import Duty, Opportunity, Shift, Slot, Stage
from app.signups.calendars import CANCELLED_KEPT, hashed, published
from app.signups.invitation import bare_event, host
from app.signups.models import OCCUPYING, GroupCalendar, Names, Signup
from app.volunteers.models import Volunteer
from app.web.filters import plural

BACK: Final = timedelta(days=30)
AHEAD: Final = timedelta(weeks=13)
MOST_IN_USE: Final = 30
_READ_NOTED_EVERY: Final = timedelta(minutes=10)


def make(group_id: int, site_id: int | None, names: Names, user_id: int) -> str:
    """A new secret token for one manager's calendar program; it is told once.

    Raises `Refusal` for a site that is not the group's, and beyond so many in use.
    """
    token = secrets.token_urlsafe(24)
    with transaction():
        if site_id is not None and not db.session.scalar(
            select(exists().where(Site.id == site_id, Site.group_id == group_id))
        ):
            raise Refusal("Choose one of your sites.", "site")
        if len(in_use(group_id)) >= MOST_IN_USE:
            raise Refusal(f"{MOST_IN_USE} addresses are in use. Stop one that nobody reads first.")
        row = GroupCalendar(
            group_id=group_id,
            site_id=site_id,
            user_id=user_id,
            names=names,
            token_hash=hashed(token),
        )
        db.session.add(row)
        db.session.flush()
        audit.record("made calendar address", subject=row, group_id=group_id, names=names.value)
    return token


def stop(group_id: int, calendar_id: int) -> bool:
    """The address works no more; whether it is one of this group's that did."""
    with transaction():
        row = db.session.scalar(
            select(GroupCalendar).where(
                GroupCalendar.id == calendar_id,
                GroupCalendar.group_id == group_id,
                GroupCalendar.revoked_at.is_(None),
            )
        )
        if row is None:
            return False
        row.revoked_at = clock.now()
        audit.record("stopped calendar address", subject=row, group_id=group_id)
        return True


def in_use(group_id: int) -> Sequence[GroupCalendar]:
    """The group's addresses that work, the newest first."""
    return db.session.scalars(
        select(GroupCalendar)
        .where(GroupCalendar.group_id == group_id, GroupCalendar.revoked_at.is_(None))
        .options(joinedload(GroupCalendar.site), joinedload(GroupCalendar.user))
        .order_by(GroupCalendar.id.desc())
    ).all()


@dataclass
class _Coming:
    """One shift as it is told: who comes, and when any of it last changed."""

    shift: Shift
    changed: datetime
    people: list[str] = field(default_factory=list)
    duties: list[str] = field(default_factory=list)
    is_short: bool = False


@dataclass(frozen=True)
class Feed:
    """What a token opens; `render` writes it out, which takes longer than reading it."""

    name: str
    coming: Sequence[_Coming]

    @property
    def tag(self) -> str:
        """Another whenever anything that is told is another."""
        digest = hashlib.sha256(self.name.encode())
        for one in self.coming:
            shift = one.shift
            told = (
                shift.id,
                one.changed.isoformat(),
                shift.starts_at.isoformat(),
                shift.ends_at.isoformat(),
                shift.site.zone,
                shift.stage.value,
                _summary(one),
                _where(one),
                *_lines(one),
            )
            digest.update(repr(told).encode())
        return digest.hexdigest()[:32]

    def render(self) -> bytes:
        """The calendar (RFC 5545)."""
        calendar = published([one.shift for one in self.coming], self.name)
        for one in self.coming:
            calendar.add_component(_event(one))
        content: bytes = calendar.to_ical()
        return content


def feed(token: str) -> Feed | None:
    """The shifts that a token opens, from a month ago to three months ahead; or None.

    None too for an address whose user manages the group no more. Notes that it was read.
    Four statements, however many shifts.
    """
    row = db.session.execute(
        select(GroupCalendar, Group.name, Site.name)
        .join(Group, Group.id == GroupCalendar.group_id)
        .join(User, User.id == GroupCalendar.user_id)
        .outerjoin(Site, Site.id == GroupCalendar.site_id)
        .where(
            GroupCalendar.token_hash == hashed(token),
            GroupCalendar.revoked_at.is_(None),
            User.is_enabled,
            or_(
                User.county_role == CountyRole.ADMINISTRATOR,
                exists().where(
                    Membership.user_id == GroupCalendar.user_id,
                    Membership.group_id == GroupCalendar.group_id,
                    Membership.part == Part.MANAGER,
                ),
            ),
        )
    ).one_or_none()
    if row is None:
        return None
    calendar, group, site = row
    name = f"{group}, {site}" if site else group
    group_id, site_id, names = calendar.group_id, calendar.site_id, calendar.names
    _note_reading(calendar)
    return Feed(name, _coming(group_id, site_id, names))


def _note_reading(calendar: GroupCalendar) -> None:
    """Keep when it was last read, to some minutes; and once a day in the audit trail."""
    now, last = clock.now(), calendar.last_read_at
    if last is not None and now - last < _READ_NOTED_EVERY:
        return
    calendar_id, user_id, group_id = calendar.id, calendar.user_id, calendar.group_id
    with transaction():
        db.session.execute(
            update(GroupCalendar).where(GroupCalendar.id == calendar_id).values(last_read_at=now)
        )
        if last is None or last.date() != now.date():
            audit.record(
                "calendar program read shifts",
                subject=db.session.get(GroupCalendar, calendar_id),
                actor_id=user_id,
                group_id=group_id,
            )


def _coming(group_id: int, site_id: int | None, names: Names) -> list[_Coming]:
    now = clock.now()
    told = and_(
        Opportunity.group_id == group_id,
        *([Shift.site_id == site_id] if site_id else []),
        Shift.starts_at > now - BACK,
        Shift.starts_at < now + AHEAD,
        or_(
            Shift.stage.in_((Stage.PUBLISHED, Stage.CLOSED)),
            and_(
                Shift.stage == Stage.CANCELLED,
                Shift.ends_at > now,
                Shift.changed_at > now - CANCELLED_KEPT,
            ),
        ),
    )
    shifts = db.session.scalars(
        select(Shift)
        .join(Shift.opportunity)
        .where(told)
        .options(joinedload(Shift.opportunity), joinedload(Shift.site))
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    found = {
        shift.id: _Coming(
            shift, shift.changed_at or shift.created_at, is_short=shift.taken < shift.minimum
        )
        for shift in shifts
    }
    these = select(Shift.id).join(Shift.opportunity).where(told)
    _read_people(found, these, names)
    for slot, duty in db.session.execute(
        select(Slot, Duty.name)
        .join(Duty, Duty.id == Slot.duty_id)
        .where(Slot.shift_id.in_(these))
        .order_by(Slot.shift_id, Duty.rank, Duty.id)
    ):
        one = found[slot.shift_id]
        one.duties.append(f"{duty}: {slot.taken} of {slot.places}")
        one.is_short = one.is_short or slot.taken < slot.minimum
    return list(found.values())


def _read_people(found: dict[int, _Coming], these: object, names: Names) -> None:
    for shift_id, standing, created, confirmed, ended, name, duty in db.session.execute(
        select(
            Signup.shift_id,
            Signup.standing,
            Signup.created_at,
            Signup.confirmed_at,
            Signup.ended_at,
            Volunteer.name,
            Duty.name,
        )
        .join(Volunteer, Volunteer.id == Signup.volunteer_id)
        .outerjoin(Slot, Slot.id == Signup.slot_id)
        .outerjoin(Duty, Duty.id == Slot.duty_id)
        .where(Signup.shift_id.in_(these))  # type: ignore[arg-type] # a SELECT of ids
        .order_by(Signup.shift_id, Duty.rank, Signup.id)
    ):
        one = found[shift_id]
        one.changed = max(at for at in (one.changed, created, confirmed, ended) if at)
        if standing in OCCUPYING and names != Names.NONE:
            shown = name if names == Names.FULL else (name.split() or [""])[0]
            one.people.append(f"{shown} ({duty})" if duty else shown)


def _event(one: _Coming) -> Event:
    shift = one.shift
    event = bare_event(shift, f"shift-{shift.id}@{host()}", one.changed)
    is_live = shift.stage != Stage.CANCELLED
    event.add("summary", _summary(one))
    event.add("location", _where(one))
    event.add("description", "\n".join(_lines(one)))
    event.add("status", "CONFIRMED" if is_live else "CANCELLED")
    event.add("transp", "TRANSPARENT")  # the group's shifts do not make their reader busy
    group_id = shift.opportunity.group_id
    event.add("url", f"{current_app.config['PUBLIC_URL']}/groups/{group_id}/shifts/{shift.id}")
    return event


def _summary(one: _Coming) -> str:
    shift = one.shift
    title = shift.opportunity.title
    if shift.stage == Stage.CANCELLED:
        return f"Cancelled: {title}"
    said = f"{title}: {shift.taken} of {shift.places}"
    return f"{said}, TOO FEW" if one.is_short else said


def _where(one: _Coming) -> str:
    return ", ".join(filter(None, (one.shift.site.name, one.shift.site.postcode)))


def _lines(one: _Coming) -> Iterable[str]:
    shift = one.shift
    if shift.stage == Stage.CANCELLED:
        yield shift.cancel_reason
        return
    free = shift.places_left
    yield plural(free, "place") + " free." if free else "Full."
    if one.is_short:
        yield (
            f"Below the minimum of {shift.minimum}."
            if shift.taken < shift.minimum
            else ("A duty has too few people.")
        )
    yield from one.duties
    yield from one.people
