"""People by the month in which they joined: who gives time, who has stopped."""

from __future__ import annotations

from flask import current_app

from app.foundation import clock
from app.reports.charts import bars
from app.reports.figures.shapes import HIDDEN, Figure
from app.reports.queries import people
from app.reports.rules import findings
from app.reports.rules.people import ACTIVE_DAYS
from app.reports.rules.periods import Scope
from app.reports.rules.suppression import Hidden, table
from app.reports.rules.telling import Column, Kind, month, told

PARTS = (
    bars.Part("Active", "solid"),
    bars.Part("Lapsing", "hatched"),
    bars.Part("Not begun yet", "hollow"),
)


def figures(scope: Scope) -> list[Figure]:
    """One statement."""
    cohorts = people.cohorts(scope, clock.today(current_app.config["TIMEZONE"]))
    lines, total = table([one.parts for one in cohorts.values()])
    title = "People who joined, and what became of them"
    hides = any(one.hides for one in lines)
    return [
        Figure(
            name="joined",
            title=title,
            sentence=findings.joined(cohorts),
            columns=[
                Column("Joined in", Kind.WORDS),
                Column("Active"),
                Column("Lapsing"),
                Column("Not begun yet"),
                Column("All"),
            ],
            rows=[
                [month(number), *one.numbers, one.total]
                for number, one in zip(cohorts, lines, strict=True)
            ]
            if total != 0
            else [],
            draw=lambda: bars.parted(
                f"Chart: {title}",
                PARTS,
                [
                    bars.Parted(
                        month(number),
                        [None if isinstance(part, Hidden) else part for part in one.numbers],
                        [told(Kind.COUNT, part) for part in one.numbers],
                    )
                    for number, one in zip(cohorts, lines, strict=True)
                ],
            ),
            nothing="Nobody joined in these dates.",
            note=f"Active: gave time in the last {ACTIVE_DAYS} days. Lapsing: gave time, but not "
            f"in the last {ACTIVE_DAYS} days." + (f" {HIDDEN}" if hides else ""),
        )
    ]
