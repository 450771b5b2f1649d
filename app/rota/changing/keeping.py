"""Rows as plain values, for the record of a change: written before and after, and put back."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import Date, Time
from sqlalchemy.orm import class_mapper

from app.foundation.model import UtcDateTime
from app.opportunities.models import Closure, Pattern, Shift, Stage

# Kept by the database, or of no meaning for another row.
_NOT_KEPT: Final = {"id", "created_at", "changed_at", "taken"}
Values = dict[str, Any]
_READ: Final = (
    (UtcDateTime, datetime.fromisoformat),
    (Date, date.fromisoformat),
    (Time, time.fromisoformat),
)


def kept(row: Shift | Pattern | Closure) -> Values:
    """A row's own columns as JSON can hold them."""
    return {
        column.key: _plain(getattr(row, column.key))
        for column in class_mapper(type(row)).column_attrs
        if column.key not in _NOT_KEPT
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value


def read(of: type[Shift] | type[Pattern] | type[Closure], values: Values) -> Values:
    """The values as the row's attributes take them again."""
    found: Values = {}
    for column in class_mapper(of).column_attrs:
        if column.key not in values:
            continue
        value = values[column.key]
        if isinstance(value, str):
            kind = column.columns[0].type
            value = next((parse(value) for of, parse in _READ if isinstance(kind, of)), value)
        found[column.key] = Stage(value) if column.key == "stage" else value
    return found
