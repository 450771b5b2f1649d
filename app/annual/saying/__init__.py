"""What a report says, in words: the same sentences and tables for the page and for the PDF.

Goes in: the frozen contents. Comes out: plain dictionaries of strings, and for each bar
of a chart its share of the longest, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.annual.saying.account import how, requests, thanks
from app.annual.saying.tables import districts, kinds, months, page
from app.annual.saying.words import (
    Said,
    change,
    day_in_words,
    groups_in_words,
    hours,
    rate,
    value,
    whole,
    year_of,
)
from app.foundation.sentences import gettext
from app.web.filters import full_day, month_and_year


def said(contents: Mapping[str, Any], foreword: str = "", foreword_by: str = "") -> Said:
    """Everything that the report says."""
    return {
        "title": gettext("The year in volunteering"),
        "label": label(contents),
        "short": contents["short"],
        "made_on": day_in_words(contents["made_on"]),
        "foreword": [" ".join(one.split()) for one in foreword.split("\n\n") if one.strip()],
        "foreword_by": foreword_by,
        "summary": _summary(contents),
        "numbers": _numbers(contents),
        "since": _since(contents),
        "compare": _compare(contents),
        "months": months(contents),
        "kinds": kinds(contents),
        "districts": districts(contents),
        "pages": [page(contents, one) for one in contents["kinds"]],
        "requests": requests(contents),
        "thanks": thanks(contents),
        "studies": contents["studies"],
        "how": how(contents),
    }


def label(contents: Mapping[str, Any]) -> str:
    """Which year a report is of: "April 2025 to March 2026"."""
    year = year_of(contents)
    return gettext(
        "%(first)s to %(last)s",
        first=month_and_year(year.first_day),
        last=month_and_year(year.last_day),
    )


def _summary(contents: Mapping[str, Any]) -> str:
    total = contents["total"]
    if not total["minutes"]:
        return gettext(
            "No hours are kept for the year from %(first)s to %(last)s.",
            first=full_day(year_of(contents).first_day),
            last=full_day(year_of(contents).last_day),
        )
    return gettext(
        "From %(first)s to %(last)s, %(people)s volunteers gave %(hours)s hours to %(groups)s. "
        "Counted at %(rate)s an hour, their time is worth %(value)s.",
        first=full_day(year_of(contents).first_day),
        last=full_day(year_of(contents).last_day),
        people=whole(total["volunteers"]),
        hours=hours(total["minutes"]),
        groups=groups_in_words(total["groups"]),
        rate=rate(contents),
        value=value(contents, total["minutes"]),
    )


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
        day=day_in_words(contents["since"]),
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
                day=day_in_words(last["since"]),
            )
        )
    if contents["last_is_published"]:
        notes.append(gettext("Last year’s figures are those of its own published report."))
    return {
        "heads": [gettext("What"), contents["short"], last["short"], gettext("Change")],
        "rows": rows,
        "note": " ".join(notes),
    }
