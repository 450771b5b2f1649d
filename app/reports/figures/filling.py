"""How many places are filled each month, and how long shifts take to fill."""

from __future__ import annotations

from app.reports.charts import bars
from app.reports.figures.shapes import Figure
from app.reports.queries import shifts
from app.reports.rules import findings
from app.reports.rules.filling import Filled
from app.reports.rules.periods import Scope
from app.reports.rules.telling import Column, Kind, month, short_month, told, wait

_DAY = 24 * 60


def figures(scope: Scope) -> list[Figure]:
    """Both by month. Three statements."""
    by_month = shifts.by_month(scope)
    total = Filled(
        *(
            sum(getattr(one, name) for one in by_month.values())
            for name in ("shifts", "places", "filled", "safe")
        )
    )
    return [_rate(by_month, total), _times(scope, total)]


def _rate(by_month: dict[int, Filled], total: Filled) -> Figure:
    title = "Places filled each month"
    return Figure(
        name="places-by-month",
        title=title,
        sentence=findings.filled(total),
        columns=[
            Column("Month", Kind.WORDS),
            Column("Shifts"),
            Column("Places asked for"),
            Column("Places filled"),
            Column("Filled", Kind.PERCENT),
            Column("Shifts below their minimum"),
        ],
        rows=[
            [month(number), one.shifts, one.places, one.filled, one.percent, one.shifts - one.safe]
            for number, one in by_month.items()
        ]
        if total.shifts
        else [],
        draw=lambda: bars.upright(
            f"Chart: {title}",
            [
                bars.Bar(
                    month(number),
                    one.percent,
                    told(Kind.PERCENT, one.percent) if one.percent is not None else "",
                    short_month(number),
                )
                for number, one in by_month.items()
            ],
            lambda level: f"{level}%",
            most=100,
        ),
        nothing="No shifts in these dates.",
        note="A shift counts once it is over, unless it was cancelled. A place is filled when "
        "somebody had it at the end, whether or not they then came.",
    )


def _times(scope: Scope, total: Filled) -> Figure:
    by_month = shifts.time_to_fill_by_month(scope)
    whole = shifts.time_to_fill(scope)
    title = "How long shifts take to fill"
    longest = max((one.upper for one in by_month.values() if one), default=0)
    # One unit for the whole picture, so that its lines stand at round numbers.
    unit, length = ("day", _DAY) if longest >= 3 * _DAY else ("hour", 60)

    def spans() -> list[bars.Span]:
        return [
            bars.Span(
                month(number),
                (one.lower / length, one.median / length, one.upper / length) if one else None,
                wait(one.median) if one else "",
                short_month(number),
            )
            for number, one in by_month.items()
        ]

    return Figure(
        name="time-to-fill",
        title=title,
        sentence=findings.time_to_fill(whole) if total.shifts else "",
        columns=[
            Column("Month", Kind.WORDS),
            Column("Shifts that filled"),
            Column("A quarter within", Kind.WAIT),
            Column("Half within", Kind.WAIT),
            Column("Three quarters within", Kind.WAIT),
        ],
        rows=[
            [
                month(number),
                one.count if one else 0,
                one.lower if one else None,
                one.median if one else None,
                one.upper if one else None,
            ]
            for number, one in by_month.items()
        ]
        if whole
        else [],
        draw=lambda: bars.spans(
            f"Chart: {title}",
            spans(),
            lambda level: f"{level} {unit if level == 1 else unit + 's'}",
        ),
        nothing="No shifts in these dates were filled to the last place.",
        note="From when a shift could first be taken until its last place was. Each block is the "
        "middle half of the month’s shifts, and the dark bar in it is where half were full.",
    )
