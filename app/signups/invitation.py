"""A place as an event in a calendar: the same event when it changes and when it ends.

RFC 5545, and iTIP (RFC 5546) for what goes by email: METHOD:REQUEST adds or changes,
METHOD:CANCEL takes away. The UID stays for good. SEQUENCE and LAST-MODIFIED come from the
rows alone, so that emails and feeds say the same, and a feed that did not change is the
same to the last byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from icalendar import Calendar, Event, vCalAddress, vText

from app.foundation import clock
from app.opportunities.models import Shift
from app.signups.models import Signup
from app.signups.zones import is_told_apart, time_zone

# SEQUENCE counts seconds from here: rises with each change, and stays within 32 bits.
_COUNTED_FROM: Final = 1_700_000_000


def event_uid(shift_id: int, volunteer_id: int) -> str:
    """The name of this place in every calendar, for good."""
    return f"shift-{shift_id}-volunteer-{volunteer_id}@{host()}"


def host() -> str:
    """The name of our own machine, which ends each UID."""
    return urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"


def changed_at(signup: Signup) -> datetime:
    """When the place, or the shift that it is on, last changed."""
    shift = signup.shift
    moments = (
        signup.created_at,
        signup.confirmed_at,
        signup.ended_at,
        shift.changed_at or shift.created_at,
    )
    return max(moment for moment in moments if moment is not None)


def event_of(
    signup: Signup, *, cancelled: bool = False, where: str, changed: datetime | None = None
) -> Event:
    """The place as an event, at the time of its site.

    `changed` is when what it says last changed, where that is later than the rows tell.
    """
    shift = signup.shift
    changed = changed or changed_at(signup)
    event = bare_event(shift, event_uid(shift.id, signup.volunteer_id), changed)
    event.add("summary", f"{shift.opportunity.title}, {shift.opportunity.group.name}")
    event.add("location", where)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("url", f"{current_app.config['PUBLIC_URL']}/shifts/{shift.id}/claim")
    return event


def bare_event(shift: Shift, uid: str, changed: datetime) -> Event:
    """An event that says when, and which state of it this is, but not yet what."""
    changed = changed.astimezone(UTC).replace(microsecond=0)
    event = Event()
    event.add("uid", uid)
    # In a feed, which has no METHOD, this means the same as LAST-MODIFIED.
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", max(0, int(changed.timestamp()) - _COUNTED_FROM))
    event.add("dtstart", _at_the_site(shift.starts_at, shift.site.zone))
    event.add("dtend", _at_the_site(shift.ends_at, shift.site.zone))
    return event


def _at_the_site(moment: datetime, zone: str) -> datetime:
    """The wall time, with its zone; in UTC where the wall time could mean two moments."""
    apart = is_told_apart(moment, zone)
    return moment.astimezone(ZoneInfo(zone) if apart else UTC)


def calendar_of(shifts: Iterable[Shift], **said: str) -> Calendar:
    """An empty calendar that knows the zones and years of these shifts."""
    calendar = Calendar()
    calendar.add("prodid", "-//Many Hands//Shifts//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for name, value in said.items():
        calendar.add(name.replace("_", "-"), value)
    years: dict[str, set[int]] = {}
    for shift in shifts:
        there = ZoneInfo(shift.site.zone)
        years.setdefault(shift.site.zone, set()).update(
            moment.astimezone(there).year for moment in (shift.starts_at, shift.ends_at)
        )
    for zone, these in sorted(years.items()):
        # From the year before, so that there is a change before each event.
        calendar.add_component(time_zone(zone, min(these) - 1, max(these) + 1))
    return calendar


def invitation(signup: Signup, to: str, *, cancelled: bool = False, where: str) -> str:
    """The text of the invitation, or of its withdrawal, for one email address."""
    calendar = calendar_of([signup.shift], method="CANCEL" if cancelled else "REQUEST")
    event = event_of(signup, cancelled=cancelled, where=where)
    # By iTIP this is when the letter was written.
    event.pop("dtstamp")
    event.add("dtstamp", clock.now().replace(microsecond=0))
    sender = current_app.config["MAIL_FROM"].rpartition("<")[2].rstrip(">")
    organizer = vCalAddress(f"mailto:{sender}")
    organizer.params["cn"] = vText("Many Hands")
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{to}")
    attendee.params["partstat"] = vText("ACCEPTED")
    attendee.params["rsvp"] = vText("FALSE")
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    text: str = calendar.to_ical().decode()
    return text
