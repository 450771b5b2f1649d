"""What managers do on the day: the board, and the tablet by the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser import hour
from tests.browser.conftest import Running
from tests.browser.journeys import given
from tests.browser.person import WAYS, Person, Way

AnyPerson = Callable[..., Person]
Desk = Callable[..., Page]


def test_the_day_on_the_board_and_by_the_tablet(
    person: AnyPerson, desk: Desk, site: Running, way: Way, alone: str
) -> None:
    set_up = desk(given.FOODBANK)
    starts = hour.now() + timedelta(minutes=21 + WAYS.index(way))
    ends = starts + timedelta(hours=1)
    roster = given.a_shift(
        set_up, "Food sorting", starts.date(), f"{starts:%H:%M}", f"{ends:%H:%M}", 3
    )
    here, by_tablet = f"Hal {alone.title()}", f"Tess {alone.title()}"
    for name in (here, by_tablet):
        given.a_newcomer_takes(
            desk(),
            site.folder,
            given.number_of(roster),
            name,
            f"{name[:3].lower()}.{alone}@example.org",
        )

    manager = person(given.FOODBANK)
    manager.open("/")
    manager.press(manager.button("Today’s board"))
    if starts.date() != hour.now().date():
        manager.press(manager.link("Day after"))
    board = manager.page.url
    manager.press(manager.button(f"Here {here}"))
    line = manager.page.locator(".mh-board__person").filter(has_text=here)
    expect(line).to_contain_text("Here")

    # The tablet by the door is set up with a code, and knows nobody's family name.
    manager.press(manager.link("Tablets of this site"))
    manager.write(manager.field("What do you call this tablet?"), f"Door {alone}")
    manager.press(manager.button("Make a code for it"))
    code = manager.page.locator(".mh-big__number").inner_text()
    tablet = person()
    tablet.open("/tablet")
    tablet.write(tablet.field("The code from the manager"), code)
    tablet.press(tablet.button("Set up"))
    tablet.sees_heading("Welcome to")
    tablet.press(tablet.button(re.compile(f"^I am here {by_tablet.split()[0]} ")))
    tablet.sees_heading(f"Welcome, {by_tablet.split()[0]}!")

    manager.open(board)
    line = manager.page.locator(".mh-board__person").filter(has_text=by_tablet)
    expect(line).to_contain_text("Here")
    manager.press(manager.button(f"Left {by_tablet}"))
    expect(line).to_contain_text("Has left")
