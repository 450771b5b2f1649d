"""Single figures, days and names of a report, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.annual.rules.years import Year, of_slug, read_full_day
from app.foundation.sentences import gettext, ngettext
from app.web.filters import full_day, pounds

Said = dict[str, Any]


def year_of(contents: Mapping[str, Any]) -> Year:
    """The year that the contents are of; `ValueError` where they name none."""
    year = of_slug(contents["year"])
    if year is None:
        raise ValueError("These contents are of no year.")
    return year


def day_in_words(written: str) -> str:
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


def rate(contents: Mapping[str, Any]) -> str:
    """What an hour is counted as: "£13.45"."""
    return pounds(contents["worth"]["pence"])


def groups_in_words(number: int) -> str:
    """How many groups, as a phrase."""
    return ngettext("%(count)s group", "%(count)s groups", number, count=f"{number:,}")


def named(row: Mapping[str, Any]) -> str:
    """A kind or a district as the contents keep it; what is our own word is translated."""
    return gettext(row.get("label") or row["name"])


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


def minutes_in_words(minutes: int) -> str:
    """ "12 minutes", "1 hour 5 minutes", "2 hours"."""
    whole_hours, rest = divmod(minutes, 60)
    parts = []
    if whole_hours:
        parts.append(ngettext("%(num)s hour", "%(num)s hours", whole_hours))
    if rest or not whole_hours:
        parts.append(ngettext("%(num)s minute", "%(num)s minutes", rest))
    return " ".join(parts)


def shares_of_longest(minutes: Sequence[int | str | None]) -> list[float]:
    """Of each number its share of the largest; nothing where it is not told."""
    longest = max((one for one in minutes if isinstance(one, int)), default=0)
    return [round(one / longest, 4) if isinstance(one, int) and longest else 0.0 for one in minutes]
