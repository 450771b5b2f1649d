"""A place on a flat grid in whole metres, so that SQL can measure with integers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from app.foundation.sentences import gettext, ngettext

CELL_METRES: Final = 5000
METRES_PER_MILE: Final = 1609.344

_EARTH_RADIUS: Final = 6_371_008.8  # the mean radius, in metres
_CENTRE_LATITUDE: Final = math.radians(52.65)
_CENTRE_LONGITUDE: Final = math.radians(-1.13)
# Far enough for every place in England to have a positive east and north.
_OFFSET: Final = 500_000


@dataclass(frozen=True)
class Place:
    """A named point: `latitude` and `longitude` in degrees of WGS84.

    `district` is one of the county's districts, or empty outside the county.

    `east` and `north` are whole metres on a flat grid: the transverse Mercator
    projection of a sphere, about a point near Leicester. Plain distances on it
    differ from the great circle (haversine) by less than 0.01% within the
    county and 0.2% within England, beside the rounding to a metre. A simple
    equirectangular grid would err by up to 0.8% at the county's edges.
    """

    label: str
    latitude: float
    longitude: float
    district: str

    @property
    def east(self) -> int:
        latitude = math.radians(self.latitude)
        across = math.radians(self.longitude) - _CENTRE_LONGITUDE
        return round(_EARTH_RADIUS * math.atanh(math.cos(latitude) * math.sin(across))) + _OFFSET

    @property
    def north(self) -> int:
        latitude = math.radians(self.latitude)
        across = math.radians(self.longitude) - _CENTRE_LONGITUDE
        up = math.atan2(math.tan(latitude), math.cos(across)) - _CENTRE_LATITUDE
        return round(_EARTH_RADIUS * up) + _OFFSET

    @property
    def cell(self) -> int:
        """The number of the 5 km square of the grid that holds this place."""
        return _cell(self.east // CELL_METRES, self.north // CELL_METRES)


def degrees(east: int, north: int) -> tuple[float, float]:
    """Latitude and longitude of a point of the grid: the way back from `Place.east`, `north`."""
    up = (north - _OFFSET) / _EARTH_RADIUS + _CENTRE_LATITUDE
    across = (east - _OFFSET) / _EARTH_RADIUS
    latitude = math.asin(math.sin(up) / math.cosh(across))
    longitude = _CENTRE_LONGITUDE + math.atan2(math.sinh(across), math.cos(up))
    return math.degrees(latitude), math.degrees(longitude)


def _cell(column: int, row: int) -> int:
    return column * 1000 + row


def cells_within(east: int, north: int, metres: int) -> list[int]:
    """The cells that touch the circle of `metres` about a point, in order.

    A query that narrows by them misses nothing: every place within the
    distance lies in one of them, and some places farther away do too.
    """
    if metres < 0:
        return []
    cells = []
    first_row = max(0, (north - metres) // CELL_METRES)
    for column in range(max(0, (east - metres) // CELL_METRES), (east + metres) // CELL_METRES + 1):
        aside = _gap(east, column)
        for row in range(first_row, (north + metres) // CELL_METRES + 1):
            if aside**2 + _gap(north, row) ** 2 <= metres**2:
                cells.append(_cell(column, row))
    return cells


def metres_to_cell(east: int, north: int, cell: int) -> int:
    """How far a point is from the nearest whole metre of a cell, rounded down; 0 inside."""
    column, row = divmod(cell, 1000)
    return math.isqrt(_gap(east, column) ** 2 + _gap(north, row) ** 2)


def _gap(value: int, index: int) -> int:
    """How far a coordinate lies outside a cell's whole metres; 0 inside."""
    start = index * CELL_METRES
    return max(start - value, 0, value - (start + CELL_METRES - 1))


def metres_to_miles(metres: float) -> float:
    return metres / METRES_PER_MILE


def miles_to_metres(miles: float) -> int:
    """The nearest whole metre."""
    return round(miles * METRES_PER_MILE)


def spoken_distance(metres: float) -> str:
    """A distance as people say it: "under half a mile", "2.1 miles", "12 miles"."""
    return spoken_miles(metres_to_miles(metres))


def spoken_miles(miles: float) -> str:
    """The same of a number of miles, in the language of the page or letter."""
    if miles < 0.5:
        return gettext("under half a mile")
    tenths = round(miles * 10)
    if tenths >= 100 or tenths % 10 == 0:
        return ngettext("%(num)d mile", "%(num)d miles", round(miles))
    whole, tenth = divmod(tenths, 10)
    return gettext("%(whole)d.%(tenth)d miles", whole=whole, tenth=tenth)
