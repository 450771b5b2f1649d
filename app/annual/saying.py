"""What a report says, in words: the same sentences and tables for the page and for the PDF.

Goes in: the frozen contents. Comes out: plain dictionaries of strings, and for each bar
of a chart its share of the longest, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import flask_babel

from app.annual.rules.years import Year, of_slug, read_full_day
from app.web.filters import full_day, month_and_year, pounds, short_month

# The library has no types; these are what it does.
gettext: Callable[..., str] = flask_babel.gettext
ngettext: Callable[..., str] = flask_babel.ngettext

Said = dict[str, Any]


def said(contents: Mapping[str, Any], foreword: str = "", foreword_by: str = "") -> Said:
    """Everything that the report says."""
    return {
        "title": gettext("The year in volunteering"),
        "label": label(contents),
        "short": contents["short"],
        "made_on": _day(contents["made_on"]),
        "foreword": [" ".join(one.split()) for one in foreword.split("\n\n") if one.strip()],
        "foreword_by": foreword_by,
        "summary": _summary(contents),
        "numbers": _numbers(contents),
        "since": _since(contents),
        "compare": _compare(contents),
        "months": _months(contents),
        "kinds": _kinds(contents),
        "districts": _districts(contents),
        "pages": [_page(contents, one) for one in contents["kinds"]],
        "requests": _requests(contents),
        "thanks": _thanks(contents),
        "studies": contents["studies"],
        "how": _how(contents),
    }


def label(contents: Mapping[str, Any]) -> str:
    """Which year a report is of: "April 2025 to March 2026"."""
    year = _year(contents)
    return gettext(
        "%(first)s to %(last)s",
        first=month_and_year(year.first_day),
        last=month_and_year(year.last_day),
    )


def _year(contents: Mapping[str, Any]) -> Year:
    year = of_slug(contents["year"])
    if year is None:
        raise ValueError("These contents are of no year.")
    return year


def _day(written: str) -> str:
    """A day that the contents keep in English, as `full_day` of the years' rules writes it."""
    return full_day(read_full_day(written))


def whole(number: int | str) -> str:
    """A number as it stands in a table: "1,204", or the words in its place."""
    return f"{number:,}" if isinstance(number, int) else gettext(number)


def hours(minutes: int | str) -> str:
    """Whole hours: "1,204"; one that is less than half says so."""
    if not isinstance(minutes, int):
        return gettext(minutes)
    return gettext("under 1") if 0 < minutes < 30 else f"{(minutes + 30) // 60:,}"


def value(contents: Mapping[str, Any], minutes: int | str) -> str:
    """What so much time is counted as, in whole pounds."""
    if not isinstance(minutes, int):
        return gettext(minutes)
    pence = round(minutes * contents["worth"]["pence"] / 6000) * 100
    return pounds(pence)


def _summary(contents: Mapping[str, Any]) -> str:
    total = contents["total"]
    if not total["minutes"]:
        return gettext(
            "No hours are kept for the year from %(first)s to %(last)s.",
            first=full_day(_year(contents).first_day),
            last=full_day(_year(contents).last_day),
        )
    return gettext(
        "From %(first)s to %(last)s, %(people)s volunteers gave %(hours)s hours to %(groups)s. "
        "Counted at %(rate)s an hour, their time is worth %(value)s.",
        first=full_day(_year(contents).first_day),
        last=full_day(_year(contents).last_day),
        people=whole(total["volunteers"]),
        hours=hours(total["minutes"]),
        groups=_groups(total["groups"]),
        rate=_rate(contents),
        value=value(contents, total["minutes"]),
    )


def _groups(number: int) -> str:
    return ngettext("%(count)s group", "%(count)s groups", number, count=f"{number:,}")


def _rate(contents: Mapping[str, Any]) -> str:
    return pounds(contents["worth"]["pence"])


def _numbers(contents: Mapping[str, Any]) -> list[Said]:
    total = contents["total"]
    return [
        {"number": whole(total["volunteers"]), "label": gettext("volunteers gave time")},
        {"number": hours(total["minutes"]), "label": gettext("hours given")},
        {"number": value(contents, total["minutes"]), "label": gettext("value of that time")},
        {"number": whole(total["groups"]), "label": gettext("groups were helped")},
        *(
            [{"number": whole(total["shifts"]), "label": gettext("shifts")}]
            if total["shifts"]
            else []
        ),
        {"number": whole(total["newcomers"]), "label": gettext("people joined")},
    ]


def _since(contents: Mapping[str, Any]) -> str:
    if not contents["since"]:
        return ""
    return gettext(
        "Hours have been kept since %(day)s, so this report is not of the whole year.",
        day=_day(contents["since"]),
    )


def _compare(contents: Mapping[str, Any]) -> Said:
    last = contents["last"]
    if last is None:
        return {
            "rows": [],
            "note": gettext(
                "No hours were kept for the year before, so there is nothing to compare with."
            ),
        }
    total, before = contents["total"], last["total"]
    rows = [
        [
            gettext("Volunteers"),
            whole(total["volunteers"]),
            whole(before["volunteers"]),
            change(total["volunteers"], before["volunteers"]),
        ],
        [
            gettext("Hours"),
            hours(total["minutes"]),
            hours(before["minutes"]),
            change(total["minutes"], before["minutes"]),
        ],
        [
            gettext("Groups helped"),
            whole(total["groups"]),
            whole(before["groups"]),
            change(total["groups"], before["groups"]),
        ],
        [
            gettext("Shifts"),
            whole(total["shifts"]),
            whole(before["shifts"]),
            change(total["shifts"], before["shifts"]),
        ],
        [
            gettext("People who joined"),
            whole(total["newcomers"]),
            whole(before["newcomers"]),
            change(total["newcomers"], before["newcomers"]),
        ],
        [
            gettext("Urgent requests"),
            whole(contents["requests"]["number"]),
            whole(last["requests"]["number"]),
            change(contents["requests"]["number"], last["requests"]["number"]),
        ],
    ]
    # What was kept in neither year is no news.
    rows = [row for row in rows if row[1:3] != ["0", "0"]]
    notes = []
    if last["since"]:
        notes.append(
            gettext(
                "Hours of the year before have been kept only since %(day)s, so the two years "
                "cannot be fully compared.",
                day=_day(last["since"]),
            )
        )
    if contents["last_is_published"]:
        notes.append(gettext("Last year’s figures are those of its own published report."))
    return {
        "heads": [gettext("What"), contents["short"], last["short"], gettext("Change")],
        "rows": rows,
        "note": " ".join(notes),
    }


def change(now: int | str | None, before: int | str | None) -> str:
    """How a number moved: "up 12%", "down 3%", "no change"; "–" where nobody can say."""
    if not isinstance(now, int) or not isinstance(before, int) or not before:
        return "–"
    percent = round((now - before) * 100 / before)
    if now == before:
        return gettext("no change")
    if not percent:
        return gettext("up by under 1%") if now > before else gettext("down by under 1%")
    if percent > 0:
        return gettext("up %(percent)s%%", percent=f"{percent:,}")
    return gettext("down %(percent)s%%", percent=f"{-percent:,}")


def _shares(minutes: Sequence[int | str | None]) -> list[float]:
    """Of each number its share of the largest; nothing where it is not told."""
    longest = max((one for one in minutes if isinstance(one, int)), default=0)
    return [round(one / longest, 4) if isinstance(one, int) and longest else 0.0 for one in minutes]


def _months(contents: Mapping[str, Any]) -> Said:
    rows = [
        {**one, "name": month_and_year(day), "short": short_month(day)}
        for number, one in zip(_year(contents).months, contents["months"], strict=True)
        for day in [date(number // 100, number % 100, 1)]
    ]
    has_last = any(isinstance(one["last"], int) and one["last"] for one in rows)
    every = _shares([*(one["minutes"] for one in rows), *(one["last"] for one in rows)])
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
    shares = _shares([one["minutes"] for one in rows])
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
                _named(one),
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
                "name": _named(one),
                "words": hours(one["minutes"]),
                "share": share,
            }
            for one, share in zip(rows, shares, strict=True)
        ],
    }


def _named(row: Mapping[str, Any]) -> str:
    """A kind or a district as the contents keep it; what is our own word is translated."""
    return gettext(row.get("label") or row["name"])


def _most(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    told = [one for one in rows if isinstance(one["minutes"], int) and one["minutes"]]
    return max(told, key=lambda one: one["minutes"]) if told else None


def _kinds(contents: Mapping[str, Any]) -> Said:
    rows = contents["kinds"]
    most = _most(rows)
    sentence = (
        gettext(
            "%(kind)s were given the most time: %(hours)s hours.",
            kind=_named(most),
            hours=hours(most["minutes"]),
        )
        if most
        else ""
    )
    return {"sentence": sentence, **_cut(contents, rows, gettext("Kind of group"))}


def _districts(contents: Mapping[str, Any]) -> Said:
    rows = contents["districts"]
    most = _most(rows)
    sentence = (
        gettext(
            "Groups in %(district)s were given the most time: %(hours)s hours.",
            district=_named(most),
            hours=hours(most["minutes"]),
        )
        if most
        else ""
    )
    return {"sentence": sentence, **_cut(contents, rows, gettext("District"))}


def _page(contents: Mapping[str, Any], kind: Mapping[str, Any]) -> Said:
    """The page of one kind of group."""
    return {
        "slug": kind["slug"],
        "label": _named(kind),
        "sentence": gettext(
            "%(people)s volunteers gave %(hours)s hours to %(groups)s. That time is worth "
            "%(value)s.",
            people=whole(kind["volunteers"]),
            hours=hours(kind["minutes"]),
            groups=_groups(kind["groups"]),
            value=value(contents, kind["minutes"]),
        )
        if isinstance(kind["minutes"], int)
        else gettext(
            "%(groups)s were helped. How many people helped is not told: they are few.",
            groups=_groups(kind["groups"]),
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


def minutes_in_words(minutes: int) -> str:
    """ "12 minutes", "1 hour 5 minutes", "2 hours"."""
    whole_hours, rest = divmod(minutes, 60)
    parts = []
    if whole_hours:
        parts.append(ngettext("%(num)s hour", "%(num)s hours", whole_hours))
    if rest or not whole_hours:
        parts.append(ngettext("%(num)s minute", "%(num)s minutes", rest))
    return " ".join(parts)


def _requests(contents: Mapping[str, Any]) -> Said:
    one = contents["requests"]
    if not one["number"]:
        return {"sentences": [gettext("No urgent request was sent in this year.")], "numbers": []}
    sentences = [
        ngettext(
            "Groups asked for urgent help %(count)s time.",
            "Groups asked for urgent help %(count)s times.",
            one["number"],
            count=f"{one['number']:,}",
        ),
        ngettext(
            "%(count)s request was answered: somebody took a place.",
            "%(count)s requests were answered: somebody took a place.",
            one["answered"],
            count=f"{one['answered']:,}",
        ),
    ]
    numbers = [
        {"number": whole(one["number"]), "label": gettext("urgent requests")},
        {"number": whole(one["answered"]), "label": gettext("were answered")},
        {"number": whole(one["places"]), "label": gettext("places filled by them")},
    ]
    if one["first_median"] is not None:
        sentences.append(
            gettext(
                "Half of these had their first yes within %(time)s; the fastest took %(least)s.",
                time=minutes_in_words(one["first_median"]),
                least=minutes_in_words(one["first_fastest"]),
            )
        )
        numbers.append(
            {
                "number": minutes_in_words(one["first_median"]),
                "label": gettext("to the first yes, for half of them"),
            }
        )
        if one["within_hour"] == one["answered"] and one["answered"] > 1:
            sentences.append(gettext("All of them had it within an hour."))
        else:
            sentences.append(
                ngettext(
                    "%(count)s had it within an hour.",
                    "%(count)s had it within an hour.",
                    one["within_hour"],
                    count=f"{one['within_hour']:,}",
                )
            )
    if last := contents["last"]:
        before = last["requests"]
        if before["first_median"] is not None:
            sentences.append(
                gettext(
                    "The year before it was %(time)s to the first yes, for half of "
                    "%(number)s answered requests.",
                    time=minutes_in_words(before["first_median"]),
                    number=whole(before["answered"]),
                )
            )
    return {"sentences": sentences, "numbers": numbers}


def _thanks(contents: Mapping[str, Any]) -> Said:
    one = contents["thanks"]
    return {
        "sentence": gettext(
            "Groups said thank you %(number)s times, to %(people)s people.",
            number=whole(one["number"]),
            people=whole(one["people"]),
        )
        if one["number"] > 1
        else "",
        "words": one["words"],
    }


def _how(contents: Mapping[str, Any]) -> list[str]:
    return [
        gettext(
            "Hours are those that groups noted when people came and left, and those that "
            "volunteers added and a group approved. A volunteer is counted once in each line, "
            "however often they came; who helped two kinds of group is counted in both lines, "
            "and once in the whole."
        ),
        gettext(
            "The value of an hour is counted at %(rate)s: %(source)s. It says what the time "
            "would have cost, not what it was worth to the people who were helped.",
            rate=_rate(contents),
            source=gettext(contents["worth"]["source"]),
        ),
        gettext(
            "A group’s hours stand in the district where the group is. Hours are rounded to "
            "the nearest whole one, so columns may differ from their sum by a little."
        ),
        gettext(
            "Where fewer than 5 people stand behind a figure it is not told. Another figure "
            "may be left out with it, where the first could be worked out from the sum."
        ),
        gettext(
            "An urgent request is one that was sent to many people at once because a shift "
            "lacked help. It is answered when somebody has taken a place through it."
        ),
        gettext(
            "The figures were made on %(day)s and stay as they were then.",
            day=_day(contents["made_on"]),
        ),
    ]
