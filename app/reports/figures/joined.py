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
from app.reports.rules.suppression import Hidden, line, table
from app.reports.rules.telling import Column, Kind, month, told

PARTS = (
    bars.Part("Active", "solid"),
    bars.Part("Lapsing", "hatched"),
    bars.Part("Not begun yet", "hollow"),
)


def figures(scope: Scope) -> list[Figure]:
    """One statement."""
    cohorts = people.cohorts(scope, clock.today(current_app.config["TIMEZONE"]))
    names = [month(number) for number in cohorts]
    lines, total = table([one.parts for one in cohorts.values()])
    if total != 0 and not any(any(isinstance(n, int) and n for n in one.numbers) for one in lines):
        # No month can be told by itself: all of them together perhaps.
        whole = line(
            [sum(parts) for parts in zip(*(one.parts for one in cohorts.values()), strict=True)]
        )
        names, lines, total = [f"{names[0]} to {names[-1]}"], (whole,), whole.total
    title = "People who joined, and what became of them"
    hides = any(one.hides for one in lines)
    return [
        Figure(
            name="joined",
            title=title,
            # The sums of the columns would undo what the rows hide.
            sentence=findings.joined_in_all(total) if hides else findings.joined(cohorts),
            columns=[
                Column("Joined in", Kind.WORDS),
                Column("Active"),
                Column("Lapsing"),
                Column("Not begun yet"),
                Column("All"),
            ],
            rows=[[name, *one.numbers, one.total] for name, one in zip(names, lines, strict=True)]
            if total != 0
            else [],
            draw=lambda: bars.parted(
                f"Chart: {title}",
                PARTS,
                [
                    bars.Parted(
                        name,
                        [None if isinstance(part, Hidden) else part for part in one.numbers],
                        [told(Kind.COUNT, part) for part in one.numbers],
                    )
                    for name, one in zip(names, lines, strict=True)
                ],
            ),
            nothing="Nobody joined in these dates.",
            note=f"Active: gave time in the last {ACTIVE_DAYS} days. Lapsing: gave time, but not "
            f"in the last {ACTIVE_DAYS} days." + (f" {HIDDEN}" if hides else ""),
        )
    ]
