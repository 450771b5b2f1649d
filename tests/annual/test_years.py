"""Which years can be chosen, and how they are called."""

from __future__ import annotations

from datetime import date

import pytest

from app.annual.rules.years import Year, calendar, complete, council, of_slug


def test_a_councils_year_is_april_to_march() -> None:
    year = council(2025)
    assert (year.first_day, year.last_day) == (date(2025, 4, 1), date(2026, 3, 31))
    assert year.label == "April 2025 to March 2026"
    assert (year.slug, year.short) == ("2025-26", "2025–26")
    assert (year.months[0], year.months[8], year.months[11]) == (202504, 202512, 202603)
    assert year.before == council(2024)


def test_a_calendar_year_is_named_by_its_number() -> None:
    year = calendar(2025)
    assert (year.slug, year.last_day) == ("2025", date(2025, 12, 31))
    assert year.label == "January 2025 to December 2025"


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 3, 31), council(2024)),
        (date(2026, 4, 1), council(2025)),
        (date(2026, 12, 31), council(2025)),
    ],
)
def test_only_years_that_are_over_are_offered_the_last_councils_year_first(
    today: date, first: Year
) -> None:
    assert complete(today)[0] == first
    assert all(one.last_day < today for one in complete(today))


@pytest.mark.parametrize("slug", ["2025-26", "2025", "2099-00"])
def test_an_address_names_a_year(slug: str) -> None:
    year = of_slug(slug)
    assert year is not None
    assert year.slug == slug


@pytest.mark.parametrize("slug", ["2025-27", "1999", "x", "2025-", "20255", "2025-26 "])
def test_any_other_address_names_none(slug: str) -> None:
    assert of_slug(slug) is None
