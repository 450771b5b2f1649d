"""Free times as bits, hashes of addresses, how often to ask, ages and periods; pure."""

from __future__ import annotations

import hashlib
import hmac
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from app.foundation.sentences import N_, gettext
from app.volunteers.vocabulary import EVERY_TIME, WEEKDAYS, AgeBand, DayPart

# Asks in any seven days. Each step of LESS and MORE, and each choice in the profile.
MOST_ASKS: Final = 21
ASK_LEVELS: Final = (0, 1, 2, 3, 5, MOST_ASKS)

# A shift from 9:00 to 12:15 needs a free morning, not a free afternoon.
TOUCHES_FROM: Final = timedelta(minutes=30)

_PART_BEGINS: Final = {
    DayPart.MORNING: time(0),
    DayPart.AFTERNOON: time(12),
    DayPart.EVENING: time(17),
}
_ALL_DAY: Final = 0b111
_WORKING_DAYS: Final = 5
_DAYS: Final = (
    N_("Mondays"),
    N_("Tuesdays"),
    N_("Wednesdays"),
    N_("Thursdays"),
    N_("Fridays"),
    N_("Saturdays"),
    N_("Sundays"),
)
# By the bits of the parts of one day, as `_parts_of_day` has them; all three are the whole day.
_PARTS: Final = {
    0b001: N_("%(day)s mornings"),
    0b010: N_("%(day)s afternoons"),
    0b100: N_("%(day)s evenings"),
    0b011: N_("%(day)s mornings and afternoons"),
    0b101: N_("%(day)s mornings and evenings"),
    0b110: N_("%(day)s afternoons and evenings"),
}


def time_bit(weekday: int, part: DayPart) -> int:
    """The bit of one part of one weekday (Monday is 0) in `Volunteer.free_times`."""
    if not 0 <= weekday <= 6:
        raise ValueError("A weekday is a number from 0 to 6.")
    return 1 << (weekday * len(DayPart) + part)


def time_bits(start_local: datetime, end_local: datetime) -> int:
    """Every part of the week that a stretch of time needs, as the bits of one number.

    Both moments are read as the site's clocks show them. A part that is
    touched for less than half an hour is not needed, unless no part is
    touched for longer: then the one touched most is. A stretch may cross
    midnight. Raises `ValueError` when it ends before it begins.
    """
    start, end = start_local.replace(tzinfo=None), end_local.replace(tzinfo=None)
    if end < start:
        raise ValueError("A stretch of time cannot end before it begins.")
    if end - start >= timedelta(days=8):
        return EVERY_TIME
    bits, most, longest = 0, time_bit(start.weekday(), _part_of(start)), timedelta(0)
    day = start.date()
    while day <= end.date():
        for part in DayPart:
            touched = min(end, _part_ends(day, part)) - max(start, _part_begins(day, part))
            if touched >= TOUCHES_FROM:
                bits |= time_bit(day.weekday(), part)
            if touched > longest:
                longest, most = touched, time_bit(day.weekday(), part)
        day += timedelta(days=1)
    return bits or most


def _part_of(moment: datetime) -> DayPart:
    return max(part for part in DayPart if _PART_BEGINS[part] <= moment.time())


def _part_begins(day: date, part: DayPart) -> datetime:
    return datetime.combine(day, _PART_BEGINS[part])


def _part_ends(day: date, part: DayPart) -> datetime:
    if part == DayPart.EVENING:
        return datetime.combine(day + timedelta(days=1), time(0))
    return _part_begins(day, DayPart(part + 1))


def spoken_free_times(bits: int) -> str:
    """Free times as people say them: "Tuesday evenings, Saturday mornings".

    Whole days and parts of every working day are said as one. Empty for 0.
    """
    bits &= EVERY_TIME
    if bits == EVERY_TIME:
        return gettext("Any time")
    said: list[str] = []
    every_working_day = _ALL_DAY
    for weekday in range(_WORKING_DAYS):
        every_working_day &= _parts_of_day(bits, weekday)
    if every_working_day:
        said.append(_spoken_parts(N_("Weekday"), N_("Weekdays"), every_working_day))
    for weekday, (name, days) in enumerate(zip(WEEKDAYS, _DAYS, strict=True)):
        parts = _parts_of_day(bits, weekday)
        if weekday < _WORKING_DAYS:
            parts &= ~every_working_day
        if parts:
            said.append(_spoken_parts(name, days, parts))
    return ", ".join(said)


def _parts_of_day(bits: int, weekday: int) -> int:
    return bits >> (weekday * len(DayPart)) & _ALL_DAY


def _spoken_parts(name: str, days: str, parts: int) -> str:
    if parts == _ALL_DAY:
        return gettext(days)
    return gettext(_PARTS[parts], day=gettext(name))


def opt_out_key(secret: str) -> bytes:
    """The key of `address_hash`, derived from the app's secret for this use alone."""
    return hmac.digest(secret.encode(), b"volunteers.opt-out", "sha256")


def address_hash(channel: str, address: str, key: bytes) -> str:
    """HMAC-SHA256, in 64 hexadecimal digits, of an address on a channel.

    A plain hash of a phone number is undone by trying every number; this one
    only by somebody who holds the key. Case and outer blanks do not count.
    """
    text = f"{channel}:{address.strip().lower()}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class HowOften:
    """A wish about how often one is asked: a number of asks a week, or one step up or down."""

    per_week: int | None = None  # 0: only in an emergency
    step: int = 0


def asks_after(current: int, wish: HowOften) -> int:
    """How many asks a week a wish makes of so many, from 0 to `MOST_ASKS`."""
    if wish.per_week is not None:
        return max(0, min(wish.per_week, MOST_ASKS))
    if wish.step < 0:
        return max((level for level in ASK_LEVELS if level < current), default=0)
    return min((level for level in ASK_LEVELS if level > current), default=MOST_ASKS)


def spoken_asks(per_week: int) -> str:
    """ "Only emergencies", "At most 3 a week", "As often as you need me"."""
    if per_week == 0:
        return gettext("Only emergencies")
    if per_week >= MOST_ASKS:
        return gettext("As often as you need me")
    return gettext("At most %(num)s a week", num=per_week)


def age_band(born_on: date, today: date) -> AgeBand:
    """The band that somebody born on a day is in today; the day itself is not kept."""
    birthday_to_come = (today.month, today.day) < (born_on.month, born_on.day)
    age = today.year - born_on.year - birthday_to_come
    if age < 16:
        return AgeBand.UNDER_16
    return AgeBand.FROM_16 if age < 18 else AgeBand.ADULT


def spoken_months(months: int) -> str:
    """ "a year", "3 years", "18 months"."""
    years, rest = divmod(months, 12)
    if rest:
        return "a month" if months == 1 else f"{months} months"
    return "a year" if years == 1 else f"{years} years"


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months on, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
