"""How long somebody who is asked has to answer, and what they are told; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from app.messaging.rules.quiet import TIME_TO_ACT, Quiet, rest_until

LONGEST: Final = timedelta(days=3)
SHORTEST: Final = timedelta(hours=1)
A_LITTLE: Final = timedelta(minutes=1)


def answer_by(now: datetime, starts_at: datetime, zone: str, quiet: Quiet) -> datetime:
    """Until when a place is kept: three days, or for a nearer shift half of the time to it.

    The time runs from when they hear of it, which at night in the site's `zone` is
    the morning; then it is long enough for the letter to rest until that morning,
    as `rest_until` would have it. All moments are aware.
    """
    morning = rest_until(now, zone, quiet, starts_at)
    heard_at = morning or now
    shortest = TIME_TO_ACT + A_LITTLE if morning else SHORTEST
    left = starts_at - heard_at
    return heard_at + min(LONGEST, max(left / 2, min(shortest, left)))


def text(group: str, times: Sequence[str], by: str, address: str) -> str:
    """The text message for all that one person is asked."""
    if len(times) == 1:
        return f"{group}: can you help? {times[0]}. Please say yes or no by {by}: {address}"
    return (
        f"{group}: can you help {len(times)} times? The first: {times[0]}. "
        f"Please say yes or no to each by {by}: {address}"
    )


def paragraphs(group: str, times: Sequence[str], by: str) -> list[str]:
    """The email for all that one person is asked."""
    one = len(times) == 1
    return [
        f"{group} would like your help. These are the times that we thought of for you:"
        if not one
        else f"{group} would like your help at this time:",
        *times,
        f"{'The place is' if one else 'The places are'} kept for you until {by}. "
        f"Say yes or no {'' if one else 'to each '}on your page. It is fine to say no.",
    ]
