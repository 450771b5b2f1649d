"""Counting in calendar months."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from dateutil.relativedelta import relativedelta


@lru_cache(maxsize=1024)  # matching asks for each of hundreds of shifts
def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the month's last day where there is none."""
    earlier: date = day - relativedelta(months=months)
    return earlier
