"""The tables that come with the program: outward codes and the county's towns.

`outward_codes.csv`: the mean position of the postcodes in each outward code of
Leicestershire, Leicester, Rutland and the areas around, rounded to about ten
metres (facts from Ordnance Survey and ONS open data, by way of public tables).
LE6 is placed by its three villages, since the public tables average in codes
that were retired when LE67 was made. `towns.csv`: where the county's towns,
suburbs and villages are, to within a few hundred metres. `district` is the
district that most people of an outward code live in.
"""

from __future__ import annotations

import csv
import difflib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from app.foundation.places.position import Place

DISTRICTS: Final = (
    "Blaby",
    "Charnwood",
    "Harborough",
    "Hinckley and Bosworth",
    "Leicester",
    "Melton",
    "North West Leicestershire",
    "Oadby and Wigston",
    "Rutland",
)

_LONGEST_NAME: Final = 60
_KINDS: Final = ("town", "suburb", "village")


@dataclass(frozen=True)
class OutwardCode:
    """The first half of a postcode, the towns it serves and its middle."""

    outward: str
    latitude: float
    longitude: float
    town: str
    district: str

    @property
    def place(self) -> Place:
        return Place(f"{self.town} ({self.outward})", self.latitude, self.longitude, self.district)


@dataclass(frozen=True)
class Town:
    """A town, suburb or village of the county; `kind` says which."""

    name: str
    latitude: float
    longitude: float
    district: str
    outward: str
    kind: str

    @property
    def place(self) -> Place:
        return Place(self.name, self.latitude, self.longitude, self.district)


@cache
def towns() -> tuple[Town, ...]:
    """Every town, suburb and village of the county, district by district."""
    return tuple(
        Town(
            row["name"],
            float(row["latitude"]),
            float(row["longitude"]),
            row["district"],
            row["outward"],
            row["kind"],
        )
        for row in _rows("towns.csv")
    )


@cache
def outward_codes() -> dict[str, OutwardCode]:
    """Every outward code that we know, by its name."""
    return {
        row["outward"]: OutwardCode(
            row["outward"],
            float(row["latitude"]),
            float(row["longitude"]),
            row["town"],
            row["district"],
        )
        for row in _rows("outward_codes.csv")
    }


def outward_code(outward: str) -> OutwardCode | None:
    """The outward code of this exact name, like "LE11"."""
    return outward_codes().get(outward)


def find_town(text: str) -> Town | None:
    """The town that a person most likely means, or None.

    An exact name wins over a beginning ("ashby"), a beginning over a small
    misspelling ("Loughbrough"); among equals a town wins over a village.
    What follows a comma ("Quorn, Leicestershire") is left out.
    """
    wanted = _plain(text[:_LONGEST_NAME].partition(",")[0])
    if len(wanted) < 3:
        return None
    names = _towns_by_name()
    if wanted in names:
        return names[wanted]
    begun = [town for name, town in names.items() if name.startswith(wanted)]
    if begun:
        return min(begun, key=lambda town: (_KINDS.index(town.kind), len(town.name), town.name))
    close = difflib.get_close_matches(wanted, names, n=1, cutoff=0.8)
    return names[close[0]] if close else None


@cache
def _towns_by_name() -> dict[str, Town]:
    return {_plain(town.name): town for town in towns()}


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z]+", name.casefold().replace("’", "").replace("'", "")))


def _rows(name: str) -> list[dict[str, str]]:
    table = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(table.splitlines()))
