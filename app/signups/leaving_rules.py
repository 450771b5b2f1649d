"""When giving a place back is late; pure."""

from __future__ import annotations

from datetime import datetime, timedelta


def is_late(now: datetime, starts_at: datetime, late_hours: int) -> bool:
    """Whether fewer than the group's own hours are left before the shift; both aware.

    On the very hour it is still in time.
    """
    return starts_at - now < timedelta(hours=late_hours)
