"""What a shift and a role must be before people see them; when shifts repeat; pure."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.foundation.errors import Refusal
from app.opportunities.rules.repeating import Occurrence, Repeat, occurrences, span
from app.volunteers.rules import time_bits
from app.volunteers.vocabulary import DayPart, DbsLevel, Workforce

__all__ = [
    "HORIZON",
    "LONGEST_SHIFT",
    "MOST_PLACES",
    "Ground",
    "Occurrence",
    "Repeat",
    "check_dbs",
    "check_shift",
    "faces",
    "local_times",
    "occurrences",
    "slug",
    "span",
    "times_mask",
]

# A pattern makes its shifts this far ahead; a daily task moves the horizon on.
HORIZON: Final = timedelta(weeks=26)
LONGEST_SHIFT: Final = timedelta(hours=24)
MOST_PLACES: Final = 500


def faces(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[datetime, datetime]:
    """Two aware moments as a zone's clocks show them, naive."""
    tz = ZoneInfo(zone)
    return (
        starts_at.astimezone(tz).replace(tzinfo=None),
        ends_at.astimezone(tz).replace(tzinfo=None),
    )


def local_times(starts_at: datetime, ends_at: datetime, zone: str) -> int:
    """The parts of the local week that a shift needs, as `Volunteer.free_times` has them."""
    start, end = faces(starts_at, ends_at, zone)
    # In the hour that comes twice a clock face can run backwards.
    return time_bits(start, max(start, end))


def times_mask(weekdays: Collection[int], parts: Collection[int]) -> int:
    """Bits of every chosen part of every chosen weekday (Monday is 0); no choice means all."""
    return sum(
        1 << (weekday * len(DayPart) + part)
        for weekday in set(weekdays or range(7))
        for part in set(parts or range(len(DayPart)))
    )


def slug(title: str) -> str:
    """A title as part of an address: "Food parcel driver" is "food-parcel-driver"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:80].rstrip("-") or "role"


class Ground(enum.StrEnum):
    """Why the law lets a role ask for a check of the Disclosure and Barring Service.

    From the service's eligibility guidance, which rests on the Safeguarding
    Vulnerable Groups Act 2006 (regulated activity), the Police Act 1997
    regulations (enhanced), the Rehabilitation of Offenders Act 1974
    (Exceptions) Order 1975 (standard), and anybody's right to a basic check:
    https://www.gov.uk/government/collections/dbs-eligibility-guidance
    """

    CHILDREN_REGULATED = "regulated-children"
    ADULTS_REGULATED = "regulated-adults"
    CHILDREN = "work-children"
    ADULTS = "work-adults"
    LISTED = "listed-role"
    BASIC = "basic-need"

    @property
    def label(self) -> str:
        return {
            "regulated-children": "Looks after, teaches or advises children, or drives them, "
            "often and with nobody supervising (regulated activity)",
            "regulated-adults": "Gives an adult personal or health care, handles their money or "
            "shopping because of age or illness, or drives them to care (regulated activity)",
            "work-children": "Works with children often, with somebody supervising",
            "work-adults": "Helps adults who get care or support, often, without personal care",
            "listed-role": "A role that the law lists by name (Exceptions Order 1975)",
            "basic-need": "Handles cash or keys, or calls at people’s homes, and nothing above",
        }[self.value]

    @property
    def highest(self) -> DbsLevel:
        """The highest level of check that may be asked for on this ground."""
        return {
            "regulated-children": DbsLevel.ENHANCED_BARRED,
            "regulated-adults": DbsLevel.ENHANCED_BARRED,
            "work-children": DbsLevel.ENHANCED,
            "work-adults": DbsLevel.ENHANCED,
            "listed-role": DbsLevel.STANDARD,
            "basic-need": DbsLevel.BASIC,
        }[self.value]

    @property
    def workforces(self) -> tuple[Workforce, ...]:
        """The workforces that the ground speaks of."""
        if self in (Ground.CHILDREN_REGULATED, Ground.CHILDREN):
            return (Workforce.CHILD, Workforce.BOTH)
        if self in (Ground.ADULTS_REGULATED, Ground.ADULTS):
            return (Workforce.ADULT, Workforce.BOTH)
        return tuple(Workforce)


def check_dbs(level: DbsLevel, ground: Ground | None, workforce: Workforce | None) -> None:
    """Raise `Refusal` unless a role may ask for this check, for the reason that it states."""
    if level == DbsLevel.NONE:
        return
    if ground is None:
        raise Refusal(
            "Say why this role may ask for a check. Without a reason, choose “No check”.",
            "dbs_ground",
        )
    if level.rank > ground.highest.rank:
        if level == DbsLevel.ENHANCED_BARRED:
            raise Refusal(
                "Only a role in regulated activity may ask for the barred list. "
                f"For this reason the highest check is {ground.highest.label.lower()}.",
                "dbs_level",
            )
        raise Refusal(
            f"For this reason the highest check that the law allows is "
            f"{ground.highest.label.lower()}.",
            "dbs_level",
        )
    if level == DbsLevel.BASIC:
        return
    if workforce is None:
        raise Refusal("Say whom the check is about: children, adults or both.", "dbs_workforce")
    if workforce not in ground.workforces:
        raise Refusal("This does not go with the reason for the check.", "dbs_workforce")


def check_shift(
    starts_at: datetime, ends_at: datetime, places: int, minimum: int, *, zone: str = "UTC"
) -> None:
    """Raise `Refusal`, naming the field, for times or numbers that make no shift.

    How long it is the clocks of `zone` say: in the night of autumn in which they
    go back, a pattern that is short enough all year makes its shift too.
    """
    if ends_at <= starts_at:
        raise Refusal("The end must be after the start.", "ends")
    start, end = faces(starts_at, ends_at, zone)
    if end - start > LONGEST_SHIFT:
        raise Refusal("A shift can be 24 hours long at most.", "ends")
    if not 1 <= places <= MOST_PLACES:
        raise Refusal(f"Places must be a number from 1 to {MOST_PLACES}.", "places")
    if not 0 <= minimum <= places:
        raise Refusal("The minimum cannot be more than the places.", "minimum")
