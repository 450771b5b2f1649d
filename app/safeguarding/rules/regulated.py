"""On how many days somebody works with children, and when that makes it regulated activity; pure.

The law of England: the Safeguarding Vulnerable Groups Act 2006, Schedule 4, as
amended by the Protection of Freedoms Act 2012, section 64. Teaching, training,
care, supervision, advice or driving of children (paragraph 2) is a regulated
activity when one person does it frequently, or on more than three days in any
period of 30 days, or at any time between 2 and 6 in the morning with a chance
of face-to-face contact (paragraphs 1 and 10). By the government's guidance
"frequently" is once a week or more. Whoever comes once in each of four weeks
running has four days within 28, so the count of days finds that as well.
https://www.legislation.gov.uk/ukpga/2006/47/schedule/4
https://www.gov.uk/government/publications/supervision-of-activity-with-children

It does not cover: what is done under the reasonable supervision of somebody
who is in regulated activity (not regulated, except in some places); personal
or health care of a child (regulated the first time); schools, children's homes
and childcare premises (where most work is); work for another group; and work
with adults, which has no such count. A help for the eye, and no legal advice.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

WINDOW: Final = timedelta(days=30)
REGULATED_DAYS: Final = 4  # more than three
NEAR_DAYS: Final = 3
NIGHT: Final = (time(2), time(6))


class Reach(enum.StrEnum):
    """How near the count of days comes to the law's."""

    FAR = "far"
    NEAR = "near"  # one more day within the 30 would do it
    REACHED = "reached"


@dataclass(frozen=True)
class Turn:
    """One day on which somebody works with children, by the site's calendar."""

    day: date
    overnight: bool = False


@dataclass(frozen=True)
class Count:
    """The days of one person with one group."""

    lately: int  # in the 30 days that end today
    most: int  # in any 30 days, past or planned
    reached_on: date | None  # the first day that makes it regulated; may be planned
    overnight: bool  # it was the night that made it so
    reach: Reach


def turns(starts_at: datetime, ends_at: datetime, zone: str) -> list[Turn]:
    """The days of a shift between two aware moments; one that ends at midnight has one day."""
    tz = ZoneInfo(zone)
    start, end = starts_at.astimezone(tz), ends_at.astimezone(tz)
    last = (end - timedelta(microseconds=1)).date()
    found, day = [], start.date()
    while day <= last:
        night = (datetime.combine(day, clock, tz) for clock in NIGHT)
        begins, finishes = night
        found.append(Turn(day, overnight=start < finishes and begins < end))
        day += timedelta(days=1)
    return found


def count(worked: Iterable[Turn], today: date) -> Count:
    """Count the days, several shifts of one day once. The 30 days are counted inclusively."""
    by_day: dict[date, bool] = {}
    for turn in worked:
        by_day[turn.day] = by_day.get(turn.day, False) or turn.overnight
    days = sorted(by_day)
    most, reached_on, overnight = 0, None, False
    first = 0
    for last, day in enumerate(days):
        while day - days[first] >= WINDOW:
            first += 1
        within = last - first + 1
        most = max(most, within)
        if reached_on is None and (within >= REGULATED_DAYS or by_day[day]):
            reached_on, overnight = day, within < REGULATED_DAYS
    if reached_on is not None:
        reach = Reach.REACHED
    else:
        reach = Reach.NEAR if most >= NEAR_DAYS else Reach.FAR
    return Count(_lately(days, today), most, reached_on, overnight, reach)


def _lately(days: Collection[date], today: date) -> int:
    return sum(timedelta(0) <= today - day < WINDOW for day in days)
