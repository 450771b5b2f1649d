"""From rows to files that are safe to open: no cell of ours is ever a formula."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from typing import IO, Any, Final

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.spreadsheets import rules
from app.spreadsheets.rules import Column

_WIDTHS: Final[dict[str, int]] = {
    Column.ROLE: 28,
    Column.SITE: 24,
    Column.ZONE: 16,
    Column.DUTIES: 32,
    Column.NAME: 26,
    Column.EMAIL: 30,
    Column.PHONE: 18,
    Column.REASON: 28,
    Column.SIGNED_UP: 18,
}
_BY_HEADING: Final[dict[str, Column]] = {column.value: column for column in Column}


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """A CSV file in pieces: UTF-8 with its mark, so that Excel reads the letters right."""
    yield codecs.BOM_UTF8
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    for number, row in enumerate(rows, start=1):
        writer.writerow([rules.harmless(cell) for cell in row])
        if number % 500 == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def as_workbook(
    sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str]]]], *, all_text: bool = False
) -> IO[bytes]:
    """A workbook of (title, header, rows): packed, ten thousand rows are half a megabyte.

    Days, times and numbers are such cells, so that a program can sort them,
    unless `all_text`; everything else is text, a formula's letters too.
    """
    book = openpyxl.Workbook(write_only=True)
    for title, header, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "B2"
        for place, heading in enumerate(header):
            sheet.column_dimensions[get_column_letter(place + 1)].width = _WIDTHS.get(heading, 12)
        sheet.append([_text(sheet, heading, bold=True) for heading in header])
        columns = [None if all_text else _BY_HEADING.get(heading) for heading in header]
        for row in rows:
            sheet.append(
                [_cell(sheet, column, text) for column, text in zip(columns, row, strict=True)]
            )
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _text(sheet: Any, text: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, text.translate(rules.UNWRITABLE))
    cell.data_type = "s"  # else openpyxl takes "=" for the beginning of a formula
    if bold:
        cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, column: Column | None, text: str) -> Any:
    if text and column == Column.DATE:
        cell = WriteOnlyCell(sheet, date.fromisoformat(text))
        cell.number_format = "yyyy-mm-dd"
        return cell
    if text and column in (Column.STARTS, Column.ENDS):
        cell = WriteOnlyCell(sheet, time.fromisoformat(text))
        cell.number_format = "hh:mm"
        return cell
    if text and column in rules.NUMBERS and text.isdecimal() and len(text) < 8:
        return WriteOnlyCell(sheet, int(text)) if text == str(int(text)) else _text(sheet, text)
    return _text(sheet, text)
