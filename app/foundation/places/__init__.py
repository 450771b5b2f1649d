"""Where things are: postcodes, towns, distances in miles and coarse map cells.

Everything here works without a network. The `flask places import` command
makes positions exact to the postcode; until then they are exact to the
outward code ("LE11"), which is some miles across.
"""

from app.foundation.places.areas import Area, area_of
from app.foundation.places.gazetteer import DISTRICTS, OutwardCode, Town, outward_code, towns
from app.foundation.places.models import Postcode
from app.foundation.places.position import (
    Place,
    cells_within,
    metres_to_cell,
    metres_to_miles,
    miles_to_metres,
    spoken_distance,
    spoken_miles,
)
from app.foundation.places.postcodes import normalise_postcode
from app.foundation.places.queries import find_place, locate_postcode

__all__ = [
    "DISTRICTS",
    "Area",
    "OutwardCode",
    "Place",
    "Postcode",
    "Town",
    "area_of",
    "cells_within",
    "find_place",
    "locate_postcode",
    "metres_to_cell",
    "metres_to_miles",
    "miles_to_metres",
    "normalise_postcode",
    "outward_code",
    "spoken_distance",
    "spoken_miles",
    "towns",
]
