"""The moment that matters, in a real browser: three places, five who answer YES."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE, sign_in
from tests.browser.post import handsets_asked, say_yes


def ask_for_three_drivers(page: Page) -> str:
    """Go through the three steps; the request's number."""
    page.goto("/broadcasts")
    page.get_by_text("Ask for help now").first.click()
    page.get_by_role("searchbox").first.fill("Gorse Covert")
    page.get_by_role("button", name="Search").click()
    # Tonight's, or tomorrow's where the county was made too late in the day for tonight.
    drivers = page.locator(".mh-choice").filter(has_text="Food parcel driver")
    drivers.filter(has_text="3 places left of 3").first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Go on: who should be asked?").click()
    expect(page.get_by_text("can be asked")).to_be_visible()
    page.get_by_role("button", name="Go on: what should it say?").first.click()
    number = re.search(r"(\d+) YES", page.get_by_role("textbox").first.input_value())
    assert number is not None
    # How many are asked first depends on the hour: with much time left, only a few.
    page.get_by_label("Everyone at once").check()
    expect(page.get_by_text(", all who fit.")).to_be_visible()
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Food parcel driver")
    return number.group(1)


def test_three_places_are_filled_by_text(new_context: Callable[..., BrowserContext]) -> None:
    desk = new_context().new_page()
    sign_in(desk, "coordinator@example.org")
    number = ask_for_three_drivers(desk)
    live = desk.url

    hand = new_context(viewport=PHONE).new_page()
    answers = [say_yes(hand, one, number) for one in handsets_asked(hand, number, 5)]
    assert [("You have a place" in answer) for answer in answers] == [True] * 3 + [False] * 2
    assert "number 1 on the waiting list" in answers[3]
    assert "number 2 on the waiting list" in answers[4]

    desk.goto(live)
    expect(desk.get_by_text("3 of 3 places filled")).to_be_visible()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Ended")
    expect(desk.get_by_text("2 people wait for one")).to_be_visible()
    expect(desk.get_by_text("Every place is filled.")).to_be_visible()


def test_a_volunteer_finds_takes_and_gives_back_a_place_without_javascript(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context(viewport=PHONE, java_script_enabled=False).new_page()
    sign_in(page, "volunteer@example.org")
    page.goto("/opportunities")
    page.get_by_label("A town, a village or a postcode").fill("Loughborough")
    page.get_by_role("button", name="Search").first.click()
    cards = page.locator(".mh-card a")
    expect(cards.first).to_be_visible()
    roles = [cards.nth(n).get_attribute("href") or "" for n in range(cards.count())]
    assert roles
    take_the_first_place(page, roles)
    expect(page.get_by_role("heading", level=1)).to_contain_text("You have a place")
    page.get_by_text("I cannot come after all").click()
    page.get_by_role("button", name="Give my place back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("My shifts")


def take_the_first_place(page: Page, roles: list[str]) -> None:
    """Take the first place that these roles have for this volunteer at once."""
    for role in roles:
        page.goto(role)
        offers = page.get_by_text("I can help")
        if offers.count() == 0:
            continue
        offers.first.click()
        yes = page.get_by_role("button", name="Yes, I will help")
        if yes.count():
            yes.click()
            return
    raise AssertionError("None of the roles has a place for the demo's volunteer.")
