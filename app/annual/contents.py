"""From a year's counts to what its report says: plain values, as JSON keeps them.

A number of people, and what only they did, is either a whole number or the words that
stand in its place ("fewer than 5"). Minutes are whole numbers, sums of money pence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median_low
from typing import Any, Final

from app.annual.counting import Count, Counted, Request
from app.annual.rules.hiding import Placed, Veil, veil
from app.annual.rules.years import Year, full_day, spoken_month
from app.foundation.sentences import N_
from app.groups.models import Group, GroupKind
from app.reports.rules.suppression import Hidden, Shown, alone, beside, line

# Records that begin this long after the year did make it an incomplete one.
_LATE_DAYS: Final = 31
NO_DISTRICT: Final = N_("No district told")
KINDS: Final = {
    GroupKind.LIBRARY: ("community-libraries", N_("Community libraries")),
    GroupKind.FOOD_BANK: ("food-banks", N_("Food banks")),
    GroupKind.RESPONSE: ("response-groups", N_("Response groups")),
    GroupKind.COMMUNITY_CENTRE: ("community-centres", N_("Community centres")),
    GroupKind.OTHER: ("other-groups", N_("Other groups")),
}


@dataclass(frozen=True)
class Worth:
    """What an hour is counted as, in pence, and the sentence that says where that is from."""

    pence: int
    source: str

    def of(self, minutes: int) -> int:
        """Pence, to the whole pound."""
        return round(minutes * self.pence / 6000) * 100


def _json(number: Shown) -> int | str:
    return str(number) if isinstance(number, Hidden) else number


@dataclass(frozen=True)
class _Cut:
    """A year's counts, with what of them must not be told."""

    counted: Counted
    groups: Mapping[int, Group]

    @property
    def numbers(self) -> list[int]:
        """The groups that were given time, in a set order."""
        return sorted(number for number in self.counted.groups if number in self.groups)

    def veiled(self) -> Veil:
        return veil(
            [
                Placed(
                    self.groups[number].kind.value,
                    self.groups[number].district or NO_DISTRICT,
                    len(self.counted.groups[number].people),
                )
                for number in self.numbers
            ]
        )

    def sum_of(self, numbers: Iterable[int]) -> Count:
        whole = Count()
        for number in numbers:
            whole.people |= self.counted.groups[number].people
            whole.minutes += self.counted.groups[number].minutes
        return whole


class _Told:
    """A cut of the year as it may be told: by group, kind and district."""

    def __init__(self, cut: _Cut) -> None:
        self.cut = cut
        found = cut.veiled()
        self.veil = found
        self.hidden = {cut.numbers[place] for place in found.groups}

    def row(self, count: Count, *, hide: bool) -> dict[str, Any]:
        people = alone(len(count.people))
        if hide and not isinstance(people, Hidden):
            people = Hidden.WITHHELD
        return {"volunteers": _json(people), "minutes": _json(beside(people, count.minutes))}

    def total(self) -> dict[str, Any]:
        return self.row(self.cut.counted.total, hide=self.veil.all)

    def group(self, number: int) -> dict[str, Any]:
        return self.row(self.cut.counted.groups[number], hide=number in self.hidden)

    def kind(self, kind: GroupKind) -> dict[str, Any]:
        mine = [one for one in self.cut.numbers if self.cut.groups[one].kind == kind]
        told = self.row(self.cut.sum_of(mine), hide=kind.value in self.veil.kinds)
        return {"groups": len(mine), **told}

    def districts(self) -> dict[str, dict[str, Any]]:
        by_name: dict[str, list[int]] = {}
        for one in self.cut.numbers:
            by_name.setdefault(self.cut.groups[one].district or NO_DISTRICT, []).append(one)
        return {
            name: {
                "groups": len(mine),
                **self.row(self.cut.sum_of(mine), hide=name in self.veil.districts),
            }
            for name, mine in sorted(by_name.items())
        }


def write(
    year: Year,
    this: Counted,
    last: Counted | None,
    groups: Mapping[int, Group],
    worth: Worth,
    made_on: date,
    *,
    last_contents: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What the report says of the figures.

    Last year is told as its own published report has it, `last_contents`, so that the two
    agree; otherwise as it is counted now, `last`.
    """
    cut = _Cut(this, groups)
    told = _Told(cut)
    before = dict(last_contents) if last_contents else _of_last(year.before, last, groups)
    return {
        "year": year.slug,
        "short": year.short,
        "label": year.label,
        "first_day": full_day(year.first_day),
        "last_day": full_day(year.last_day),
        "made_on": full_day(made_on),
        "worth": {"pence": worth.pence, "source": worth.source},
        "since": _since(year, this.first),
        "total": {
            **told.total(),
            "groups": len(cut.numbers),
            "shifts": this.shifts,
            "newcomers": _json(alone(this.newcomers)),
        },
        "last": {key: before[key] for key in ("short", "label", "since", "total", "requests")}
        if before
        else None,
        "last_is_published": last_contents is not None,
        "months": _months(year, this, before),
        "kinds": _kinds(told, before),
        "districts": _districts(told, before),
        "requests": _requests(this.requests),
    }


def _of_last(
    year: Year, counted: Counted | None, groups: Mapping[int, Group]
) -> dict[str, Any] | None:
    """Last year as far as this year's report needs it; None where nothing was kept."""
    if counted is None or not (counted.total.minutes or counted.requests):
        return None
    cut = _Cut(counted, groups)
    told = _Told(cut)
    return {
        "short": year.short,
        "label": year.label,
        "since": _since(year, counted.first),
        "total": {
            **told.total(),
            "groups": len(cut.numbers),
            "shifts": counted.shifts,
            "newcomers": _json(alone(counted.newcomers)),
        },
        "months": _months(year, counted, None),
        "kinds": _kinds(told, None),
        "districts": _districts(told, None),
        "requests": _requests(counted.requests),
    }


def _since(year: Year, first: date | None) -> str | None:
    """The day on which records begin, where that is long after the year did."""
    if first is None or (first - year.first_day).days <= _LATE_DAYS:
        return None
    return full_day(first)


def _months(year: Year, counted: Counted, before: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    counts = [counted.months[month] for month in year.months]
    shown = line([len(one.people) for one in counts]).numbers
    earlier = [one["minutes"] for one in before["months"]] if before else [None] * 12
    return [
        {
            "name": spoken_month(date(month // 100, month % 100, 1), True),
            "minutes": _json(beside(people, count.minutes)),
            "last": last,
        }
        for month, count, people, last in zip(year.months, counts, shown, earlier, strict=True)
    ]


def _kinds(told: _Told, before: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    earlier = {one["kind"]: one["minutes"] for one in before["kinds"]} if before else {}
    found = []
    for kind, (slug, label) in KINDS.items():
        row = told.kind(kind)
        if not row["groups"]:
            continue
        mine = [one for one in told.cut.numbers if told.cut.groups[one].kind == kind]
        rows = [
            {
                "name": told.cut.groups[one].name,
                "district": told.cut.groups[one].district or NO_DISTRICT,
                **told.group(one),
            }
            for one in mine
        ]
        # The most hours first; what is not told comes last, by name.
        rows.sort(
            key=lambda one: (
                isinstance(one["minutes"], str),
                -one["minutes"] if isinstance(one["minutes"], int) else 0,
                one["name"].casefold(),
            )
        )
        found.append(
            {
                "kind": kind.value,
                "slug": slug,
                "label": label,
                **row,
                "last": earlier.get(kind.value),
                "rows": rows,
            }
        )
    return found


def _districts(told: _Told, before: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    earlier = {one["name"]: one["minutes"] for one in before["districts"]} if before else {}
    return [
        {"name": name, **row, "last": earlier.get(name)} for name, row in told.districts().items()
    ]


def _requests(requests: list[Request]) -> dict[str, Any]:
    """How many asks for help there were, and how fast they were answered, in minutes."""
    answered = [one for one in requests if one.taken]
    firsts = [one.first_minutes for one in answered if one.first_minutes is not None]
    return {
        "number": len(requests),
        "answered": len(answered),
        "places": sum(one.taken for one in requests),
        "asked": _json(alone(sum(one.asked for one in requests))),
        "first_median": median_low(firsts) if firsts else None,
        "first_fastest": min(firsts) if firsts else None,
        "within_hour": sum(one <= 60 for one in firsts),
    }
