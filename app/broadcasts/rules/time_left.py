"""How long people can still be asked and answer: pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.messaging.rules.quiet import Quiet, in_quiet_hours, next_allowed

# Whoever says yes must get ready and come: half an hour, or a fifth of a short request.
GET_READY: Final = timedelta(minutes=30)
SHORT_SHARE: Final = 5
# Beyond two days of asking, more time changes nothing.
ENOUGH: Final = 2880.0


def answer_by(started_at: datetime, deadline: datetime) -> datetime:
    """Until when a yes is of use: some time before the deadline."""
    return deadline - min(GET_READY, max(timedelta(0), deadline - started_at) / SHORT_SHARE)


def minutes_between(now: datetime, until: datetime, zone: str, quiet: Quiet | None) -> float:
    """Minutes from now until then, without the quiet hours; 0 when that is past.

    `quiet` is nothing for a request that goes on at night. Hours are looked at
    in quarters, so the sum may be a quarter of an hour off at each of their ends.
    """
    if quiet is None:
        return max(0.0, (until - now) / timedelta(minutes=1))
    minutes, step = 0.0, timedelta(minutes=15)
    moment = now
    while moment < until:
        if in_quiet_hours(moment, zone, quiet):
            moment = next_allowed(moment, zone, quiet)
            continue
        end = min(moment + step, until)
        minutes += (end - moment) / timedelta(minutes=1)
        if minutes >= ENOUGH:
            return minutes
        moment = end
    return minutes
