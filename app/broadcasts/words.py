"""How states, standings and lengths of time are said on the pages of requests: pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from app.messaging.rules.states import State
from app.signups.models import Standing

# After a person's name.
STANDING_WORDS: Final[dict[Standing, str]] = {
    Standing.CONFIRMED: "has a place",
    Standing.WAITING: "is waiting",
    Standing.OFFERED: "has been offered a place",
    Standing.WITHDRAWN: "has left",
    Standing.DECLINED: "was declined",
    Standing.CANCELLED: "was told that it is cancelled",
    Standing.ATTENDED: "came",
    Standing.EXCUSED: "was excused",
    Standing.NO_SHOW: "did not come",
}
TEXT_WORDS: Final[dict[State, str]] = {
    State.QUEUED: "Their text waits to leave",
    State.LEASED: "Their text waits to leave",
    State.SENDING: "Their text is leaving",
    State.ACCEPTED: "Sent",
    State.SENT: "Sent",
    State.DELIVERED: "Delivered",
    State.UNDELIVERED: "Not delivered",
    State.FAILED: "Failed",
    State.SUPPRESSED: "Held back",
    State.CANCELLED: "Held back",
    State.EXPIRED: "Too late to send",
    State.UNCERTAIN: "Uncertain",
}


def short_name(name: str) -> str:
    """The first name and the initial of the last: "Asha P."."""
    words = name.split()
    return f"{words[0]} {words[-1][0]}." if len(words) > 1 else name


def spoken_length(length: timedelta) -> str:
    """ "under a minute", "12 minutes", "1 hour 5 minutes", "3 days"."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return _counted(minutes, "minute")
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        rest = f" {_counted(minutes, 'minute')}" if minutes else ""
        return _counted(hours, "hour") + rest
    return _counted(round(hours / 24), "day")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
