"""The hour at which the site of the browser tests begins: a journey is the same at midnight."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.foundation import clock

AT: Final = "Thursday 14:10"
LONDON: Final = ZoneInfo("Europe/London")


def until(at: str) -> timedelta:
    """From now to a day of the coming week and a time in London, as "Thursday 14:10".

    Today counts, even where its time has passed. Raises ValueError for what is no such day
    and time.
    """
    now = datetime.now(LONDON)
    day, _, hour = at.partition(" ")
    begins = time.fromisoformat(hour)
    for one in (now.date() + timedelta(days=number) for number in range(7)):
        if f"{one:%A}" == day:
            # In UTC, where a difference is the time that passes.
            return datetime.combine(one, begins, LONDON).astimezone(UTC) - now.astimezone(UTC)
    raise ValueError(f"{at!r} is not a day of the week and a time.")


def now() -> datetime:
    """The present moment in London, by the clock of the site."""
    return clock.now().astimezone(LONDON)
