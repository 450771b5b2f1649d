"""Counting in calendar months."""

from __future__ import annotations

from datetime import date

from dateutil.relativedelta import relativedelta


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the month's last day where there is none."""
    earlier: date = day - relativedelta(months=months)
    return earlier
