"""Who can get there at all: by map cell first, so that the far side of the county costs nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, BigInteger, Select, Subquery, and_, column, func, select, values

from app.foundation.extensions import db
from app.foundation.places import metres_to_cell
from app.matching.queries.conditions import person
from app.matching.queries.wish import Need
from app.volunteers.models import Volunteer

Cells = list[tuple[int, int]]  # the cell and how many metres its nearest edge is away


@dataclass(frozen=True)
class Reach:
    """How many volunteers there are, and the cells from which some get to a shift."""

    total: int
    cells: Cells


def reach(wanted: Sequence[Need], widest: bool = False) -> Reach:
    """Ask how far people travel, cell by cell; one query, from an index alone.

    `widest` goes by that only, not by the distance that a wish allows.
    """
    rows = db.session.execute(
        select(person.cell, func.count(), func.max(person.travel_metres))
        .where(person.erased_at.is_(None))
        .group_by(person.cell)
    ).all()
    within = None if widest else wanted[0].request.within_metres
    cells = []
    for cell, _, farthest in rows:
        gap = min(metres_to_cell(need.east, need.north, cell) for need in wanted)
        if gap <= farthest and (within is None or gap <= within):
            cells.append((cell, gap))
    return Reach(total=sum(count for _, count, _ in rows), cells=cells)


def living_near(cells: Cells, asked: Subquery, columns: Sequence[Any]) -> Select[Any]:
    """Volunteers who may be in reach, with `asked_this_week` joined to them.

    To be narrowed to the metre by the caller.
    """
    listed: CTE = (
        values(column("cell", BigInteger), column("gap", BigInteger), literal_binds=True)
        .data(cells or [(-1, 0)])
        .cte("cells")
    )
    table = Volunteer.__table__
    here = and_(person.cell == listed.c.cell, person.travel_metres >= listed.c.gap)
    people = listed.join(table, here).outerjoin(asked, asked.c.volunteer_id == person.id)
    return select(*columns).select_from(people).where(person.erased_at.is_(None))
