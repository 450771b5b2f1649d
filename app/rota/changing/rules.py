"""What a change to a pattern, a shift or a closed day does to each shift; pure.

The decisions are made from values alone. Nothing here deletes or moves a shift
on which somebody has a place or waits: it says so, and the manager decides.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

# For so long a change can be undone.
UNDO_WITHIN: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Face:
    """What a shift is, apart from who is on it; the moments are aware."""

    starts_at: datetime
    ends_at: datetime
    places: int
    minimum: int

    def same_time(self, other: Face) -> bool:
        return (self.starts_at, self.ends_at) == (other.starts_at, other.ends_at)


@dataclass(frozen=True, kw_only=True)
class Made:
    """A coming shift as it stands.

    `key` is the day of its occurrence, None for a shift of no pattern.
    `people` counts those who have a place, are offered one or wait.
    """

    id: int
    key: date | None
    face: Face
    version: int
    people: int = 0
    taken: int = 0
    is_exception: bool = False
    is_cancelled: bool = False
    has_slots: bool = False


class Act(enum.StrEnum):
    """What happens to a shift."""

    CHANGE = "change"
    ADD = "add"
    REMOVE = "remove"  # nobody is on it
    CANCEL = "cancel"  # its people are told
    LEAVE = "leave"  # it stays as it is


class Why(enum.StrEnum):
    """Why a shift is left as it is, or is not quite as asked."""

    NONE = ""
    OCCUPIED = "occupied"  # it would go, but people are on it
    EXCEPTION = "exception"  # a manager changed it by itself before
    ONE_OFF = "one-off"  # it is of no pattern
    PASSED = "passed"  # its new time is over already
    PEOPLE = "people"  # more have a place than it was to have places
    SLOTS = "slots"  # its places are told by duty


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happens to one shift. `may` says what else the manager can have done to it."""

    act: Act
    shift: Made | None  # None for one to be made
    key: date | None  # of its occurrence, after the change
    after: Face | None = None
    why: Why = Why.NONE
    may: Act | None = None
    leaves_pattern: bool = False
    pattern_id: int | None = None  # of a new shift, where the change is not about one pattern

    @property
    def is_seen(self) -> bool:
        """Whether it tells the manager anything; an unchanged shift does not."""
        return self.act != Act.LEAVE or self.why != Why.NONE

    @property
    def moves(self) -> bool:
        """Whether people must hear of a new time."""
        return (
            self.act == Act.CHANGE
            and self.shift is not None
            and self.after is not None
            and not self.after.same_time(self.shift.face)
        )

    @property
    def adds_places(self) -> bool:
        """Whether those who wait may get one."""
        return (
            self.act == Act.CHANGE
            and self.shift is not None
            and self.after is not None
            and self.after.places > self.shift.face.places
        )


def pairs(
    old: Iterable[date], new: Iterable[date], *, by_month: bool, from_day: date
) -> dict[date, date]:
    """Which new day each old day becomes, when the days of a pattern change.

    A day that stays is its own pair. Of the others, within the same week (or
    month, for patterns by the month) the first old day becomes the first new
    one, and so on; what is left over has no pair. Old days before `from_day`
    belong to the pattern as it was, and so do the new days that they take.
    """

    def period(day: date) -> tuple[int, int]:
        return (day.year, day.month) if by_month else day.isocalendar()[:2]

    before = {day for day in old if day < from_day}
    old_days = sorted(day for day in old if day >= from_day)
    new_days = sorted(day for day in new if day not in before)
    found = {day: day for day in old_days if day in set(new_days)}
    free: dict[tuple[int, int], list[date]] = {}
    for day in new_days:
        if day not in found:
            free.setdefault(period(day), []).append(day)
    for day in old_days:
        if day not in found and free.get(period(day)):
            found[day] = free[period(day)].pop(0)
    return found


def plan(
    made: Iterable[Made],
    wanted: Mapping[date, Face],
    moves: Mapping[date, date],
    *,
    now: datetime,
    horizon: datetime,
    others: Collection[date],
    along: Collection[int],
) -> list[Step]:
    """What becomes of each coming shift of a pattern, and which are made.

    `wanted` is what the pattern is to have, `moves` where each day goes,
    `others` the days of the series that are taken by shifts which are not
    `made`. `along` are the shifts that the manager wants to take along though
    they would stay by themselves. New shifts are made up to `horizon`.
    """
    steps: list[Step] = []
    claimed = set(others)
    first_own = sorted(made, key=lambda one: (moves.get(one.key or date.min) != one.key, one.key))
    for shift in first_own:
        key = moves.get(shift.key) if shift.key else None
        if key is not None and key not in claimed and key in wanted:
            claimed.add(key)
            steps.append(_meets(shift, key, wanted[key], now, along))
        else:
            steps.append(_goes(shift, along, wanted))
    steps += [
        Step(act=Act.ADD, shift=None, key=day, after=face)
        for day, face in wanted.items()
        if day not in claimed and now < face.starts_at <= horizon
    ]
    return sorted(steps, key=in_time)


def _meets(shift: Made, key: date, face: Face, now: datetime, along: Collection[int]) -> Step:
    """The pattern still has this shift, perhaps at another time."""
    stays = Step(act=Act.LEAVE, shift=shift, key=key)
    if shift.is_cancelled:
        return stays
    after, why = fitted(face, shift)
    if after == shift.face:
        return stays
    if face.starts_at <= now:
        return Step(act=Act.LEAVE, shift=shift, key=key, why=Why.PASSED)
    if shift.is_exception and shift.id not in along:
        return Step(
            act=Act.LEAVE,
            shift=shift,
            key=key,
            after=after,
            why=Why.EXCEPTION,
            may=Act.CHANGE,
        )
    return Step(
        act=Act.CHANGE,
        shift=shift,
        key=key,
        after=after,
        why=why,
        may=Act.CHANGE if shift.is_exception else None,
    )


def fitted(face: Face, shift: Made) -> tuple[Face, Why]:
    """The face that the shift can have: never fewer places than are taken."""
    if shift.has_slots and (face.places, face.minimum) != (shift.face.places, shift.face.minimum):
        kept = Face(face.starts_at, face.ends_at, shift.face.places, shift.face.minimum)
        return kept, Why.SLOTS
    if face.places < shift.taken:
        return Face(face.starts_at, face.ends_at, shift.taken, face.minimum), Why.PEOPLE
    return face, Why.NONE


def _goes(shift: Made, along: Collection[int], wanted: Collection[date]) -> Step:
    """The pattern has this shift no more."""
    if shift.is_cancelled:
        # Cancelled when an earlier change left its day out: if that day is wanted again it is
        # free for the shift that comes there.
        key = None if shift.key in wanted else shift.key
        return Step(act=Act.LEAVE, shift=shift, key=key, leaves_pattern=True)
    return go(shift, along, Why.EXCEPTION if shift.is_exception else Why.NONE)


def go(shift: Made, along: Collection[int], stays_because: Why) -> Step:
    """A shift that is to go: at once when nobody is on it, else as the manager says.

    `stays_because` names why it stays unless it is taken along, even when empty.
    """
    gone = Act.CANCEL if shift.people else Act.REMOVE
    why = Why.OCCUPIED if shift.people else stays_because
    if why == Why.NONE:
        return Step(act=gone, shift=shift, key=shift.key)
    if shift.id in along:
        return Step(act=gone, shift=shift, key=shift.key, why=why, may=gone)
    return Step(act=Act.LEAVE, shift=shift, key=shift.key, why=why, may=gone, leaves_pattern=True)


def in_time(step: Step) -> tuple[datetime, int]:
    """What steps are sorted by: the time at which the shift is, or will be."""
    face = step.shift.face if step.shift else step.after
    assert face is not None
    return face.starts_at, step.shift.id if step.shift else 0


def news(
    base: Mapping[str, object], theirs: Mapping[str, object], mine: Mapping[str, object]
) -> dict[str, tuple[object, object]]:
    """What another changed since one began: of each name, from what to what."""
    return {
        name: (base[name], value)
        for name, value in theirs.items()
        if name in base and name in mine and base[name] != value
    }


def merged(
    base: Mapping[str, object], theirs: Mapping[str, object], mine: Mapping[str, object]
) -> dict[str, object]:
    """One's own values, but those that one has not touched are as they are now."""
    return {
        name: theirs[name] if name in theirs and base.get(name) == value else value
        for name, value in mine.items()
    }
