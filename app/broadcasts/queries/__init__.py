"""Reads of requests: their course, what their pages show, and who is in them."""

from app.broadcasts.queries.course import (
    Open,
    Tally,
    all_asked_have_answered,
    has_nobody_to_wait_for,
    open_to,
    places_left,
    shifts_of,
    sizes,
    tally,
    unasked,
)
from app.broadcasts.queries.planning import progress

__all__ = [
    "Open",
    "Tally",
    "all_asked_have_answered",
    "has_nobody_to_wait_for",
    "open_to",
    "places_left",
    "progress",
    "shifts_of",
    "sizes",
    "tally",
    "unasked",
]
