"""What a figure is, whoever makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.reports.rules.telling import Column, Kind, Value, told, written


@dataclass(frozen=True)
class Figure:
    """A chart: what it shows, the finding in a sentence, the picture, the numbers.

    Without rows there is nothing to show, and `nothing` says so: a line and what one
    can do. `draw` is called for a page, not for a file.
    """

    name: str  # in the address of its file
    title: str
    sentence: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    draw: Callable[[], Markup]
    nothing: str
    note: str = ""

    def heads(self) -> list[str | tuple[str, str]]:
        """The heads of its table, as `data_table` takes them."""
        return [
            column.name if column.kind is Kind.WORDS else (column.name, "numeric")
            for column in self.columns
        ]

    def cells(self) -> list[list[str]]:
        """The numbers in words."""
        return [
            [told(column.kind, value) for column, value in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]

    def file(self) -> tuple[list[str], list[list[str]]]:
        """(header, rows) of its file."""
        return [column.in_file for column in self.columns], [
            [written(column.kind, value) for column, value in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]


HIDDEN: str = (
    "“Fewer than 5” and “not shown” stand where a number could point at a person, or would let "
    "such a number be worked out."
)
