"""How moments, sums and numbers are said to people, in the language of the page or letter.

English is said by our own tables, other languages by Babel's names of days and months in
patterns of ours, which stand in the catalogues. Pure but for the present moment and language.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from app.foundation import clock, languages, phone
from app.foundation.places import spoken_miles
from app.foundation.sentences import N_, NN_, gettext, ngettext

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NEAR_DAYS = (N_("Yesterday"), N_("Today"), N_("Tonight"), N_("Tomorrow"))
_NIGHT_STARTS = 17
# Where clocks are said with 24 hours; the others say am and pm, as signs here do.
_TWENTY_FOUR_HOURS: Final = frozenset({"pl"})


def _clock_face(moment: datetime | time) -> tuple[str, str]:
    """The time in words, and its half of the day ("" for noon and midnight)."""
    if languages.present() in _TWENTY_FOUR_HOURS:
        return f"{moment.hour}:{moment.minute:02}", ""
    if moment.minute == 0 and moment.hour in (0, 12):
        return (gettext("midnight") if moment.hour == 0 else gettext("noon")), ""
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes}", ("am" if moment.hour < 12 else "pm")


def _said(face: tuple[str, str]) -> str:
    """A clock face with its half of the day."""
    words, half = face
    if half == "am":
        return gettext("%(time)sam", time=words)
    if half == "pm":
        return gettext("%(time)spm", time=words)
    return words


def spoken_time(moment: datetime, zone: str) -> str:
    """ "6:30pm", "9am", "noon", "midnight", as clocks in `zone` show it."""
    return _said(_clock_face(moment.astimezone(ZoneInfo(zone))))


def spoken_day(day: date, zone: str) -> str:
    """ "Saturday 5 December"; with the year when it is not this year's."""
    language = languages.present()
    has_year = day.year != clock.today(zone).year
    if language == languages.ENGLISH:
        words = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
        return f"{words} {day.year}" if has_year else words
    # Translators: letters of the Unicode date patterns (UTS 35), in your language's order.
    pattern = gettext("EEEE d MMMM y") if has_year else gettext("EEEE d MMMM")
    return _in_pattern(day, pattern, language)


def full_day(day: date) -> str:
    """ "3 October 2025": for what is read in other years."""
    if languages.present() == languages.ENGLISH:
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    # Translators: letters of the Unicode date patterns (UTS 35), in your language's order.
    return _in_pattern(day, gettext("d MMMM y"), languages.present())


def month_and_year(day: date) -> str:
    """ "October 2025": the month in which a day lies."""
    if languages.present() == languages.ENGLISH:
        return f"{_MONTHS[day.month - 1]} {day.year}"
    # Translators: letters of the Unicode date patterns (UTS 35), in your language's order.
    return _in_pattern(day, gettext("LLLL y"), languages.present())


def short_month(day: date) -> str:
    """ "Oct"."""
    if languages.present() == languages.ENGLISH:
        return _MONTHS[day.month - 1][:3]
    return _in_pattern(day, "LLL", languages.present())


@lru_cache(maxsize=2048)  # a page says the same few days many times
def _in_pattern(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


def spoken_date(moment: datetime, zone: str) -> str:
    """The day on which people in `zone` live through this moment."""
    return spoken_day(moment.astimezone(ZoneInfo(zone)).date(), zone)


def spoken_moment(moment: datetime, zone: str) -> str:
    """ "today at 5pm", "tomorrow at noon", "Friday 4 December at 9am", inside a sentence."""
    there = moment.astimezone(ZoneInfo(zone))
    day = _day_of(there, zone, inside=True)
    return gettext("%(day)s at %(time)s", day=day, time=spoken_time(moment, zone))


def _near_day(start: datetime, zone: str) -> str:
    """One of `_NEAR_DAYS`, or nothing."""
    day, today = start.date(), clock.today(zone)
    if day == today:
        return "Tonight" if start.hour >= _NIGHT_STARTS else "Today"
    if day == today + timedelta(days=1):
        return "Tomorrow"
    return "Yesterday" if day == today - timedelta(days=1) else ""


def _day_of(start: datetime, zone: str, *, inside: bool) -> str:
    near = _near_day(start, zone)
    if not near:
        return spoken_day(start.date(), zone)
    return gettext(near).lower() if inside else gettext(near)


def spoken_when(
    start_utc: datetime, end_utc: datetime, zone: str, inside: bool = False, *, dated: bool = False
) -> str:
    """ "Tonight, 6:30 to 8:30pm", "Saturday 5 December, 10am to 1pm".

    Both are aware moments; `inside` a sentence it is "tonight", and `dated` it names the day
    however near that is, for what is read later. A shift that ends on a later day says so,
    unless it ends by the next midnight.
    """
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (start_utc, end_utc))
    first, last = _clock_face(start), _clock_face(end)
    ends_at_midnight = (end.hour, end.minute) == (0, 0)
    at_midnight = ends_at_midnight and end.date() == start.date() + timedelta(days=1)
    if first[1] == last[1] and start.date() == end.date():
        first = (first[0], "")
    until = _said(last)
    if end.date() != start.date() and not at_midnight:
        until = gettext("%(time)s on %(day)s", time=until, day=spoken_day(end.date(), zone))
    day = spoken_day(start.date(), zone) if dated else _day_of(start, zone, inside=inside)
    return gettext("%(day)s, %(first)s to %(last)s", day=day, first=_said(first), last=until)


def spoken_hours(start: time, end: time) -> str:
    """ "6 to 8pm", "10am to noon": local times."""
    first, last = _clock_face(start), _clock_face(end)
    if first[1] == last[1] and start < end:
        first = (first[0], "")
    return gettext("%(first)s to %(last)s", first=_said(first), last=_said(last))


def ago(moment: datetime) -> str:
    """How long since, or until, a moment: "just now", "5 minutes ago", "in 2 days"."""
    seconds = (clock.now() - moment).total_seconds()
    size = abs(seconds)
    if size < 45:
        return gettext("just now")
    past, to_come, length, _ = next(unit for unit in _UNITS if size < unit[3])
    one, many = past if seconds > 0 else to_come
    return ngettext(one, many, max(1, round(size / length)))


# How it is said of the past and of what is to come; its seconds, and how many are too many.
_UNITS: Final = (
    (
        NN_("%(num)d minute ago", "%(num)d minutes ago"),
        NN_("in %(num)d minute", "in %(num)d minutes"),
        60,
        59.5 * 60,
    ),
    (
        NN_("%(num)d hour ago", "%(num)d hours ago"),
        NN_("in %(num)d hour", "in %(num)d hours"),
        3600,
        23.5 * 3600,
    ),
    (
        NN_("%(num)d day ago", "%(num)d days ago"),
        NN_("in %(num)d day", "in %(num)d days"),
        86400,
        27 * 86400,
    ),
    (
        NN_("%(num)d week ago", "%(num)d weeks ago"),
        NN_("in %(num)d week", "in %(num)d weeks"),
        7 * 86400,
        9 * 7 * 86400,
    ),
    (
        NN_("%(num)d month ago", "%(num)d months ago"),
        NN_("in %(num)d month", "in %(num)d months"),
        30.44 * 86400,
        350 * 86400,
    ),
    (
        NN_("%(num)d year ago", "%(num)d years ago"),
        NN_("in %(num)d year", "in %(num)d years"),
        365.25 * 86400,
        float("inf"),
    ),
)


def miles(distance: float) -> str:
    """ "Under half a mile", "2.1 miles", "14 miles"; the number is in miles."""
    return spoken_miles(distance)


def pounds(pence: float) -> str:
    """ "£4.20", "£1,250": whole pounds without pence; the number is in pence."""
    whole = round(pence)
    text = f"{abs(whole) / 100:,.2f}".removesuffix(".00")
    return f"-£{text}" if whole < 0 else f"£{text}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """The count with its noun: "1 place", "1,200 places", "2 people"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def initials(name: str) -> str:
    """The first letters of the first and last word of a name."""
    words = [word for word in name.split() if word[0].isalpha()]
    return "".join(word[0].upper() for word in dict.fromkeys([*words[:1], *words[-1:]]))


FILTERS: dict[str, Callable[..., str]] = {
    "spoken_when": spoken_when,
    "spoken_date": spoken_date,
    "spoken_time": spoken_time,
    "spoken_moment": spoken_moment,
    "spoken_hours": spoken_hours,
    "spoken_day": spoken_day,
    "full_day": full_day,
    "month_and_year": month_and_year,
    "ago": ago,
    "miles": miles,
    "pounds": pounds,
    "plural": plural,
    "initials": initials,
    "phone": phone.spoken,
}
