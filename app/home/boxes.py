"""What presses on a manager's first page: each shift once, in the box that matters most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.home.queries.groups import Desk, Line
from app.opportunities.rules.crew import coming_and_needed
from app.safeguarding.queries.alarms import Shown
from app.signups.leaving import SHOWN as LATE_SHOWN
from app.signups.leaving import Late

# As many as there are people who left late, so that none of them is cut off.
SHOWN: Final = LATE_SHOWN
GAPS_SHOWN: Final = 6


@dataclass(frozen=True)
class Told:
    """One shift in a box: how it stands, and who left it late and is not seen yet."""

    id: int
    title: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    stands: str
    left: list[Late]


@dataclass(frozen=True)
class Box:
    """Shifts of one kind; those that somebody left late come first, the others by time."""

    told: list[Told] = field(default_factory=list)

    @property
    def shown(self) -> list[Told]:
        return sorted(self.told, key=lambda one: not one.left)[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.told) - SHOWN)


@dataclass(frozen=True)
class Boxes:
    """What is not safe, what is too thin to run, and what was left late but runs all the same."""

    safety: Box
    thin: Box
    late: Box
    gaps: list[Line]  # what has places free and stands in no box

    def pressing(self) -> list[int]:
        """The shifts that lack people and are shown, the gravest first."""
        told = [one.id for box in (self.thin, self.safety, self.late) for one in box.shown]
        return list(dict.fromkeys([*told, *(line.id for line in self.gaps[:GAPS_SHOWN])]))

    @property
    def is_empty(self) -> bool:
        return not (self.safety.told or self.thin.told or self.late.told)


def sort_out(desk: Desk, alarms: Iterable[Shown], late: Sequence[Late]) -> Boxes:
    """Put each shift of one group into one box; who left it late stands with it."""
    left: dict[int, list[Late]] = {}
    for one in late:
        left.setdefault(one.shift_id, []).append(one)
    thin = {line.id for line in desk.alarms}
    safety = Box(
        [
            Told(
                one.watched.id,
                one.watched.title,
                one.watched.zone,
                one.watched.crew.starts_at,
                one.watched.crew.ends_at,
                " ".join(one.sentences),
                left.get(one.watched.id, []),
            )
            for one in alarms
            # What is only too thin stands in the next box.
            if not (one.is_only_thin and one.watched.id in thin)
        ]
    )
    told = {one.id for one in safety.told}
    too_thin = Box(
        [
            _told(line, coming_and_needed(line.taken, line.minimum), left)
            for line in desk.alarms
            if line.id not in told
        ]
    )
    told |= thin
    free = {line.id: line for line in desk.gaps}
    left_late = Box(
        [
            _told(free[shift_id], _free(free[shift_id]), left)
            if shift_id in free
            else Told(
                shift_id, ones[0].title, ones[0].zone, ones[0].starts_at, ones[0].ends_at, "", ones
            )
            for shift_id, ones in left.items()
            if shift_id not in told
        ]
    )
    told |= set(left)
    return Boxes(safety, too_thin, left_late, [one for one in desk.gaps if one.id not in told])


def _told(line: Line, stands: str, left: dict[int, list[Late]]) -> Told:
    return Told(
        line.id,
        line.title,
        line.zone,
        line.starts_at,
        line.ends_at,
        stands,
        left.get(line.id, []),
    )


def _free(line: Line) -> str:
    return f"{line.taken} of {line.places} places taken"
