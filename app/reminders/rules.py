"""When somebody is reminded of a shift, and in which words; pure.

All moments are aware; what is returned is in UTC. "The day before" and "a week before" are
the same time by the clock on the site's wall, on the nights when the clocks change too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from app.foundation.sentences import N_, gettext
from app.messaging.rules import segments
from app.messaging.rules.opting_out import told
from app.messaging.rules.quiet import Quiet, in_quiet_hours, next_allowed
from app.volunteers.vocabulary import Lead

# Rounds are planned for what begins within so long: a week, and a night that may lie before it.
HORIZON: Final = timedelta(days=8)
# After the night there must be so much time left before the shift.
TIME_TO_ACT: Final = timedelta(hours=1)
# What would leave in the night leaves so long before it begins.
BEFORE_THE_NIGHT: Final = timedelta(hours=1)
TO_WRITE_IT: Final = timedelta(minutes=10)
# Whoever took the place so short a time before has just been told of it.
FRESH: Final = {
    Lead.WEEK: timedelta(days=2),
    Lead.DAY: timedelta(hours=6),
    Lead.TWO_HOURS: timedelta(hours=3),
}
# A reminder that is late is of use until so long before the shift.
_USEFUL_UNTIL: Final = {
    Lead.WEEK: timedelta(days=5),
    Lead.DAY: timedelta(hours=2),
    Lead.TWO_HOURS: timedelta(minutes=30),
}
# One text tells of a person's several shifts of a day. Two hours before, only of what follows soon.
TOGETHER: Final = {
    Lead.WEEK: timedelta(days=1),
    Lead.DAY: timedelta(days=1),
    Lead.TWO_HOURS: timedelta(hours=3),
}
_DAYS: Final = {Lead.WEEK: 7, Lead.DAY: 1}


@dataclass(frozen=True)
class Times:
    """The moments of one kind of reminder of one shift."""

    due_at: datetime
    last_call: datetime  # from then on it is too late
    fresh_from: datetime  # whoever took the place after this need not be reminded


def times(lead: Lead, starts_at: datetime, zone: str, quiet: Quiet) -> Times | None:
    """When people are reminded of a shift; None where no moment outside the night is left.

    What would fall into the quiet hours waits for their end, if the shift is an hour
    off then still; else it leaves an hour before they begin.
    """
    due_at = _due_at(_wanted(lead, starts_at, zone), starts_at, zone, quiet)
    if due_at is None or due_at >= starts_at:
        return None
    last_call = max(starts_at - _USEFUL_UNTIL[lead], due_at + timedelta(minutes=30))
    return Times(due_at, min(last_call, starts_at), due_at - FRESH[lead])


def _wanted(lead: Lead, starts_at: datetime, zone: str) -> datetime:
    if lead == Lead.TWO_HOURS:
        return (starts_at - timedelta(hours=2)).astimezone(UTC)
    there = ZoneInfo(zone)
    wall = starts_at.astimezone(there).replace(tzinfo=None, fold=0)
    # A time that the clocks leap over is taken as if they had not yet.
    return (wall - timedelta(days=_DAYS[lead])).replace(tzinfo=there).astimezone(UTC)


def _due_at(wanted: datetime, starts_at: datetime, zone: str, quiet: Quiet) -> datetime | None:
    # What is due in the last minutes of the day could not be written before its end.
    night = next(
        (at for at in (wanted, wanted + TO_WRITE_IT) if in_quiet_hours(at, zone, quiet)), None
    )
    if night is None:
        return wanted
    morning = next_allowed(night, zone, quiet)
    if morning + TIME_TO_ACT <= starts_at:
        return morning
    evening = _night_began(night, zone, quiet) - BEFORE_THE_NIGHT
    return None if in_quiet_hours(evening, zone, quiet) else evening


def _night_began(moment: datetime, zone: str, quiet: Quiet) -> datetime:
    """When the quiet hours began in which an aware moment lies."""
    there = ZoneInfo(zone)
    today = moment.astimezone(there).date()
    starts = [
        datetime.combine(today - timedelta(days=days), quiet[0], there).astimezone(UTC)
        for days in range(3)
    ]
    return max(start for start in starts if start <= moment)


def must_leave_by(now: datetime, starts_at: datetime, zone: str, quiet: Quiet) -> datetime:
    """Until when a reminder that is written now may leave.

    Before the shift, before the night, and while its "today" and "tomorrow" are true.
    """
    there = ZoneInfo(zone)
    today = now.astimezone(there).date()
    ends = [starts_at]
    for days in (0, 1):
        day = today + timedelta(days=days)
        ends.append(datetime.combine(day, time(0), there).astimezone(UTC))
        if quiet[0] != quiet[1]:
            ends.append(datetime.combine(day, quiet[0], there).astimezone(UTC))
    return min(end for end in ends if end > now)


@dataclass(frozen=True)
class Place:
    """One of the places that a text reminds of, in words for the inside of a sentence."""

    group: str
    what: str  # "Desk, tomorrow, 9 to 11am"
    where: str
    short_where: str  # the site's name alone
    is_assured: bool = False  # they have said that they come


@lru_cache(maxsize=2048)  # most of a shift's people are told the same
def text_of(places: tuple[Place, ...], language: str = "en") -> str:
    """The text that reminds somebody of one shift, or of several on the same day.

    `language` is the one that is spoken: what is kept for the next of its readers goes by it.

    The full address gives way to the site's name where it would cost a second segment.
    """
    full = _text(places, [place.where for place in places])
    if segments.count(told(segments.plain(full))).segments <= 1:
        return full
    short = _text(places, [place.short_where for place in places])
    fewer = segments.count(told(segments.plain(short))).segments
    return short if fewer < segments.count(told(segments.plain(full))).segments else full


def _text(places: Sequence[Place], wheres: Sequence[str]) -> str:
    groups = {place.group for place in places}
    sender = groups.pop() if len(groups) == 1 else "Many Hands"
    said = ""
    for place, where in zip(places, wheres, strict=True):
        one = f"{place.what}, {where}"
        said = gettext("%(one)s; and %(other)s", one=said, other=one) if said else one
    if all(place.is_assured for place in places):
        words = N_("%(sender)s: reminder. %(what)s. See you there! Can't come? Reply NO.")
    elif len(places) == 1:
        words = N_("%(sender)s: reminder. %(what)s. Reply OK, or NO if you can't come.")
    else:
        words = N_("%(sender)s: reminder. %(what)s. Reply OK if you come to all, NO if to none.")
    return gettext(words, sender=sender, what=said)
