"""Reads of requests: their course, what their pages show, and who is in them."""

from app.broadcasts.queries.course import (
    Open,
    Tally,
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
    "open_to",
    "places_left",
    "progress",
    "shifts_of",
    "sizes",
    "tally",
    "unasked",
]
