"""What coordinators do with a text that no rule understands: they read it, and decide."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from tests.browser import hour
from tests.browser.journeys import given
from tests.browser.person import Person

AnyPerson = Callable[..., Person]
Desk = Callable[..., Page]
UNCLEAR, ANSWER = "maybe after 3, ask Sue", "Half past three is early enough. Can you come then?"
STILL_UNCLEAR = "might manage half past"


def test_an_unclear_reply_is_answered_and_then_decided(
    person: AnyPerson, desk: Desk, alone: str
) -> None:
    name = f"Sol {alone.title()}"
    handset = given.a_newcomer_with_a_phone(desk(), desk(), name)
    day = hour.now().date() + timedelta(days=3)
    role = f"Signing at the desk {alone}"
    number = given.a_request(desk(given.COORDINATOR), role, day)

    sender = person()
    sender.waits_for(_text(sender, f"Reply {number} YES"), at=handset)
    _says(sender, UNCLEAR)
    sender.waits_for(_text(sender, "a person will read your text"), at=handset)

    # It waits for a coordinator, with what was asked and what we make of it.
    coordinator = person(given.COORDINATOR)
    coordinator.open("/")
    coordinator.go_to("Replies")
    card = coordinator.page.locator(".mh-card").filter(has_text=name)
    expect(card).to_contain_text(UNCLEAR)
    expect(card).to_contain_text(f"Request {number}: {role}. Taken as unclear.")
    coordinator.press(card.get_by_role("button", name="Read and answer"))
    coordinator.sees_heading(name)
    for said in (f"Reply {number} YES", UNCLEAR):
        coordinator.sees(said)
    coordinator.press(coordinator.button("Send this answer"))
    coordinator.is_told_of_a_slip("Your answer by text")
    coordinator.write(coordinator.field("Your answer by text"), ANSWER)
    coordinator.press(coordinator.button("Send this answer"))
    expect(coordinator.page.get_by_role("alert")).to_contain_text("Your answer is on its way.")
    expect(card).to_have_count(0)
    sender.waits_for(_text(sender, ANSWER), at=handset)

    # No rule takes that for a yes either, but the coordinator does: the place is theirs.
    _says(sender, STILL_UNCLEAR)
    coordinator.waits_for(card, at="/inbox")
    expect(card).to_contain_text(STILL_UNCLEAR)
    coordinator.press(card.get_by_role("button", name=f"Take as YES from {name}"))
    expect(coordinator.page.get_by_role("alert")).to_contain_text("Said yes and has a place.")
    sender.waits_for(_text(sender, "You have a place"), at=handset)


def _says(sender: Person, words: str) -> None:
    """Type a text on the handset."""
    sender.write(sender.field("Type a reply from this phone"), words)
    sender.press(sender.button(re.compile("^Send$")))
    expect(_text(sender, words)).to_be_visible()


def _text(sender: Person, words: str) -> Locator:
    return sender.page.locator(".mh-text__body").filter(has_text=words)
