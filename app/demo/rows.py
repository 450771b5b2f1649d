"""Many rows at once, numbered here, so that rows can point at rows not yet written."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Final

from sqlalchemy import Table, func, insert, select, text

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
        if db.engine.dialect.name != "postgresql":
            return
        for name in self.counts:
            table = metadata.tables[name]
            sequence = func.pg_get_serial_sequence(name, "id")
            db.session.execute(
                select(func.setval(sequence, select(func.max(table.c.id)).scalar_subquery()))
            )
        # The planner knows nothing yet of what just came.
        db.session.execute(text("ANALYZE"))

    def _write(self) -> None:
        for table in metadata.sorted_tables:
            if rows := self._waiting.pop(table, None):
                db.session.execute(insert(table), rows)
        self._size = 0
