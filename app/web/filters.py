"""How moments, sums and numbers are said to people; pure but for the present moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.foundation import clock, phone

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NEAR_DAYS = ("Yesterday", "Today", "Tonight", "Tomorrow")
_NIGHT_STARTS = 17


def _clock_face(moment: datetime | time) -> tuple[str, str]:
    """The time in words, and its half of the day ("" for noon and midnight)."""
    if moment.minute == 0 and moment.hour in (0, 12):
        return ("midnight" if moment.hour == 0 else "noon"), ""
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes}", ("am" if moment.hour < 12 else "pm")


def spoken_time(moment: datetime, zone: str) -> str:
    """ "6:30pm", "9am", "noon", "midnight", as clocks in `zone` show it."""
    return "".join(_clock_face(moment.astimezone(ZoneInfo(zone))))


def to_the_second(moment: datetime, zone: str) -> str:
    """ "18:30:05", as clocks in `zone` show it: for what changes while one looks."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M:%S}"


def spoken_day(day: date, zone: str) -> str:
    """ "Saturday 5 December"; with the year when it is not this year's."""
    words = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return words if day.year == clock.today(zone).year else f"{words} {day.year}"


def spoken_date(moment: datetime, zone: str) -> str:
    """The day on which people in `zone` live through this moment."""
    return spoken_day(moment.astimezone(ZoneInfo(zone)).date(), zone)


def spoken_moment(moment: datetime, zone: str) -> str:
    """ "today at 5pm", "tomorrow at noon", "Friday 4 December at 9am", inside a sentence."""
    there = moment.astimezone(ZoneInfo(zone))
    day = _near_day(there, zone)
    return f"{day.lower() if day in _NEAR_DAYS else day} at {spoken_time(moment, zone)}"


def _near_day(start: datetime, zone: str) -> str:
    day, today = start.date(), clock.today(zone)
    if day == today:
        return "Tonight" if start.hour >= _NIGHT_STARTS else "Today"
    if day == today + timedelta(days=1):
        return "Tomorrow"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return spoken_day(day, zone)


def spoken_when(start_utc: datetime, end_utc: datetime, zone: str, inside: bool = False) -> str:
    """ "Tonight, 6:30 to 8:30pm", "Saturday 5 December, 10am to 1pm".

    Both are aware moments; `inside` a sentence it is "tonight". A shift that
    ends on a later day says so, unless it ends by the next midnight.
    """
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (start_utc, end_utc))
    first, first_half = _clock_face(start)
    last, last_half = _clock_face(end)
    if first_half == last_half and start.date() == end.date():
        first_half = ""
    at_midnight = last == "midnight" and end.date() == start.date() + timedelta(days=1)
    later = end.date() != start.date() and not at_midnight
    until = f"{last}{last_half}"
    if later:
        until += f" on {spoken_day(end.date(), zone)}"
    day = _near_day(start, zone)
    if inside and day in _NEAR_DAYS:
        day = day.lower()
    return f"{day}, {first}{first_half} to {until}"


def spoken_hours(start: time, end: time) -> str:
    """ "6 to 8pm", "10am to noon": local times."""
    (first, first_half), (last, last_half) = _clock_face(start), _clock_face(end)
    if first_half == last_half and start < end:
        first_half = ""
    return f"{first}{first_half} to {last}{last_half}"


def ago(moment: datetime) -> str:
    """How long since, or until, a moment: "just now", "5 minutes ago", "in 2 days"."""
    seconds = (clock.now() - moment).total_seconds()
    size = abs(seconds)
    if size < 45:
        return "just now"
    for unit, length, limit in (
        ("minute", 60, 59.5 * 60),
        ("hour", 3600, 23.5 * 3600),
        ("day", 86400, 27 * 86400),
        ("week", 7 * 86400, 9 * 7 * 86400),
        ("month", 30.44 * 86400, 350 * 86400),
        ("year", 365.25 * 86400, float("inf")),
    ):
        if size < limit:
            words = plural(max(1, round(size / length)), unit)
            break
    return f"{words} ago" if seconds > 0 else f"in {words}"


def miles(distance: float) -> str:
    """ "Under half a mile", "2.1 miles", "14 miles"; the number is in miles."""
    if distance < 0.5:
        return "under half a mile"
    if distance >= 10:
        return f"{distance:.0f} miles"
    text = f"{distance:.1f}".removesuffix(".0")
    return f"{text} mile" if text == "1" else f"{text} miles"


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
    "to_the_second": to_the_second,
    "spoken_moment": spoken_moment,
    "spoken_hours": spoken_hours,
    "spoken_day": spoken_day,
    "ago": ago,
    "miles": miles,
    "pounds": pounds,
    "plural": plural,
    "initials": initials,
    "phone": phone.spoken,
}
