"""How often people are asked, and what a place filled by an urgent request costs."""

from __future__ import annotations

from flask import current_app

from app.messaging.rules.segments import cost_pence
from app.reports.charts import bars
from app.reports.figures.shapes import HIDDEN, Figure
from app.reports.queries import requests
from app.reports.queries.requests import Requests
from app.reports.rules import findings
from app.reports.rules.people import bucketed
from app.reports.rules.periods import Scope
from app.reports.rules.suppression import line
from app.reports.rules.telling import Column, Kind, Value, month, short_month, told


def figures(scope: Scope) -> list[Figure]:
    """Two statements."""
    return [_asks(scope), _cost(scope)]


def _asks(scope: Scope) -> Figure:
    times = requests.asks_of_people(scope)
    buckets = bucketed(times)
    shown = line(list(buckets.values()))
    title = "How often people were asked"
    return Figure(
        name="asks",
        title=title,
        sentence=findings.asks(times),
        columns=[Column("Asked", Kind.WORDS), Column("People")],
        rows=list(zip(buckets, shown.numbers, strict=True)) if times else [],
        draw=lambda: bars.across(
            f"Chart: {title}",
            [
                bars.Bar(
                    name[0].upper() + name[1:],
                    people if isinstance(people, int) else None,
                    told(Kind.COUNT, people),
                )
                for name, people in zip(buckets, shown.numbers, strict=True)
            ],
        ),
        nothing="Nobody was asked by an urgent request in these dates.",
        note="Each urgent request that somebody was asked by counts once."
        + (f" {HIDDEN}" if shown.hides else ""),
    )


def _cost(scope: Scope) -> Figure:
    by_month = requests.by_month(scope)
    price = current_app.config["SMS_SEGMENT_PENCE"]
    title = "What a filled place costs in texts"

    def pence(one: Requests) -> float:
        return cost_pence(one.segments, 1, price)

    def each(one: Requests) -> float | None:
        return pence(one) / one.taken if one.taken else None

    rows: list[list[Value]] = [
        [
            month(number),
            one.sent,
            one.answered,
            one.texts,
            pence(one),
            one.taken,
            one.texts / one.taken if one.taken else None,
            each(one),
        ]
        for number, one in by_month.items()
    ]
    sent = sum(one.sent for one in by_month.values())
    return Figure(
        name="cost",
        title=title,
        sentence=findings.cost(
            sum(one.taken for one in by_month.values()),
            sum(one.texts for one in by_month.values()),
            sum(pence(one) for one in by_month.values()),
        ),
        columns=[
            Column("Month", Kind.WORDS),
            Column("Urgent requests"),
            Column("Answered"),
            Column("Texts"),
            Column("Cost", Kind.POUNDS),
            Column("Places filled"),
            Column("Texts for each place"),
            Column("Cost of each place", Kind.POUNDS),
        ],
        rows=rows if sent else [],
        draw=lambda: bars.upright(
            f"Chart: {title}",
            [
                bars.Bar(
                    month(number),
                    each(one),
                    told(Kind.POUNDS, value) if (value := each(one)) is not None else "",
                    short_month(number),
                )
                for number, one in by_month.items()
            ],
            lambda level: f"£{level / 100:.2f}",
        ),
        nothing="No urgent request was sent in these dates.",
        note=f"Each segment of a text costs {price:g}p. A request is answered when somebody took "
        "a place through it. It stands under the group whose shift it asked about first.",
    )
