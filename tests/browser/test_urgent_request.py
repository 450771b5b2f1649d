"""An urgent request, from the first page to the first texts: in under 45 seconds, by any hands."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import PHONE, Tell, sign_in
from tests.browser.hands import Hands

SECONDS: Final = 45


@pytest.mark.parametrize("scripted", [True, False], ids=["JavaScript", "no JavaScript"])
def test_an_urgent_request_is_on_its_way_in_under_45_seconds(
    new_context: Callable[..., BrowserContext],
    tell: Tell,
    scripted: bool,
) -> None:
    page = new_context(java_script_enabled=scripted).new_page()
    sign_in(page, "coordinator@example.org")
    hands = Hands(page)
    page.goto("/")
    # Each run asks for another shift: one that is asked for already has no button.
    hands.click(page.get_by_role("button", name=re.compile("^Ask for help for ")).last)
    expect(page.get_by_text("Step 2 of 3")).to_be_visible()
    hands.click(page.get_by_role("button", name="Go on: what should it say?"))
    expect(page.get_by_text("Step 3 of 3")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^What .+ would read$"))).to_be_visible()
    hands.click(page.get_by_role("button", name="Send now"))
    expect(page.get_by_text("Asking now")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/broadcasts/\d+$"))
    said = "An urgent request" if scripted else "An urgent request without JavaScript"
    tell(hands.told(said))
    assert hands.seconds < SECONDS
    # The slow way, through the list of all shifts, with a word changed, is quick enough too.
    hands = Hands(page)
    page.goto("/")
    hands.click(page.get_by_role("button", name="Ask for help", exact=True))
    boxes = page.get_by_role("group", name=re.compile("Choose one shift")).get_by_role("checkbox")
    hands.click(boxes.nth(12 if scripted else 13))
    hands.click(page.get_by_role("button", name="Go on: who should be asked?"))
    hands.click(page.get_by_role("button", name="Go on: what should it say?"))
    hands.add(page.get_by_label("The text"), " Thanks!")
    hands.click(page.get_by_role("button", name="Send now"))
    sent, dearer = page.get_by_text("Asking now"), page.get_by_text("The text has grown").first
    expect(sent.or_(dearer).first).to_be_visible()
    if dearer.count():  # a long name, and the cost is shown once more before it goes
        hands.click(page.get_by_role("button", name="Send now"))
    expect(sent).to_be_visible()
    tell(hands.told("By the list, with other words"))
    assert hands.seconds < SECONDS


def test_a_coordinator_on_the_bus_sends_it_from_a_phone(
    new_context: Callable[..., BrowserContext], tell: Tell
) -> None:
    page = new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    sign_in(page, "coordinator@example.org")
    hands = Hands(page)
    page.goto("/")
    hands.click(page.get_by_role("button", name=re.compile("^Ask for help for ")).nth(5))
    hands.click(page.get_by_role("button", name="Go on: what should it say?"))
    # The words of the text of the next person stand where the first's stood.
    first = page.get_by_role("heading", name=re.compile("^What .+ would read$")).inner_text()
    hands.click(page.get_by_role("button", name="Show me somebody else’s"))
    expect(page.get_by_role("heading", name=first)).to_have_count(0)
    hands.click(page.get_by_role("button", name="Send now"))
    expect(page.get_by_text("Asking now")).to_be_visible()
    tell(hands.told("From a phone, with a look at somebody else’s text"))
    assert hands.seconds < SECONDS
