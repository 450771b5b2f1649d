"""A volunteer's phone loses its signal: the own shifts stay, and leave with their owner."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE, Running, sign_in

VOLUNTEER = "volunteer@example.org"
OTHER = "foodbank@example.org"
_KEPT = """async () => {
  for (const name of await caches.keys()) {
    const found = await (await caches.open(name)).match("/my/shifts/kept");
    if (found) return true;
  }
  return false;
}"""
_IN_CHARGE = "() => navigator.serviceWorker.ready.then((one) => one.active.state === 'activated')"


@pytest.fixture
def phone(site: Running, new_context: Callable[..., BrowserContext]) -> Page:
    """A phone whose owner has just looked at the own shifts."""
    page = new_context(viewport=PHONE).new_page()
    sign_in(page, VOLUNTEER)
    page.goto("/my/shifts")
    page.wait_for_function(_IN_CHARGE)
    page.wait_for_function(_KEPT)
    return page


def test_the_own_shifts_can_be_read_with_no_signal(phone: Page) -> None:
    title = phone.locator(".mh-shifts .mh-card__title").first.inner_text()
    phone.context.set_offline(True)
    for path in ("/my/shifts", "/"):
        phone.goto(path)
        expect(phone.get_by_text("You have no signal.")).to_be_visible()
        expect(phone.get_by_role("heading", name=title).first).to_be_visible()
        # It is dressed as ever.
        expect(phone.locator(".mh-card").first).to_have_css("display", "flex")
    # Any other page says what is the matter, and leads there.
    phone.goto("/my/hours")
    expect(phone.get_by_role("heading", name="You have no signal")).to_be_visible()
    phone.get_by_role("link", name="My shifts").click()
    expect(phone.get_by_role("heading", name=title).first).to_be_visible()
    phone.context.set_offline(False)
    phone.get_by_role("link", name="Try again").click()
    expect(phone.get_by_text("You have no signal.")).to_have_count(0)


def test_nothing_stays_after_signing_out(phone: Page) -> None:
    phone.get_by_role("button", name="Menu").click()
    phone.get_by_role("button", name="Sign out").click()
    phone.wait_for_url(lambda url: "/my/shifts" not in url)
    phone.wait_for_function(f"async () => !(await ({_KEPT})())")
    phone.context.set_offline(True)
    phone.goto("/my/shifts")
    expect(phone.get_by_role("heading", name="You have no signal")).to_be_visible()
    expect(phone.locator(".mh-shifts")).to_have_count(0)


def test_another_person_never_sees_it(phone: Page) -> None:
    # The session is lost without a word: another's begins in the same browser.
    phone.context.clear_cookies()
    sign_in(phone, OTHER)
    phone.wait_for_function(f"async () => !(await ({_KEPT})())")
    phone.context.set_offline(True)
    phone.goto("/my/shifts")
    expect(phone.get_by_role("heading", name="You have no signal")).to_be_visible()
