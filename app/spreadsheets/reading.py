"""From a file that somebody chose to sheets of cells; refuses what no rota can be.

Nothing in a file is ever evaluated: a formula is a cell that holds one.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import openpyxl

from app.foundation.errors import Refusal
from app.spreadsheets import rules
from app.spreadsheets.rules import Column, Kind
from app.volunteers.spreadsheet import table as tables

MOST_ROWS: Final = 5000
MOST_COLUMNS: Final = 60
LONGEST_CELL: Final = 2000
# An honest workbook of so many rows takes a tenth of this.
MOST_UNPACKED: Final = 40 * 1024 * 1024
MOST_RATIO: Final = 150
MOST_PARTS: Final = 200
_HEADER_WITHIN: Final = 6  # rows: some people put a title above
_DELIMITERS: Final = (",", ";", "\t")
# What a cell with a formula holds here; nobody types it.
FORMULA: Final = "\ufffcformula"


@dataclass(frozen=True)
class Sheet:
    """One sheet: its headings and its numbered rows, as a spreadsheet program numbers them."""

    kind: Kind
    header: list[str]
    rows: list[tuple[int, list[str]]]

    @property
    def columns(self) -> dict[Column, int]:
        return rules.recognise(self.header)

    @property
    def unknown(self) -> list[str]:
        """Headings that say nothing to us."""
        known = set(self.columns.values())
        return [
            heading
            for place, heading in enumerate(self.header)
            if heading.strip() and place not in known and heading != rules.WHY
        ]


def read(content: bytes) -> list[Sheet]:
    """The sheets of shifts and sign-ups in a CSV file or a workbook.

    Raises `Refusal` for anything else, for a file without such a sheet, and
    for one that is too large when unpacked.
    """
    if content.startswith(b"PK\x03\x04"):
        tables_in_it = [_cut(rows) for rows in _workbook(content)]
    else:
        tables_in_it = [_csv(tables.decode(content))]
    sheets = [sheet for rows in tables_in_it if (sheet := _sheet(rows)) is not None]
    if not sheets:
        for heading in filter(None, map(_lacking, tables_in_it)):
            raise Refusal(f"The heading “{heading}” is missing. Put it back as it was.", "file")
        raise Refusal(
            "We found no sheet of shifts or sign-ups. Take one out here, change it, and bring "
            "that back with its headings.",
            "file",
        )
    if len({sheet.kind for sheet in sheets}) < len(sheets):
        raise Refusal("There are two sheets of the same kind in this file.", "file")
    return sorted(sheets, key=lambda sheet: sheet.kind == Kind.SIGNUPS)


Rows = list[tuple[int, list[str]]]


def _cut(rows: Iterable[tuple[int, list[str]]]) -> Rows:
    """The rows with anything in them; those that a program only coloured are left out."""
    kept: Rows = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(kept) > MOST_ROWS + _HEADER_WITHIN:
            raise Refusal(f"This file has more than {MOST_ROWS:,} rows. Split it.", "file")
        while cells and not cells[-1].strip():
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise Refusal(f"This file has more than {MOST_COLUMNS} columns.", "file")
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise Refusal(f"A cell in row {number} is too long.", "file")
        kept.append((number, cells))
    return kept


def _sheet(rows: Rows) -> Sheet | None:
    best: tuple[int, int] | None = None
    for place, (_, cells) in enumerate(rows[:_HEADER_WITHIN]):
        columns = rules.recognise(cells)
        if rules.kind_of(columns) and (best is None or len(columns) > best[0]):
            best = (len(columns), place)
    if best is None:
        return None
    header = [cell.strip() for cell in rows[best[1]][1]]
    kind = rules.kind_of(rules.recognise(header))
    return Sheet(kind, header, rows[best[1] + 1 :]) if kind else None


def _lacking(rows: Rows) -> Column | None:
    """The heading that keeps a table from being a sheet of ours, where it looks like one."""
    headers = (rules.recognise(cells) for _, cells in rows[:_HEADER_WITHIN])
    return rules.lacking(max(headers, key=len, default={}))


def _csv(text: str) -> Rows:
    given = None
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        given, text = first.strip()[-1], rest  # Excel's own note of the delimiter
    best: Rows = []
    most = -1
    for delimiter in [given] if given else _DELIMITERS:
        try:
            lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            rows = _cut(
                (number, [rules.unguarded(cell) for cell in cells])
                for number, cells in enumerate(lines, start=1 + bool(given))
            )
        except csv.Error:
            continue
        known = max((len(rules.recognise(cells)) for _, cells in rows[:_HEADER_WITHIN]), default=0)
        if known > most:
            best, most = rows, known
    return best


def _workbook(content: bytes) -> Iterator[Iterator[tuple[int, list[str]]]]:
    _check_package(content)
    try:
        # Values only where there is no formula: what a program once made of one is not trusted.
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=False, keep_links=False
        )
        if len(book.worksheets) > 20:
            raise Refusal("This workbook has too many sheets.", "file")
        for sheet in book.worksheets:
            yield _rows(sheet)
    except Refusal:
        raise
    except Exception as fault:
        # openpyxl raises whatever it trips over: KeyError, ValueError, its own.
        raise Refusal(
            "This workbook is damaged, or not one. Save it again as .xlsx.", "file"
        ) from fault


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        yield number, [_said(cell) for cell in cells]


def _said(cell: Any) -> str:
    """A cell as the text that a CSV file would hold."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return FORMULA
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        # A time alone stands on a program's day zero.
        near = value + timedelta(seconds=30)
        return f"{near:%H:%M}" if value.year < 1901 else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _check_package(content: bytes) -> None:
    """Raise `Refusal` for a package that would fill the memory, or whose XML has entities."""
    too_large = Refusal("This workbook is too large when it is unpacked. Split it.", "file")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS:
                raise too_large
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(len(content), 50_000):
                raise too_large
            for part in parts:
                if part.flag_bits & 0x1:
                    raise Refusal("This workbook has a password. Save it without one.", "file")
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    # `read` stops at the size that was declared, and checks the sum.
                    text = package.read(part).replace(b"\0", b"")
                    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                        raise Refusal("This workbook is not one that a program makes.", "file")
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, EOFError) as fault:
        raise Refusal("This workbook is damaged. Save it again as .xlsx.", "file") from fault
