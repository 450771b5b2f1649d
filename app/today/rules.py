"""What the board says of each person and each shift: pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.hours import rules as hours


class Face(enum.StrEnum):
    """How a person stands on the board, in the order in which a manager looks."""

    LATE = "late"
    DUE = "due"
    HERE = "here"
    LEFT = "left"
    MISSING = "missing"

    @property
    def label(self) -> str:
        return {
            "late": "Late",
            "due": "Due",
            "here": "Here",
            "left": "Has left",
            "missing": "Did not come",
        }[self.value]

    @property
    def colour(self) -> str:
        return {
            "late": "red",
            "due": "grey",
            "here": "green",
            "left": "blue",
            "missing": "yellow",
        }[self.value]


def face_of(
    *,
    is_there: bool,
    is_missing: bool,
    left_at: datetime | None,
    starts_at: datetime,
    now: datetime,
) -> Face:
    """How a person with a place stands now; `is_there` and `is_missing` as was noted."""
    if is_there:
        return Face.HERE if left_at is None else Face.LEFT
    if is_missing:
        return Face.MISSING
    return Face.LATE if hours.is_late(now, starts_at) else Face.DUE


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first moment of a local day and that of the next, in UTC: 23, 24 or 25 hours."""
    there = ZoneInfo(zone)
    return (
        datetime.combine(day, time.min, there).astimezone(UTC),
        datetime.combine(day + timedelta(days=1), time.min, there).astimezone(UTC),
    )


@dataclass(frozen=True)
class Duty:
    """The places of one duty on one shift, and who of them is expected or in."""

    name: str
    minimum: int
    faces: Sequence[Face]


def short_of(
    minimum: int, faces: Sequence[Face], extras: int, now: datetime, ends: datetime
) -> int:
    """How many people are missing for a safe shift: those expected and those in count.

    Who is late counts no longer, who did not come neither. Somebody extra
    counts: they are there, and the rules of the role let them in. Nobody is
    missing from a shift that is over.
    """
    if now >= ends:
        return 0
    counted = sum(face in (Face.DUE, Face.HERE) for face in faces) + extras
    return max(0, minimum - counted)


def missing_duties(duties: Sequence[Duty], now: datetime, ends: datetime) -> list[str]:
    """The duties below their own minimum, in words: "Driver (1 missing)"."""
    lines = []
    for duty in duties:
        short = short_of(duty.minimum, duty.faces, 0, now, ends)
        if short:
            lines.append(f"{duty.name} ({short} missing)")
    return lines


def shown_name(name: str) -> str:
    """A name as the tablet shows it to the whole room: the first, and the last's initial."""
    words = name.split()
    if len(words) < 2:
        return name.strip()
    return f"{words[0]} {words[-1][0].upper()}."
