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

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

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
# The longest stretch that anybody may state.
LONGEST: Final = timedelta(hours=24)


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
        parts.append(f"{hours:,} {'hour' if hours == 1 else 'hours'}")
    if rest or not hours:
        parts.append(f"{rest} {'minute' if rest == 1 else 'minutes'}")
    return " ".join(parts)
