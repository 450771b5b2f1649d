"""Fills the postcode table from Ordnance Survey's Code-Point Open.

https://www.ordnancesurvey.co.uk/products/code-point-open, free under the Open
Government Licence. A file has no header; its columns are: postcode, positional
quality (10 is best, 90 means no position), easting, northing, country, two
health areas, county, district, ward.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.places.models import Postcode
from app.foundation.places.postcodes import normalise_postcode
from app.foundation.transaction import transaction
from app.foundation.upsert import insert

if TYPE_CHECKING:
    from pyproj import Transformer

_CHUNK: Final = 5000
_COLUMNS: Final = 10
_NO_POSITION: Final = 90

# The Office for National Statistics' codes of the county's districts.
_DISTRICT_OF_CODE: Final = {
    "E06000016": "Leicester",
    "E06000017": "Rutland",
    "E07000129": "Blaby",
    "E07000130": "Charnwood",
    "E07000131": "Harborough",
    "E07000132": "Hinckley and Bosworth",
    "E07000133": "Melton",
    "E07000134": "North West Leicestershire",
    "E07000135": "Oadby and Wigston",
}


@dataclass(frozen=True)
class _Row:
    postcode: str
    easting: int
    northing: int
    district: str


@dataclass(frozen=True)
class _Position:
    postcode: str
    latitude: float
    longitude: float
    district: str


def import_code_point(path: Path) -> int:
    """Read a Code-Point Open file, or every one in a folder; return how many postcodes.

    A postcode that is known already gets its new position, so that an import
    can be run again. Each chunk of rows is one transaction: a half-done import
    does no harm and the next run completes it. Raises `Refusal` for a file
    that is not Code-Point Open; the first row tells before anything is written.
    """
    count = 0
    for file in _files(path):
        rows = _read(file)
        while chunk := list(islice(rows, _CHUNK)):
            _store(_positions(chunk))
            count += len(chunk)
    return count


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    # As Ordnance Survey packs it, the files lie two folders down.
    files = sorted(path.glob("*.csv")) or sorted(path.glob("Data/CSV/*.csv"))
    if not files:
        raise Refusal("There is no CSV file there. Give a Code-Point Open file, or their folder.")
    return files


def _read(file: Path) -> Iterator[_Row]:
    """The rows that have a position. Raises `Refusal`, naming the line, for a wrong one."""
    number = 0
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for cells in csv.reader(lines, strict=True):
                number += 1
                row = _row(cells)
                if row:
                    yield row
    except (Refusal, ValueError, csv.Error):
        raise Refusal(
            f"Line {number or 1} of {file.name} is not from Code-Point Open. A line has a "
            f"postcode, a quality, an easting and a northing in front, and {_COLUMNS} columns."
        ) from None
    if not number:
        raise Refusal(f"{file.name} is empty.")


def _row(cells: Sequence[str]) -> _Row | None:
    """None for a postcode without a position. Raises `Refusal` or ValueError for a wrong row."""
    if len(cells) != _COLUMNS:
        raise ValueError("A row has ten columns.")
    postcode = normalise_postcode(cells[0])
    quality, easting, northing = int(cells[1]), int(cells[2]), int(cells[3])
    # The National Grid: 700 km from west to east, 1300 km from south to north.
    if not (0 <= easting < 700_000 and 0 <= northing < 1_300_000):
        raise ValueError("The position is off the National Grid.")
    if quality >= _NO_POSITION or not easting:
        return None
    return _Row(postcode, easting, northing, _DISTRICT_OF_CODE.get(cells[8], ""))


@cache
def _national_grid() -> Transformer:
    """From OSGB36 easting and northing to WGS84 latitude and longitude, to about two metres."""
    # Ten megabytes that no web or worker process needs, only the import by hand.
    from pyproj import Transformer  # noqa: PLC0415

    return Transformer.from_crs("EPSG:27700", "EPSG:4326")


def _positions(rows: Sequence[_Row]) -> list[_Position]:
    latitudes, longitudes = _national_grid().transform(
        [float(row.easting) for row in rows], [float(row.northing) for row in rows]
    )
    return [
        _Position(row.postcode, round(latitude, 6), round(longitude, 6), row.district)
        for row, latitude, longitude in zip(rows, latitudes, longitudes, strict=True)
    ]


def _store(positions: Sequence[_Position]) -> None:
    with transaction():
        new = insert(Postcode)
        statement = new.on_conflict_do_update(
            index_elements=["postcode"],
            set_={name: new.excluded[name] for name in ("latitude", "longitude", "district")},
        )
        db.session.execute(statement, [asdict(position) for position in positions])
