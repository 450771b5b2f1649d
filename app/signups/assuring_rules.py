"""When somebody who has a place is asked whether they come; pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

# A shift further off is not worth a question yet.
NEAR: Final = timedelta(days=7)
# Who took the place so lately has just said that they come.
LATELY: Final = timedelta(hours=12)


def asks_if_coming(now: datetime, starts_at: datetime, confirmed_at: datetime | None) -> bool:
    """Whether it helps to ask: the shift is near and not begun, the yes is not fresh."""
    if not now < starts_at <= now + NEAR:
        return False
    return confirmed_at is None or now - confirmed_at > LATELY
