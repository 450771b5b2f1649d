"""A manager posts a shift for every week, and finds it in the rota."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Final

from playwright.sync_api import Locator, expect

from app.opportunities.rules.closing import bank_holidays
from tests.browser import hour
from tests.browser.journeys import given
from tests.browser.person import WAYS, Person, Way

AnyPerson = Callable[..., Person]
ROLE: Final = "Café helper"
WEEK: Final = timedelta(weeks=1)
WEEKLY: Final = "Every week on this day, until we say"


def test_a_weekly_shift_is_posted_and_stands_in_the_rota(person: AnyPerson, way: Way) -> None:
    day = _an_open_day()
    minute = 5 + WAYS.index(way)  # each way has a time of its own
    starts, ends = time(18, minute), time(20, minute)
    manager = person(given.CENTRE)
    manager.open("/")
    manager.press(manager.button("New shift"))
    manager.press(manager.link(ROLE))
    manager.sees_heading(f"New shift: {ROLE}")
    manager.set_time(manager.field("Starts at"), starts)
    manager.set_time(manager.field("Ends at"), ends)
    manager.set_day(manager.field("Date"), day)  # by keyboard this is the way back
    manager.write(manager.field("How many people?"), "0")
    manager.tick(manager.field(WEEKLY))
    manager.press(manager.button("Post it"))

    # What is wrong is said with its field, and all else stands as it was typed.
    manager.is_told_of_a_slip("How many people?")
    expect(manager.field("How many people?")).to_have_accessible_description(
        re.compile("Give a number from 1")
    )
    expect(manager.field("How many people?")).to_have_value("0")
    expect(manager.field("Date")).to_have_value(day.isoformat())
    expect(manager.field("Starts at")).to_have_value(f"{starts:%H:%M}")
    expect(manager.field("Ends at")).to_have_value(f"{ends:%H:%M}")
    expect(manager.field(WEEKLY)).to_be_checked()
    manager.write(manager.field("How many people?"), "3")
    manager.write(manager.field("How many at least?"), "2")
    manager.press(manager.button("Post it"))

    hours = f"6:{minute:02} to 8:{minute:02}pm"
    manager.is_told(re.compile(rf"shifts posted: {ROLE}, every {day:%A}, {hours}\."))
    manager.sees_heading("Rota")
    expect(_in_the_rota(manager, hours, day)).to_contain_text("2 more people needed")
    manager.press(manager.link("Week after"))
    manager.press(_in_the_rota(manager, hours, day + WEEK).get_by_role("link"))
    manager.sees_heading(hours)
    manager.sees("Who is in")


def _an_open_day() -> date:
    """A day after the next week that is no bank holiday, and nor is it a week later."""
    first = hour.now().date() + timedelta(days=8)
    closed = bank_holidays(first, first + 4 * WEEK)
    days = (first + timedelta(days=number) for number in range(14))
    return next(day for day in days if not {day, day + WEEK} & set(closed))


def _in_the_rota(manager: Person, hours: str, day: date) -> Locator:
    """The shift of these hours under its day's heading."""
    under = manager.page.get_by_role("region", name=f"{day:%A} {day.day} {day:%b}")
    return under.locator(".mh-shift").filter(has_text=hours)
