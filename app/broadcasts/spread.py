"""Where those live who would be asked: by large squares of the map, never by person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.foundation.places import area_of
from app.opportunities.models import Shift

ELSEWHERE: Final = "Elsewhere"
# Towns named one by one; the others are added up.
MOST_NAMED: Final = 8


@dataclass(frozen=True)
class Spread:
    """How many live near which town, the most first; and the same as marks on a map."""

    near: list[tuple[str, int]]
    marks: list[dict[str, Any]]


def spread(cells: Mapping[int, int], shifts: Sequence[Shift]) -> Spread:
    """Counts by 5 km square (see `matching.Audience.cells`) as words and as a map."""
    near: Counter[str] = Counter()
    marks = []
    for cell, people in cells.items():
        area = area_of(cell)
        near[area.near or ELSEWHERE] += people
        marks.append(
            {
                "lat": round(area.latitude, 3),
                "lon": round(area.longitude, 3),
                "number": people,
                "title": f"{people} within about two miles of here"
                if people > 1
                else "1 person within about two miles of here",
            }
        )
    sites = {shift.site_id: shift.site for shift in shifts}
    marks += [
        {"lat": site.latitude, "lon": site.longitude, "title": site.name, "line": "The shift"}
        for site in sites.values()
    ]
    named = [(town, people) for town, people in near.most_common() if town != ELSEWHERE]
    rest = near[ELSEWHERE] + sum(people for _, people in named[MOST_NAMED:])
    return Spread(named[:MOST_NAMED] + ([(ELSEWHERE, rest)] if rest else []), marks)
