"""Which occurrence each shift is, put back when a change is undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.foundation.extensions import db
from app.opportunities.models import Shift
from app.rota.changing.drafts.shapes import keys_of
from app.rota.changing.keeping import Values, read


def days_back(changed: Sequence[tuple[Values, Shift]]) -> None:
    """Each shift is the occurrence again that it was, unless another stands there by now.

    Two may change places, so all give up their days before any takes its own.
    """
    due: list[tuple[Shift, date | None, date | None]] = []
    for entry, shift in changed:
        before = read(Shift, entry["before"])["occurrence_day"]
        after = read(Shift, entry["after"])["occurrence_day"]
        if before != after == shift.occurrence_day:
            due.append((shift, before, after))
            shift.occurrence_day = None
    db.session.flush()
    taken = keys_of({shift.series for shift, _, _ in due if shift.series})
    for shift, before, after in due:
        there = taken.get(shift.series or "", set())
        possible = (before, after) if before is not None else ()
        shift.occurrence_day = next((day for day in possible if day not in there), None)
        if shift.occurrence_day is not None:
            there.add(shift.occurrence_day)
    db.session.flush()
