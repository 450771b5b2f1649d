"""Whether a shift may be deleted: not while any other row tells of it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, union_all

from app.foundation.extensions import db
from app.foundation.model import metadata
from app.opportunities.models import Shift, Slot

# These are parts of the shift itself.
_OWN = {Slot.__tablename__}


def told_of(shift_ids: Collection[int]) -> set[int]:
    """Those of the shifts that a row of any other table refers to, by whichever feature.

    Sign-ups, hours, requests: what was is kept, so such a shift is cancelled
    where another would be deleted. One statement.
    """
    shift = Shift.__table__
    columns = [
        key.parent
        for table in metadata.tables.values()
        if table.name not in _OWN
        for key in table.foreign_keys
        if key.column.table is shift
    ]
    if not shift_ids or not columns:
        return set()
    ids = list(shift_ids)
    parts = [select(column.label("shift_id")).where(column.in_(ids)) for column in columns]
    return set(db.session.scalars(union_all(*parts)))
