"""A coordinator asks for help, and watches until a volunteer's text has filled the place."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser import hour
from tests.browser.journeys import given
from tests.browser.person import Person, Way
from tests.browser.post import handsets_asked

AnyPerson = Callable[..., Person]
Desk = Callable[..., Page]


def test_an_urgent_request_is_filled_by_a_text(
    person: AnyPerson, desk: Desk, way: Way, alone: str
) -> None:
    role = f"Flood boat {alone}"
    day = hour.now().date() + timedelta(days=2)
    set_up = desk(given.RESPONSE)
    given.a_role(set_up, role)
    given.a_shift(set_up, role, day, "18:00", "20:00")

    coordinator = person(given.COORDINATOR)
    coordinator.open("/")
    coordinator.press(coordinator.button(re.compile("^Ask for help$")))
    coordinator.write(coordinator.field("Group, role or place"), role)
    coordinator.set_day(coordinator.field("Day"), day)
    coordinator.press(coordinator.button("Search"))
    coordinator.sees("1 shift with room found")
    coordinator.tick(coordinator.field(re.compile(role)))
    coordinator.press(coordinator.button("Go on: who should be asked?"))

    coordinator.sees_heading("Who should be asked?")
    coordinator.sees(re.compile(r"^[1-9][\d,]* people fit and can be asked"))
    coordinator.sees("Where they live")
    coordinator.press(coordinator.button("Go on: what should it say?"))

    # The words are the coordinator's own; beside them is what one of those asked would read.
    coordinator.sees_heading("What should it say?")
    drafted = coordinator.field("The text").input_value()
    assert role in drafted
    number = drafted.partition(" Reply ")[2].partition(" YES")[0]
    text = f"Flood Wardens: hands for our boat? {alone} Reply {number} YES or {number} NO."
    coordinator.write(coordinator.field("The text"), text)
    if not way.scripts:
        coordinator.press(coordinator.button("Show me how it looks"))
    coordinator.sees(re.compile("^What .+ would read$"))
    expect(coordinator.page.locator(".mh-sms__text").first).to_contain_text(text)
    coordinator.press(coordinator.button("Send now"))

    coordinator.sees_heading("Asking now")
    coordinator.hears(re.compile(r"^0 of 1 place filled\. [1-9]\d* (person|people) asked"))
    (handset,) = handsets_asked(desk(), number, 1)
    volunteer = person()
    volunteer.open(handset)
    volunteer.sees(alone)
    volunteer.press(volunteer.button(f"{number} YES"))
    volunteer.hears("You have a place, thank you!")

    coordinator.hears(re.compile("^1 of 1 place filled"))
    coordinator.hears("Every place is filled.")
    coordinator.sees_heading("Ended")
    coordinator.sees(re.compile(r"1 of 1 place (is|are) filled"))
