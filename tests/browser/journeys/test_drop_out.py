"""A place that is given back late: who waits for it takes it, and the manager sees both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from playwright.sync_api import Page, expect

from tests.browser import hour
from tests.browser.conftest import Running
from tests.browser.hour import LONDON
from tests.browser.journeys import given
from tests.browser.person import Person
from tests.browser.post import in_a_letter

AnyPerson = Callable[..., Person]
Desk = Callable[..., Page]
ROLE = "Food sorting"
WHY = "My car will not start"


def _within_a_day() -> datetime:
    """A time so near that it is late to give a place back, and far from midnight."""
    now = hour.now()
    if now.hour < 12:
        return datetime.combine(now.date(), time(20, 7), LONDON)
    return datetime.combine(now.date() + timedelta(days=1), time(10, 7), LONDON)


def test_a_place_given_back_goes_to_who_waits_for_it(
    person: AnyPerson, desk: Desk, site: Running, alone: str
) -> None:
    starts = _within_a_day()
    ends = starts + timedelta(hours=2)
    roster = given.a_shift(
        desk(given.FOODBANK), ROLE, starts.date(), f"{starts:%H:%M}", f"{ends:%H:%M}"
    )
    giving, waiting = f"Gita {alone.title()}", f"Walt {alone.title()}"
    letters = f"walt.{alone}@example.org"
    giver, waiter = person(), person()
    for one, name, address in (
        (giver, giving, f"gita.{alone}@example.org"),
        (waiter, waiting, letters),
    ):
        shift = given.number_of(roster)
        given.a_newcomer_takes(one.page, site.folder, shift, name, address)
    waiter.sees_heading("You are on the waiting list")
    given.has_waited(site.folder, waiting, timedelta(hours=2))

    giver.open("/")
    giver.press(giver.link(f"I cannot come to {ROLE}"))
    giver.sees("Your shift is near, so we tell the group at once")
    giver.write(giver.field("Would you like to say why?"), WHY)
    giver.press(giver.button("Give my place back"))
    giver.sees_heading("My shifts")
    expect(giver.page.get_by_role("alert")).to_contain_text("It is fine to say no.")

    # Who has waited for hours is asked whether they still can: by a letter with a link.
    link = in_a_letter(site.folder, letters, r"(https?://\S+/offer/\S+)")
    waiter.open(link)
    waiter.sees_heading("A place came free")
    waiter.sees("Opening this page has not answered for you.")
    waiter.press(waiter.button("Yes, I take the place"))
    waiter.sees_heading("You have a place")
    waiter.go_to("Home")
    expect(waiter.page.get_by_role("heading", name="Your next shift")).to_be_visible()
    waiter.sees(ROLE)

    # It stands on the manager's first page until they have seen it.
    manager = person(given.FOODBANK)
    manager.open("/")
    manager.sees(f"{giving} dropped out late")
    manager.press(manager.button(f"I have seen it that {giving} cannot come"))
    expect(manager.page.get_by_text(f"{giving} dropped out late")).to_have_count(0)
    manager.sees_heading("Hello, ")
    manager.open(roster)
    manager.sees("Full: 1 place taken")
    expect(manager.link(waiting)).to_be_visible()
    left = manager.page.locator(".mh-person").filter(has_text=giving)
    expect(left).to_contain_text("Left late")
    expect(left).to_contain_text(WHY)
