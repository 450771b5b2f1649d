"""A manager posts a shift for every week, from the first page, in under twenty seconds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import hour
from tests.browser.conftest import PHONE, Tell, sign_in
from tests.browser.hands import Hands

NewContext = Callable[..., BrowserContext]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_weekly_shift_takes_under_twenty_seconds(
    new_context: NewContext, tell: Tell, scripts: bool
) -> None:
    page = new_context(java_script_enabled=scripts).new_page()
    sign_in(page, "library@example.org")
    # The role used last stands there already; the day is another one than is proposed.
    day = hour.now().date() + timedelta(days=40 if scripts else 41)
    hands = Hands(page)
    hands.click(page.get_by_role("link", name="New shift").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("New shift: ")
    hands.type(page.get_by_label("Date"), day.isoformat())
    hands.click(page.get_by_label("Every week on this day, until we say"))
    hands.click(page.get_by_role("button", name="Post it"))
    expect(page.get_by_text(re.compile(rf"shifts posted: .*every {day:%A}"))).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rota")
    way = "with" if scripts else "without"
    tell(hands.told(f"A weekly shift, {way} scripts"))
    assert hands.seconds < 20


def test_on_a_phone_the_usual_shift_is_two_taps(new_context: NewContext, tell: Tell) -> None:
    page = new_context(viewport=PHONE, has_touch=True).new_page()
    sign_in(page, "foodbank@example.org")
    hands = Hands(page)
    hands.click(page.get_by_role("main").get_by_role("button", name="New shift").first)
    hands.click(page.get_by_role("button", name="Post it"))
    expect(page.get_by_text(re.compile("Posted: "))).to_be_visible()
    tell(hands.told("The usual shift on a phone"))
    assert hands.clicks == 2
    assert hands.seconds < 10
