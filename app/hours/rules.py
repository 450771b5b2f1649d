"""What counts as time given, and when people may say that they came and left: pure.

The rule, as people are told it:
- A few minutes do not matter: who comes up to ten minutes after the start, or leaves up to
  ten minutes before or after the end, has been there for all of it.
- Waiting for the doors to open is not counted: time runs from the planned start.
- Staying on counts, up to two hours after the planned end.
- The sum is rounded to the nearest five minutes.
- Who was there and never said when they left is counted until the planned end.
- Who is marked as there without any times has given the planned length.
- Times that a manager states count as stated, all that lies between them.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.foundation.sentences import ngettext

# From so long before the start until the end people can say that they are here.
CHECK_IN_FROM: Final = timedelta(hours=1)
# Until so long after the end they can say that they leave; it is also the most that is counted.
MOST_OVERRUN: Final = timedelta(hours=2)
# What does not matter, either way; later than this somebody is late.
TOLERANCE: Final = timedelta(minutes=10)
ROUNDED_TO: Final = 5  # minutes
# The morning on which a forgotten check-out is asked about, by the clock on the site's wall.
MORNING: Final = time(10)
# That morning is at least so long after the end: nobody is woken after a night's work.
REST: Final = timedelta(hours=6)
# So long after the end nobody is waited for: the planned end counts.
ANSWER_WITHIN: Final = timedelta(days=5)
# So far off the shift may times be that somebody states; further off it is a slip of the pen.
MOST_OFF: Final = timedelta(hours=6)


def may_check_in(now: datetime, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether somebody can say that they are here; all moments are aware."""
    return starts_at - CHECK_IN_FROM <= now < ends_at


def may_check_out(now: datetime, ends_at: datetime) -> bool:
    """Whether somebody can still say that they leave now."""
    return now <= ends_at + MOST_OVERRUN


def is_late(now: datetime, starts_at: datetime) -> bool:
    """Whether somebody who has not come by now is late."""
    return now > starts_at + TOLERANCE


def minutes_given(
    came_at: datetime, left_at: datetime | None, starts_at: datetime, ends_at: datetime
) -> int:
    """The minutes that count of a stay, by the rule above; aware moments in any zone."""
    begin = came_at if came_at > starts_at + TOLERANCE else starts_at
    if left_at is None or abs(left_at - ends_at) <= TOLERANCE:
        end = ends_at
    else:
        end = min(left_at, ends_at + MOST_OVERRUN)
    return _rounded(end - begin)


def minutes_stated(came_at: datetime, left_at: datetime) -> int:
    """The minutes between two moments that a manager stated, rounded."""
    return _rounded(left_at - came_at)


def planned_minutes(starts_at: datetime, ends_at: datetime) -> int:
    """The planned length: what counts for who was there without any times."""
    return int((ends_at - starts_at).total_seconds() // 60)


def _rounded(stay: timedelta) -> int:
    minutes = stay.total_seconds() / 60
    # Half of five goes up: nobody is cheated of it.
    return max(0, int((minutes + ROUNDED_TO / 2) // ROUNDED_TO) * ROUNDED_TO)


def ask_from(ends_at: datetime, zone: str) -> datetime:
    """From when we may ask about a forgotten check-out, in UTC.

    The first ten o'clock in the morning at the site that is six hours or more
    after the planned end: the next morning, and after a night the same one.
    """
    there = ZoneInfo(zone)
    day = ends_at.astimezone(there).date()
    for days in range(3):
        morning = datetime.combine(day + timedelta(days=days), MORNING, there).astimezone(UTC)
        if morning >= ends_at + REST:
            return morning
    raise AssertionError("One of three mornings is six hours after any moment.")


def is_given_up(now: datetime, ends_at: datetime) -> bool:
    """Whether nobody is waited for any more: the planned end counts."""
    return now >= ends_at + ANSWER_WITHIN


def spoken_minutes(minutes: int) -> str:
    """ "2 hours 30 minutes", "45 minutes", "1 hour"; none is "0 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(hours)s hour", "%(hours)s hours", hours, hours=format(hours, ",")))
    if rest or not hours:
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", rest))
    return " ".join(parts)


def moment_near(wall: time, near: datetime, zone: str) -> datetime:
    """The moment nearest to an aware one at which the clock in `zone` shows `wall`; in UTC.

    "23:50" beside a shift that begins at midnight is the evening before.
    """
    return min(_showing(wall, near, zone), key=lambda moment: abs(moment - near))


def moment_after(wall: time, after: datetime, zone: str) -> datetime:
    """The first moment after an aware one at which the clock in `zone` shows `wall`; in UTC.

    Who came at 22:00 and left at 02:00 left on the next day. On the night
    when the clocks go back, 01:30 is shown twice: it is the first time, when
    that is after they came.
    """
    return min(moment for moment in _showing(wall, after, zone) if moment > after)


def _showing(wall: time, around: datetime, zone: str) -> list[datetime]:
    there = ZoneInfo(zone)
    day = around.astimezone(there).date()
    return [
        datetime.combine(day + timedelta(days=days), wall, there).replace(fold=fold).astimezone(UTC)
        for days in (-1, 0, 1, 2)
        for fold in (0, 1)
    ]


@dataclass(frozen=True)
class Given:
    """Time that somebody gave, on one local day, to one group."""

    day: date
    group_id: int
    group: str
    what: str
    minutes: int
    note: str = ""
    signup_id: int | None = None
    is_shift: bool = True  # else it was added beside any shift


@dataclass(frozen=True)
class Sum:
    """Minutes under one heading."""

    name: str
    minutes: int


def total(given: Iterable[Given]) -> int:
    """All minutes together."""
    return sum(one.minutes for one in given)


def by_group(given: Iterable[Given]) -> list[Sum]:
    """The minutes for each group, the most first."""
    sums: dict[str, int] = {}
    for one in given:
        sums[one.group] = sums.get(one.group, 0) + one.minutes
    return sorted(
        (Sum(name, minutes) for name, minutes in sums.items()),
        key=lambda each: (-each.minutes, each.name),
    )


def by_month(given: Iterable[Given]) -> list[Sum]:
    """The minutes of each month that has any, the latest first: "November 2026"."""
    sums: dict[tuple[int, int], int] = {}
    for one in given:
        key = (one.day.year, one.day.month)
        sums[key] = sums.get(key, 0) + one.minutes
    return [
        Sum(f"{month_name[month]} {year}", minutes)
        for (year, month), minutes in sorted(sums.items(), reverse=True)
    ]


def read_month(name: str) -> date:
    """The first day of a month that `by_month` named."""
    month, year = name.split()
    return date(int(year), list(month_name).index(month), 1)


@dataclass(frozen=True)
class Month:
    """The minutes of one month, which its first day names."""

    first_day: date
    minutes: int


def last_months(given: Iterable[Given], today: date) -> list[Month]:
    """The last twelve months up to this one, the earliest first.

    Empty ones before the first time given are left out, but three are always there.
    """
    sums: dict[tuple[int, int], int] = {}
    for one in given:
        key = (one.day.year, one.day.month)
        sums[key] = sums.get(key, 0) + one.minutes
    count = today.year * 12 + today.month - 1
    firsts = [date(at // 12, at % 12 + 1, 1) for at in range(count - 11, count + 1)]
    year = [Month(day, sums.get((day.year, day.month), 0)) for day in firsts]
    begins = next((place for place, month in enumerate(year) if month.minutes), 12)
    return year[min(begins, 9) :]


def full_day(day: date) -> str:
    """ "1 January 2026": for paper, which is read in other years."""
    return f"{day.day} {month_name[day.month]} {day.year}"
