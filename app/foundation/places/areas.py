"""The 5 km squares of the map as areas with a name, for counts that point at no home."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

from app.foundation.places import position
from app.foundation.places.gazetteer import towns
from app.foundation.places.position import CELL_METRES, Place

# Further than this from every town, an area has no name of its own.
_NEAR: Final = 12_000


@dataclass(frozen=True)
class Area:
    """The middle of a square in degrees of WGS84, and the town that it is nearest to.

    `near` is empty where no town of the county is near.
    """

    latitude: float
    longitude: float
    near: str


@cache
def area_of(cell: int) -> Area:
    """The area of a cell, as `Place.cell` numbers them."""
    column, row = divmod(cell, 1000)
    east, north = (column * CELL_METRES + CELL_METRES // 2, row * CELL_METRES + CELL_METRES // 2)
    latitude, longitude = position.degrees(east, north)
    here = Place("", latitude, longitude, "")
    away, name = min(
        (math.hypot(place.east - here.east, place.north - here.north), place.label)
        for place in _town_places()
    )
    return Area(latitude, longitude, name if away <= _NEAR else "")


@cache
def _town_places() -> tuple[Place, ...]:
    return tuple(town.place for town in towns() if town.kind == "town")
