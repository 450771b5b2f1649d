"""At which hours of the week places are filled."""

from __future__ import annotations

from app.reports.charts import heat
from app.reports.figures.shapes import Figure
from app.reports.queries import shifts
from app.reports.rules import findings
from app.reports.rules.filling import by_hour, by_part
from app.reports.rules.periods import Scope
from app.reports.rules.telling import Column, Kind, hour

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def figures(scope: Scope) -> list[Figure]:
    """The week in hours. One statement."""
    times = shifts.by_time(scope)
    cells = by_hour(times)
    title = "Places filled, by day and hour"
    at = [hour for _day, hour in cells]
    shown = range(min(at), max(at) + 1) if at else range(0)
    percents = {key: one.percent for key, one in cells.items() if one.percent is not None}
    return [
        Figure(
            name="coverage",
            title=title,
            sentence=findings.coverage(by_part(times)),
            columns=[
                Column("Day", Kind.WORDS),
                Column("Hour", Kind.WORDS),
                Column("Places asked for"),
                Column("Places filled"),
                Column("Filled", Kind.PERCENT),
            ],
            rows=[
                [_DAYS[day], hour(at), one.places, one.filled, one.percent]
                for (day, at), one in sorted(cells.items())
            ],
            draw=lambda: heat.week(f"Chart: {title}", percents, shown),
            nothing="No shifts in these dates.",
            note="A shift counts in each hour that it reaches into, by the clock at its place. "
            "A place is filled when somebody had it at the end.",
        )
    ]
