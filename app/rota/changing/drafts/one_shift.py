"""Only one shift is changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from app.foundation import clock
from app.foundation.errors import Refusal
from app.opportunities import queries, slots
from app.opportunities import rules as shift_rules
from app.opportunities.models import Shift, Stage
from app.opportunities.rules import span
from app.rota.changing.drafts.shapes import Conflict, Draft, face_of, made_of, short
from app.rota.changing.models import Kind
from app.rota.changing.rules import Act, Face, Step
from app.signups.rows import locked
from app.web.filters import spoken_when


@dataclass(frozen=True, kw_only=True)
class ShiftValues:
    """What a manager can say of one shift, in local time of its site."""

    day: date
    starts: time
    ends: time
    places: int
    minimum: int


def values_of_shift(shift: Shift) -> ShiftValues:
    """A shift's row as its form has it."""
    zone = ZoneInfo(shift.site.zone)
    start, end = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
    return ShiftValues(
        day=start.date(),
        starts=start.time().replace(second=0, microsecond=0),
        ends=end.time().replace(second=0, microsecond=0),
        places=shift.places,
        minimum=shift.minimum,
    )


@dataclass(frozen=True, kw_only=True)
class OneShift:
    """Only this shift: a new time, other places, another minimum.

    `version` is the shift's as the form had it; None asks no questions.
    """

    group_id: int
    shift_id: int
    values: ShiftValues
    version: int | None = None

    def draft(self, along: Collection[int], *, lock: bool = False) -> Draft:
        if lock:
            locked([self.shift_id])
        shift = queries.shift_of(self.group_id, self.shift_id)
        if shift.stage == Stage.CANCELLED:
            raise Refusal("This shift was cancelled. Add a new one instead.")
        if shift.starts_at <= clock.now():
            raise Refusal("This shift has begun, so it cannot be changed.")
        if self.version is not None and self.version != shift.version:
            raise Conflict(vars(values_of_shift(shift)).copy(), shift.version, shift)
        after = self._after(shift)
        made = made_of([shift], {})[0]
        steps = []
        if after != made.face:
            steps.append(Step(act=Act.CHANGE, shift=made, key=made.key, after=after))
        return Draft(
            group_id=self.group_id,
            kind=Kind.SHIFT,
            summary=short(f"Changed the shift of {_when(shift)}: {shift.opportunity.title}"),
            steps=steps,
            shifts={shift.id: shift},
            opportunity=shift.opportunity,
        )

    def _after(self, shift: Shift) -> Face:
        said = self.values
        if said.starts == said.ends:
            raise Refusal("The end must be after the start.", "ends")
        if said == values_of_shift(shift):  # seconds that no form can hold stay as they are
            return face_of(shift)
        start, end = span(said.day, said.starts, said.ends, shift.site.zone)
        before = values_of_shift(shift)
        if (said.day, said.starts, said.ends) == (before.day, before.starts, before.ends):
            start, end = shift.starts_at, shift.ends_at
        elif start <= clock.now():
            raise Refusal("That time has passed. Choose a later one.", "day")
        shift_rules.check_shift(start, end, said.places, said.minimum, zone=shift.site.zone)
        if said.places < shift.taken:
            raise Refusal(
                f"{shift.taken} people have a place already. Give at least {shift.taken} places.",
                "places",
            )
        if said.places != shift.places and slots.of_shift(shift.id):
            raise Refusal("This shift has a team: change its places there.", "places")
        return Face(start, end, said.places, said.minimum)


def _when(shift: Shift) -> str:
    return spoken_when(shift.starts_at, shift.ends_at, shift.site.zone)
