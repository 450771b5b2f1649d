"""From a file's bytes to a table of cells, and back to a file that is safe to open."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.foundation.errors import Refusal
from app.volunteers.spreadsheet.columns import Column, recognise

MOST_ROWS: Final = 50_000
_DELIMITERS: Final = (",", ";", "\t")
_HEADER_WITHIN: Final = 12  # rows: some exports begin with a title
# A cell that begins so is a formula to a spreadsheet program:
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """The header as written, what each column was taken for, and the numbered rows.

    A row's number is the one that a spreadsheet program shows beside it.
    """

    header: list[str]
    columns: dict[int, Column]
    rows: list[tuple[int, list[str]]]


def decode(content: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16, or else in Windows-1252.

    Raises `Refusal` for what is not text.
    """
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Refusal("This is an Excel workbook. Save it as CSV and choose that file.", "file")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    elif content[1:40:2].count(0) > len(content[1:40:2]) // 2:
        text = content.decode("utf-16-le", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # Windows-1252 leaves five bytes without a letter; Latin-1 has no such gaps.
            try:
                text = content.decode("cp1252")
            except UnicodeDecodeError:
                text = content.decode("latin-1")
    if text.count("\0") > 10:
        raise Refusal("This file is not a CSV file.", "file")
    return text.replace("\0", "")


def read(text: str) -> Table:
    """The table in a CSV text, whatever its delimiter and above its title.

    Raises `Refusal` when there is no row of headings that we understand.
    """
    given = None
    first_line, _, rest = text.partition("\n")
    if first_line.strip().lower().startswith("sep=") and len(first_line.strip()) == 5:
        given, text = first_line.strip()[-1], rest  # Excel's own note of the delimiter
    tables = [_read(text, delimiter) for delimiter in ([given] if given else _DELIMITERS)]
    best = max(tables, key=lambda table: (len(table.columns), len(table.header)))
    found = set(best.columns.values())
    if not found & {Column.NAME, Column.FIRST_NAME, Column.LAST_NAME}:
        raise Refusal("We found no column of names. Call one Name, or First name and Last name.")
    if not found & {Column.MOBILE, Column.PHONE, Column.EMAIL}:
        raise Refusal("We found no column of phone numbers or email addresses.")
    if not best.rows:
        raise Refusal("There are no people below the headings.")
    return best


def _read(text: str, delimiter: str) -> Table:
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return Table([], {}, [])
    if len(lines) > MOST_ROWS + _HEADER_WITHIN:
        raise Refusal(f"This file has more than {MOST_ROWS:,} rows. Split it.", "file")
    candidates = [(recognise(cells), number) for number, cells in enumerate(lines[:_HEADER_WITHIN])]
    if not candidates:
        return Table([], {}, [])
    columns, at = max(candidates, key=lambda candidate: (len(candidate[0]), -candidate[1]))
    header = [cell.strip() for cell in lines[at]]
    rows = [
        (number + 1, [_unguarded(cell) for cell in cells])
        for number, cells in enumerate(lines)
        if number > at and any(cell.strip() for cell in cells)
    ]
    return Table(header, columns, rows)


def _unguarded(cell: str) -> str:
    """The cell without the mark that `write` puts before a formula."""
    if cell.startswith("'") and cell[1:].startswith(_FORMULA_BEGINS):
        return cell[1:]
    return cell


def harmless(cell: str) -> str:
    """The cell so that no spreadsheet program takes it for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA_BEGINS) else cell


def write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file that Excel opens as it is meant: UTF-8 with its mark, no formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return codecs.BOM_UTF8 + out.getvalue().encode()
