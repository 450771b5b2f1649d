"""What volunteers answer: an urgent request, on their first page, by one press."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser import hour
from tests.browser.journeys import given
from tests.browser.person import Person, Way

AnyPerson = Callable[..., Person]
Desk = Callable[..., Page]


def test_a_request_is_answered_by_one_press(
    person: AnyPerson, desk: Desk, way: Way, alone: str
) -> None:
    one = person()
    given.a_newcomer_with_a_phone(one.page, desk(), f"Ida {alone.title()}")
    day = hour.now().date() + timedelta(days=3)
    coordinator = desk(given.COORDINATOR)
    wanted, unwanted = f"Signing at the desk {alone}", f"Signing at the hall {alone}"
    given.a_request(coordinator, wanted, day)
    given.a_request(coordinator, unwanted, day + timedelta(days=1))

    # Both wait on the first page: one is answered there and then.
    one.waits_for(one.page.get_by_role("heading", name="2 questions for you"), at="/")
    yes = one.button(f"Yes, I can to {wanted}")
    before = one.presses
    one.press(yes)
    if way.by == "touch":
        assert one.presses - before == 1
    one.sees_heading("You have a place")
    one.sees("What happens next")
    # Their plans change, and change back.
    one.press(one.button("I can’t come after all"))
    one.sees_heading("Thank you for telling us")
    one.press(one.button("Yes, I can help after all"))
    one.sees_heading("You have a place")

    # About the other they read first, which answers nothing.
    one.go_to("Home")
    one.press(one.link("One question waits for your answer"))
    expect(one.page.get_by_role("heading", name="One question for you")).to_be_focused()
    one.press(one.link(f"Tell me more about {unwanted}"))
    one.sees_heading("Can you help?")
    one.sees("Opening this page has not answered for you.")
    one.press(one.button("NO, not this time"))
    one.sees_heading("Thank you for telling us")

    one.go_to("My shifts")
    one.sees_heading("My shifts")
    expect(one.link(wanted)).to_be_visible()
    expect(one.page.get_by_role("main").get_by_text(unwanted)).to_have_count(0)
    one.go_to("Home")
    one.sees_heading("Hello, Ida")
    expect(one.page.get_by_role("heading", name="Your next shift")).to_be_visible()
    expect(one.page.get_by_role("heading", name=re.compile("questions? for you"))).to_have_count(0)
