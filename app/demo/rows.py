"""Many rows at once, numbered here, so that rows can point at rows not yet written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any, Final

from sqlalchemy import Table, func, select, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from app.foundation.extensions import db
from app.foundation.model import Model, metadata

CHUNK: Final = 20_000


class Rows:
    """Rows for empty tables, written in chunks, the tables that others point at first.

    Every row of one table must say the same columns. Call `finish` at the end.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._waiting: defaultdict[Table, list[dict[str, Any]]] = defaultdict(list)
        self._size = 0

    def add(self, model: type[Model], **said: Any) -> int:
        """Take a row; return its number."""
        table: Table = model.__table__  # type: ignore[assignment] # each model has a plain table
        self.counts[table.name] += 1
        number = self.counts[table.name]
        said["id"] = number
        self._waiting[table].append(said)
        self._size += 1
        if self._size >= CHUNK:
            self._write()
        return number

    def count(self, model: type[Model]) -> int:
        """How many rows of a table were taken so far."""
        return self.counts[model.__tablename__]

    def finish(self) -> None:
        """Write the rest and let the database number on from there."""
        self._write()
        if db.engine.dialect.name == "postgresql":
            for name in self.counts:
                table = metadata.tables[name]
                sequence = func.pg_get_serial_sequence(name, "id")
                db.session.execute(
                    select(func.setval(sequence, select(func.max(table.c.id)).scalar_subquery()))
                )
        # The planner knows nothing yet of what just came.
        db.session.execute(text("ANALYZE"))

    def _write(self) -> None:
        store = _copy if db.engine.dialect.name == "postgresql" else _insert
        for table in metadata.sorted_tables:
            if rows := self._waiting.pop(table, None):
                store(table, rows)
        self._size = 0


def _insert(table: Table, rows: list[dict[str, Any]]) -> None:
    """All rows by one statement, straight to the driver."""
    names, values = _values(table, rows)
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" for _ in names)
    driver: Any = db.session.connection().connection.driver_connection
    driver.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', values)


def _copy(table: Table, rows: list[dict[str, Any]]) -> None:
    """The same by COPY, PostgreSQL's way for many rows."""
    names, values = _values(table, rows)
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = db.session.connection().connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy,
    ):
        for row in values:
            copy.write_row(row)


def _values(
    table: Table, rows: list[dict[str, Any]]
) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    """The names of the columns, and each row's values as the database takes them."""
    dialect = db.engine.dialect
    fixed = {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }
    names = list(fixed | rows[0])
    of_type = [table.columns[name].type.dialect_impl(dialect) for name in names]
    to_store = [each.bind_processor(dialect) for each in of_type]

    def stored(name: str, store: Callable[[Any], Any] | None) -> Iterable[Any]:
        said = name in rows[0]
        column = (row[name] for row in rows) if said else repeat(fixed[name], len(rows))
        return column if store is None else map(store, column)

    return names, zip(*map(stored, names, to_store), strict=True)
