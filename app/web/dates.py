"""Dates and times as people type them; pure."""

from __future__ import annotations

import re
from datetime import date, time

from app.foundation.errors import Refusal
from app.foundation.sentences import gettext

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})[/. -](\d{1,2})(?:[/. -](\d{4}|\d{2}))?")
_DAY_NAME = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[, ]+")
_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]*([a-z]{3,9})\.?,?[ -]*(\d{4}|\d{2})?")
_WORDS_AMERICAN = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? ?(\d{4}|\d{2})?")
_TIME = re.compile(r"(\d{1,2})(?:[:.h ]?(\d{2}))?(?::\d{2})? ?(a\.?m\.?|p\.?m\.?)?")


def parse_date(text: str, today: date, field: str | None = None) -> date:
    """Read "2026-12-05", "5/12/2026", "5 Dec", "Sat 5th December 2026", "tomorrow".

    Numbers are day first. Without a year it is the next such day from `today`
    on. Raises `Refusal` for anything else, for days that do not exist, and
    for years that nobody alive will see.
    """
    words = " ".join(text.strip().lower().split())
    refusal = Refusal(gettext("Enter a date, like 5 December or 5/12/2026."), field)
    if words in ("today", "tonight"):
        return today
    if words == "tomorrow":
        return date.fromordinal(today.toordinal() + 1)
    words = _DAY_NAME.sub("", words)
    year: str | None
    if found := _ISO.fullmatch(words):
        year, month, day = found[1], int(found[2]), int(found[3])
    elif found := _NUMBERS.fullmatch(words):
        day, month, year = int(found[1]), int(found[2]), found[3]
    elif found := _WORDS.fullmatch(words):
        day, month, year = int(found[1]), _month(found[2]), found[3]
    elif found := _WORDS_AMERICAN.fullmatch(words):
        day, month, year = int(found[2]), _month(found[1]), found[3]
    else:
        raise refusal
    try:
        if year:
            said = date(int(year) + (2000 if len(year) == 2 else 0), month, day)
            # The first and last days that Python knows cannot be reckoned with.
            if 1900 <= said.year <= today.year + 100:
                return said
            raise refusal
        # 29 February may be up to eight years away.
        for nearest in range(today.year, today.year + 9):
            if (month, day) == (2, 29) and not _leap(nearest):
                continue
            if (found_day := date(nearest, month, day)) >= today:
                return found_day
    except ValueError:
        pass
    raise refusal


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month(word: str) -> int:
    """The month that a word begins like; 0, which no date has, for none."""
    if word == "sept":
        return 9
    for number, name in enumerate(_MONTHS, start=1):
        if name.startswith(word):
            return number
    return 0


def parse_time(text: str, field: str | None = None) -> time:
    """Read "18:30", "6.30pm", "6 pm", "1830", "9", "noon", "midnight".

    A bare hour from 1 to 12 without am or pm is taken as the 24-hour clock
    says it. Raises `Refusal` for anything else.
    """
    words = " ".join(text.strip().lower().split())
    refusal = Refusal(gettext("Enter a time, like 6:30pm or 18:30."), field)
    if words in ("noon", "midday", "12 noon"):
        return time(12)
    if words in ("midnight", "12 midnight"):
        return time(0)
    found = _TIME.fullmatch(words)
    if not found:
        raise refusal
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise refusal
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise refusal from None
