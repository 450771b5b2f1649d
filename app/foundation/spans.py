"""Lengths of time that the database reckons, in the words of either."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement


class MinutesBetween(FunctionElement[int]):
    """The whole minutes from one moment to a later one, to the nearest: for sums of many rows."""

    type = Integer()
    inherit_cache = True

    def __init__(
        self, first: InstrumentedAttribute[datetime], last: InstrumentedAttribute[datetime]
    ) -> None:
        super().__init__(first, last)


@compiles(MinutesBetween, "postgresql")
def _on_postgresql(element: MinutesBetween, compiler: Any, **said: Any) -> str:
    first, last = (compiler.process(one, **said) for one in element.clauses)
    return f"CAST(round(extract(epoch FROM ({last} - {first})) / 60) AS integer)"


@compiles(MinutesBetween, "sqlite")
def _on_sqlite(element: MinutesBetween, compiler: Any, **said: Any) -> str:
    first, last = (compiler.process(one, **said) for one in element.clauses)
    return f"CAST(round((julianday({last}) - julianday({first})) * 1440) AS integer)"
