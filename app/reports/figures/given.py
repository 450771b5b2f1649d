"""Time given: by month, by district, by kind of group."""

from __future__ import annotations

from collections.abc import Mapping

from app.groups.models import GroupKind
from app.reports.charts import bars
from app.reports.figures.shapes import HIDDEN, Figure
from app.reports.queries import hours
from app.reports.queries.hours import Sum
from app.reports.rules import findings
from app.reports.rules.periods import Scope
from app.reports.rules.suppression import Hidden, alone, beside, line
from app.reports.rules.telling import Column, Kind, Value, month, short_month, told

KINDS = {
    GroupKind.LIBRARY: "Community libraries",
    GroupKind.FOOD_BANK: "Food banks",
    GroupKind.RESPONSE: "Response groups",
    GroupKind.COMMUNITY_CENTRE: "Community centres",
    GroupKind.OTHER: "Other groups",
}
NOWHERE = "No district"
NOTHING = "No hours in these dates."


def figures(scope: Scope) -> list[Figure]:
    """Of one group only by month: the others would have one bar. Four statements."""
    found = [_by_month(scope)]
    if scope.group_ids is None:
        kinds = {KINDS[kind]: one for kind, one in hours.by_kind(scope).items()}
        found.append(
            _by_heading(
                "hours-by-kind",
                "Hours by kind of group",
                "Kind of group",
                kinds,
                findings.most_of(
                    {name[0].lower() + name[1:]: one.minutes for name, one in kinds.items()},
                    "went to",
                ),
            )
        )
    if scope.group_ids is None and not scope.district:
        districts = {name or NOWHERE: one for name, one in hours.by_district(scope).items()}
        found.append(
            _by_heading(
                "hours-by-district",
                "Hours by district",
                "District",
                districts,
                findings.most_of(
                    {name: one.minutes for name, one in districts.items()}, "were given in"
                ),
            )
        )
    return found


def _by_month(scope: Scope) -> Figure:
    title = "Hours given each month"
    by_month, total = hours.by_month(scope), hours.total(scope)
    found = line([one.people for one in by_month.values()])
    people = found.numbers
    # Where not even the sum of the months may be told, neither is what they gave together.
    together = alone(total.people) if total.people == 0 else beside(found.total, total.people)
    told_minutes = [
        beside(shown, one.minutes) for shown, one in zip(people, by_month.values(), strict=True)
    ]
    return Figure(
        name="hours-by-month",
        title=title,
        sentence=findings.given(together, total.minutes),
        columns=[
            Column("Month", Kind.WORDS),
            Column("People"),
            Column("Hours", Kind.HOURS),
        ],
        rows=[
            [month(number), shown, minutes]
            for number, shown, minutes in zip(by_month, people, told_minutes, strict=True)
        ]
        if total.people
        else [],
        draw=lambda: bars.upright(
            f"Chart: {title}",
            [
                bars.Bar(
                    month(number),
                    None if isinstance(minutes, Hidden) else minutes / 60,
                    told(Kind.HOURS, minutes) if minutes else "",
                    short_month(number),
                )
                for number, minutes in zip(by_month, told_minutes, strict=True)
            ],
            lambda level: f"{level:,}",
        ),
        nothing=NOTHING,
        note="Somebody who gave time in two months is counted in both."
        + (f" {HIDDEN}" if found.hides else ""),
    )


def _by_heading(
    name: str, title: str, head: str, found: Mapping[str, Sum], sentence: str
) -> Figure:
    people = line([one.people for one in found.values()]).numbers
    rows: list[list[Value]] = [
        [heading, shown, beside(shown, one.minutes)]
        for (heading, one), shown in zip(found.items(), people, strict=True)
    ]
    hides = any(isinstance(one, Hidden) for one in people)
    return Figure(
        name=name,
        title=title,
        sentence="" if hides else sentence,
        columns=[Column(head, Kind.WORDS), Column("People"), Column("Hours", Kind.HOURS)],
        rows=rows,
        draw=lambda: bars.across(
            f"Chart: {title}",
            [
                bars.Bar(
                    str(heading),
                    minutes / 60 if isinstance(minutes, int) else None,
                    told(Kind.HOURS, minutes),
                )
                for heading, _, minutes in rows
            ],
        ),
        nothing=NOTHING,
        note="Somebody who gave time in two of them is counted in both."
        + (f" {HIDDEN}" if hides else ""),
    )
