"""Who gets a free place at once, who is offered it, and until when; pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.messaging.rules.quiet import Quiet, in_quiet_hours, next_allowed, rest_until

# Who joined the queue this lately still means it: the place is theirs at once.
FRESH: Final = timedelta(hours=1)
# An answer may take a quarter of the time that is left, within these.
SHORTEST: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=24)
# After a night people get so long to wake, read and answer.
MORNING: Final = timedelta(hours=1)
_BEFORE_NIGHT: Final = timedelta(minutes=1)


def needs_offer(waits_since: datetime, now: datetime) -> bool:
    """Whether somebody waited so long that they are asked whether they still can."""
    return now - waits_since > FRESH


def offered_until(now: datetime, starts_at: datetime, zone: str, quiet: Quiet) -> datetime:
    """Until when a free place is kept for somebody who is offered it, an aware moment.

    The time runs from when they hear of it, which at night is the morning. It
    never ends at night in the site's `zone`, but an hour after the night or,
    where that would leave the next in the queue too little, before it; only
    for a shift so near that neither is possible does it end in the night.
    Never after the shift has begun.
    """
    heard_at = rest_until(now, zone, quiet, starts_at) or now
    left = starts_at - heard_at
    until = heard_at + min(max(left / 4, SHORTEST), LONGEST)
    if in_quiet_hours(until, zone, quiet):
        morning = next_allowed(until, zone, quiet) + MORNING
        evening = _night_before(until, zone, quiet) - _BEFORE_NIGHT
        if morning <= heard_at + left / 2:
            until = morning
        elif evening >= heard_at + SHORTEST:
            until = evening
    return min(until, starts_at)


def _night_before(moment: datetime, zone: str, quiet: Quiet) -> datetime:
    """When the night that a moment falls into began."""
    there = ZoneInfo(zone)
    day = moment.astimezone(there).date()
    begun = datetime.combine(day, quiet[0], there)
    if begun > moment:
        begun = datetime.combine(day - timedelta(days=1), quiet[0], there)
    return begun.astimezone(moment.tzinfo)
