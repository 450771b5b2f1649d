"""Somebody asks for a place, a manager says yes, and the rota has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser import hour
from tests.browser.conftest import Running
from tests.browser.journeys import given
from tests.browser.person import Person
from tests.browser.post import in_a_letter

AnyPerson = Callable[..., Person]
Desk = Callable[..., Page]


def test_who_asked_for_a_place_stands_in_the_rota_after_one_yes(
    person: AnyPerson, desk: Desk, site: Running, alone: str
) -> None:
    role, name, address = f"Sandbags {alone}", f"Abe {alone.title()}", f"{alone}@example.org"
    today = hour.now().date()
    next_wednesday = today + timedelta(days=9 - today.weekday())  # of next week
    set_up = desk(given.RESPONSE)
    given.a_role(set_up, role, asks_first=True)
    roster = given.a_shift(set_up, role, next_wednesday, "14:00", "16:00", 2)
    applicant = desk()
    given.a_newcomer_takes(applicant, site.folder, given.number_of(roster), name, address)

    manager = person(given.RESPONSE)
    manager.open("/")
    manager.press(manager.button(f"Yes to {name}"))
    manager.is_told(f"{name} has a place and has been told.")
    expect(manager.button(f"Yes to {name}")).to_have_count(0)
    manager.press(manager.button("Rota"))
    shift = manager.page.locator(".mh-shift").filter(has_text=role)
    expect(shift).to_have_count(0)
    manager.press(manager.link("Week after"))
    expect(shift).to_contain_text(re.compile(rf"Abe\s{alone[0].upper()}"))
    manager.press(shift.get_by_role("link"))
    manager.sees("Who is in")
    expect(manager.link(name)).to_be_visible()

    in_a_letter(site.folder, address, r"yes,\s+the\s+(place)\s+is\s+yours!")
    volunteer = person(applicant.context.storage_state())
    volunteer.open("/")
    volunteer.press(volunteer.link(role))
    volunteer.sees_heading("You have a place")
