"""A first-time volunteer: from the front page to a confirmed place, on a phone.

With a text and with an email, with JavaScript and without. Counted by the
Keystroke-Level Model of `hands`, taps and seconds are printed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import PHONE, Running, Tell
from tests.browser.hands import Hands
from tests.browser.post import code_by_email, code_by_text

SECONDS = 90
TAPS = 10


@pytest.mark.parametrize(
    ("scripts", "name", "contact"),
    [
        (True, "Nora Newcomer", "07700 900981"),
        (False, "Ned Newcomer", "07700 900982"),
        (True, "Nell Newcomer", "nell.newcomer@example.org"),
    ],
    ids=["by text", "by text, no JavaScript", "by email"],
)
def test_a_stranger_has_a_place_in_ninety_seconds_and_ten_taps(
    new_context: Callable[..., BrowserContext],
    site: Running,
    tell: Tell,
    scripts: bool,
    name: str,
    contact: str,
) -> None:
    context = new_context(viewport=PHONE, java_script_enabled=scripts, has_touch=True)
    page = context.new_page()
    page.goto("/")
    hands = Hands(page)

    # Tonight's drivers are the urgent request's, in another journey.
    hands.click(
        page.get_by_role("button", name=re.compile(r"^I can help(?!\s*: Food parcel driver)")).first
    )
    role = page.get_by_role("heading", level=1).inner_text()
    hands.type(page.get_by_label("Your name"), name)
    hands.type(page.get_by_label("Mobile number or email address"), contact)
    hands.type(page.get_by_label("Your postcode"), "LE11 3TU")
    hands.click(page.get_by_label("Yes, I am 18 or over"))
    # Where the role needs something, they can do it: it is why they chose it.
    able = page.get_by_role("group", name="Can you do this?").get_by_role("checkbox")
    for box in able.all():
        hands.click(box)
    hands.click(page.get_by_role("button", name=re.compile("Take this place|Ask for this place")))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check your")
    expect(page.get_by_text(role)).to_be_visible()

    asked = time.monotonic()
    if "@" in contact:
        code = code_by_email(site.folder, contact)
    else:
        code = code_by_text(context.new_page(), contact)
    hands.seconds += time.monotonic() - asked
    hands.type(page.get_by_label("Code"), code)
    hands.click(page.get_by_role("button", name=re.compile("Take this place|Ask for this place")))
    expect(page.get_by_role("heading", level=1)).to_contain_text("You have a place")
    expect(page.get_by_text(role).first).to_be_visible()

    tell(hands.told(f"From the front page to a place, {contact}"))
    assert hands.seconds < SECONDS
    assert hands.clicks <= TAPS
