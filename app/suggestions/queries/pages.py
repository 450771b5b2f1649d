"""What the pages of a suggestion show, in a few statements each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.foundation.extensions import db
from app.opportunities.models import Shift, Slot
from app.suggestions.models import OPEN, Mark, SuggestedPlace, Suggestion


def latest(group_id: int) -> Suggestion | None:
    """The draft that the group has now."""
    return db.session.scalar(
        select(Suggestion)
        .where(Suggestion.group_id == group_id, Suggestion.progress.in_(OPEN))
        .order_by(Suggestion.id.desc())
        .limit(1)
    )


@dataclass
class Row:
    """One shift with what is suggested for it, and what stays open."""

    shift: Shift
    places: list[SuggestedPlace] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def short(self) -> int:
        """How many it lacks to run."""
        return max((gap.short for gap in self.gaps), default=0)


@dataclass(frozen=True)
class Gap:
    """Places of one duty that stay open, and why."""

    shift_id: int
    slot_id: int | None
    duty: str
    free: int
    short: int
    why: str


def rows(suggestion: Suggestion) -> list[Row]:
    """Every shift that the suggestion speaks of, in order. Three statements."""
    places = db.session.scalars(
        select(SuggestedPlace)
        .where(SuggestedPlace.suggestion_id == suggestion.id, SuggestedPlace.mark != Mark.REMOVED)
        .options(
            joinedload(SuggestedPlace.volunteer),
            joinedload(SuggestedPlace.slot).joinedload(Slot.duty),
        )
        .order_by(SuggestedPlace.slot_id, SuggestedPlace.id)
    ).all()
    gaps = suggestion.gaps
    ids = {place.shift_id for place in places} | {gap["shift_id"] for gap in gaps}
    shifts = db.session.scalars(
        select(Shift)
        .where(Shift.id.in_(ids))
        .options(joinedload(Shift.opportunity), joinedload(Shift.site))
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    duties = _duties([gap["slot_id"] for gap in gaps if gap["slot_id"]])
    found = {shift.id: Row(shift) for shift in shifts}
    for place in places:
        found[place.shift_id].places.append(place)  # its shift was read above
    for gap in gaps:
        if gap["shift_id"] in found:
            found[gap["shift_id"]].gaps.append(_gap(gap, duties))
    return list(found.values())


def _gap(said: dict[str, Any], duties: dict[int, str]) -> Gap:
    return Gap(
        said["shift_id"],
        said["slot_id"],
        duties.get(said["slot_id"], "") if said["slot_id"] else "",
        said["free"],
        said["short"],
        said["why"],
    )


def _duties(slot_ids: Sequence[int]) -> dict[int, str]:
    if not slot_ids:
        return {}
    slots = db.session.scalars(
        select(Slot).where(Slot.id.in_(slot_ids)).options(joinedload(Slot.duty))
    )
    return {slot.id: slot.duty.name for slot in slots}


@dataclass
class Share:
    """What one person is suggested for."""

    name: str
    volunteer_id: int
    zone: str
    places: list[SuggestedPlace] = field(default_factory=list)


def by_person(found: Sequence[Row]) -> list[Share]:
    """The same places person by person, those with most first."""
    shares: dict[int, Share] = {}
    for row in found:
        for place in row.places:
            share = shares.setdefault(
                place.volunteer_id,
                Share(place.volunteer.name, place.volunteer_id, row.shift.site.zone),
            )
            share.places.append(place)
    return sorted(shares.values(), key=lambda one: (-len(one.places), one.name))


def by_day(found: Sequence[Row]) -> dict[date, list[Row]]:
    """The shifts under the day on which they begin, by the site's clock."""
    days: dict[date, list[Row]] = defaultdict(list)
    for row in found:
        day = row.shift.starts_at.astimezone(ZoneInfo(row.shift.site.zone)).date()
        days[day].append(row)
    return days
