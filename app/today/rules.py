"""What the board says of each person and each shift: pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
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


def shown_names(names: Sequence[str]) -> list[str]:
    """The names as the tablet shows them; namesakes get as many letters as tell them apart."""
    shown = [shown_name(name) for name in names]
    for letters in range(2, 40):
        twice = {each for each in shown if shown.count(each) > 1}
        if not twice:
            break
        for at, name in enumerate(names):
            last = name.split()[-1] if name.split() else ""
            if shown[at] in twice and letters <= len(last):
                shown[at] = f"{name.split()[0]} {last[:letters].capitalize()}."
    return shown


TRIES_AT_ONCE: Final = 5
FIRST_PAUSE: Final = timedelta(minutes=15)
LONGEST_PAUSE: Final = timedelta(days=1)


def locked_for(failures: int) -> timedelta | None:
    """How long a PIN is closed after so many wrong tries; None while it is not."""
    rounds, rest = divmod(failures, TRIES_AT_ONCE)
    if rest or not rounds:
        return None
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(rounds - 1, 10)))


def is_guessed_first(digits: str) -> bool:
    """Whether a PIN is among the first that anybody would try: 111111, 123456, 121212."""
    if len(set(digits)) < 3:
        return True
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return steps in ({1}, {9}) or digits[:3] * 2 == digits[:6]


CODE_CHANGES_EVERY: Final = 60  # seconds
# A code counts so many changes longer, so that a slow phone is not turned away.
CODE_COUNTS_FOR: Final = 5


def code_step(now: datetime) -> int:
    """The number of the minute, since 1970, in which a site's code is made."""
    return int(now.timestamp()) // CODE_CHANGES_EVERY


def is_fresh(step: int, now: datetime) -> bool:
    """Whether a code of that minute still shows that its reader stands before the tablet."""
    return 0 <= code_step(now) - step <= CODE_COUNTS_FOR
