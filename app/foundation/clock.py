"""The one source of the present moment, so that tests can choose it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_stopped_at: datetime | None = None
_ahead = timedelta()


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _stopped_at or datetime.now(UTC) + _ahead


def today(zone: str) -> date:
    """Today's date as people in `zone` see it."""
    return now().astimezone(ZoneInfo(zone)).date()


def set_ahead(by: timedelta) -> None:
    """Have the clock of this process go as always, but ahead of the real one (or behind it)."""
    global _ahead
    _ahead = by


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Hold the clock of this process at an aware moment; for tests and the demo."""
    global _stopped_at
    if moment.tzinfo is None:
        raise ValueError("The clock needs a moment with a time zone.")
    before, _stopped_at = _stopped_at, moment.astimezone(UTC)
    try:
        yield
    finally:
        _stopped_at = before
