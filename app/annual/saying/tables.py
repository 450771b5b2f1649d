"""The tables of a report with the bars beside them: months, kinds of group, districts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.annual.saying.words import (
    Said,
    change,
    groups_in_words,
    hours,
    named,
    shares_of_longest,
    value,
    whole,
    year_of,
)
from app.foundation.sentences import gettext
from app.web.filters import month_and_year, short_month


def months(contents: Mapping[str, Any]) -> Said:
    """Hours month by month, beside those of the year before where they were kept."""
    rows = [
        {**one, "name": month_and_year(day), "short": short_month(day)}
        for number, one in zip(year_of(contents).months, contents["months"], strict=True)
        for day in [date(number // 100, number % 100, 1)]
    ]
    has_last = any(isinstance(one["last"], int) and one["last"] for one in rows)
    every = shares_of_longest([*(one["minutes"] for one in rows), *(one["last"] for one in rows)])
    told = [one for one in rows if isinstance(one["minutes"], int) and one["minutes"]]
    sentence = ""
    if told:
        most = max(told, key=lambda one: one["minutes"])
        sentence = gettext(
            "Most time was given in %(month)s: %(hours)s hours.",
            month=most["name"],
            hours=hours(most["minutes"]),
        )
    return {
        "sentence": sentence,
        "has_last": has_last,
        "heads": [
            gettext("Month"),
            gettext("Hours"),
            *([gettext("Hours the year before")] if has_last else []),
        ],
        "rows": [
            [
                one["name"],
                hours(one["minutes"]),
                *([hours(one["last"]) if one["last"] is not None else "–"] if has_last else []),
            ]
            for one in rows
        ],
        "bars": [
            {
                "name": one["name"],
                "short": one["short"],
                "words": hours(one["minutes"]),
                "share": share,
                "last": last,
            }
            for one, share, last in zip(rows, every[:12], every[12:], strict=True)
        ],
    }


def _cut(contents: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], name: str) -> Said:
    """A table of kinds or districts, with a bar for each."""
    has_last = contents["last"] is not None
    shares = shares_of_longest([one["minutes"] for one in rows])
    return {
        "has_last": has_last,
        "heads": [
            name,
            gettext("Groups"),
            gettext("Volunteers"),
            gettext("Hours"),
            gettext("Value"),
            *([gettext("Change in hours")] if has_last else []),
        ],
        "rows": [
            [
                named(one),
                whole(one["groups"]),
                whole(one["volunteers"]),
                hours(one["minutes"]),
                value(contents, one["minutes"]),
                *([change(one["minutes"], one["last"])] if has_last else []),
            ]
            for one in rows
        ],
        "bars": [
            {
                "name": named(one),
                "words": hours(one["minutes"]),
                "share": share,
            }
            for one, share in zip(rows, shares, strict=True)
        ],
    }


def _most(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    told = [one for one in rows if isinstance(one["minutes"], int) and one["minutes"]]
    return max(told, key=lambda one: one["minutes"]) if told else None


def kinds(contents: Mapping[str, Any]) -> Said:
    """A line for each kind of group, and which was given the most time."""
    rows = contents["kinds"]
    most = _most(rows)
    sentence = (
        gettext(
            "%(kind)s were given the most time: %(hours)s hours.",
            kind=named(most),
            hours=hours(most["minutes"]),
        )
        if most
        else ""
    )
    return {"sentence": sentence, **_cut(contents, rows, gettext("Kind of group"))}


def districts(contents: Mapping[str, Any]) -> Said:
    """A line for each district, and which was given the most time."""
    rows = contents["districts"]
    most = _most(rows)
    sentence = (
        gettext(
            "Groups in %(district)s were given the most time: %(hours)s hours.",
            district=named(most),
            hours=hours(most["minutes"]),
        )
        if most
        else ""
    )
    return {"sentence": sentence, **_cut(contents, rows, gettext("District"))}


def page(contents: Mapping[str, Any], kind: Mapping[str, Any]) -> Said:
    """The page of one kind of group."""
    return {
        "slug": kind["slug"],
        "label": named(kind),
        "sentence": gettext(
            "%(people)s volunteers gave %(hours)s hours to %(groups)s. That time is worth "
            "%(value)s.",
            people=whole(kind["volunteers"]),
            hours=hours(kind["minutes"]),
            groups=groups_in_words(kind["groups"]),
            value=value(contents, kind["minutes"]),
        )
        if isinstance(kind["minutes"], int)
        else gettext(
            "%(groups)s were helped. How many people helped is not told: they are few.",
            groups=groups_in_words(kind["groups"]),
        ),
        "numbers": [
            {"number": whole(kind["groups"]), "label": gettext("groups")},
            {"number": whole(kind["volunteers"]), "label": gettext("volunteers")},
            {"number": hours(kind["minutes"]), "label": gettext("hours")},
            {"number": value(contents, kind["minutes"]), "label": gettext("value")},
        ],
        "change": gettext("Hours on the year before: %(change)s.", change=moved)
        if (moved := change(kind["minutes"], kind["last"])) != "–"
        else "",
        "heads": [
            gettext("Group"),
            gettext("District"),
            gettext("Volunteers"),
            gettext("Hours"),
        ],
        "rows": [
            [one["name"], gettext(one["district"]), whole(one["volunteers"]), hours(one["minutes"])]
            for one in kind["rows"]
        ],
        "studies": [one for one in contents["studies"] if one["kind"] == kind["kind"]],
    }
