"""The 5 km squares of the map as areas with a name, for counts that point at no home."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

from app.foundation.places import position
from app.foundation.places.gazetteer import towns
from app.foundation.places.position import CELL_METRES, Place

# So near, a town gives an area its name; a little further off, any place that is nearest.
_TOWN_NEAR: Final = 6_000
_NEAR: Final = 12_000


@dataclass(frozen=True)
class Area:
    """The middle of a square in degrees of WGS84, and the town or village that it is near.

    `near` is empty where no place of the county is near.
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
    for kinds, near in ((("town",), _TOWN_NEAR), (("town", "suburb", "village"), _NEAR)):
        away, name = min(
            (math.hypot(place.east - here.east, place.north - here.north), place.label)
            for place in _places(kinds)
        )
        if away <= near:
            return Area(latitude, longitude, name)
    return Area(latitude, longitude, "")


@cache
def _places(kinds: tuple[str, ...]) -> tuple[Place, ...]:
    return tuple(town.place for town in towns() if town.kind in kinds)
