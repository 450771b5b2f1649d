"""The days on which places are closed; pure.

Bank holidays are those of England, from the library `holidays`, which follows
the Banking and Financial Dealings Act 1971 and the proclamations since
(https://www.gov.uk/bank-holidays). What is proclaimed later comes with its
next version. Christmas, Boxing and New Year's Day on a weekend count on their
own day too, not only on the day in their place.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from holidays import country_holidays

_PLAINER = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
}


@lru_cache(maxsize=64)
def _of_year(year: int) -> dict[date, str]:
    found = country_holidays("GB", subdiv="ENG", years=year)
    return {day: _plain(name) for day, name in sorted(found.items()) if day.year == year}


def _plain(name: str) -> str:
    observed = " (observed)"
    plain = name.removesuffix(observed)
    plain = _PLAINER.get(plain, plain)
    return f"{plain}, the day in its place" if name.endswith(observed) else plain


def bank_holidays(first: date, last: date) -> dict[date, str]:
    """The bank holidays of England from `first` to `last`, each with its name."""
    return {
        day: name
        for year in range(first.year, last.year + 1)
        for day, name in _of_year(year).items()
        if first <= day <= last
    }
