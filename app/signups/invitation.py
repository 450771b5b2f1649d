"""A place as a calendar invitation: the same event when it changes and when it ends.

iTIP (RFC 5546): METHOD:REQUEST adds or changes, METHOD:CANCEL takes away; the
UID stays and the SEQUENCE rises.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app
from icalendar import Calendar, Event, vCalAddress, vText

from app.foundation import clock
from app.signups.models import Signup


def event_uid(shift_id: int, volunteer_id: int) -> str:
    """The name of this place in every calendar, for good."""
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname
    return f"shift-{shift_id}-volunteer-{volunteer_id}@{host}"


def event_of(signup: Signup, *, cancelled: bool = False, where: str) -> Event:
    """The place as an event, in UTC, so that it needs no time zone of its own."""
    shift = signup.shift
    event = Event()
    event.add("uid", event_uid(shift.id, signup.volunteer_id))
    event.add("dtstamp", clock.now())
    # Seconds since the end of 2023: rises with each letter, and stays within 32 bits.
    event.add("sequence", int(clock.now().timestamp()) - 1_700_000_000)
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", f"{shift.opportunity.title}, {shift.opportunity.group.name}")
    event.add("location", where)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    address = current_app.config["PUBLIC_URL"]
    event.add("url", f"{address}/shifts/{shift.id}/claim")
    return event


def invitation(signup: Signup, to: str, *, cancelled: bool = False, where: str) -> str:
    """The text of the invitation, or of its withdrawal, for one email address."""
    calendar = Calendar()
    calendar.add("prodid", "-//Many Hands//Shifts//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    event = event_of(signup, cancelled=cancelled, where=where)
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
