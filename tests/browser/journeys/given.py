"""What must be there before a journey begins, made through the screens."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.post import code_by_email

FOODBANK = "foodbank@example.org"
CENTRE = "centre@example.org"
COORDINATOR = "coordinator@example.org"
ADMINISTRATOR = "administrator@example.org"


def a_shift(page: Page, role: str, day: date, starts: str, ends: str, places: int = 1) -> str:
    """A manager posts one shift of a role; the address of its roster."""
    page.goto("/my/opportunities")
    page.get_by_role("link", name=role, exact=True).first.click()
    page.goto(f"{page.url}/shifts/new")
    page.get_by_label("Date").fill(day.isoformat())
    page.get_by_label("Starts at").fill(starts)
    page.get_by_label("Ends at").fill(ends)
    page.get_by_label("How many people?").fill(str(places))
    page.get_by_label("How many at least?").fill("1")
    page.get_by_role("button", name="Add the shift").click()
    expect(page.get_by_text("The shift is added")).to_be_visible()
    hour, minute = (int(part) for part in starts.split(":"))
    # A near day is called today or tomorrow.
    called = rf"\b({day.day} {day:%B}|today|tonight|tomorrow)\b"
    at = f"{hour % 12 or 12}:{minute:02}" if minute else f"{hour % 12 or 12}"
    said = re.compile(rf"{called}.*\b{at}(?![\d:])", re.IGNORECASE)
    # Later ones are folded away; of several at one time it is the newest.
    links = page.get_by_role("main").locator("a[href*='/shifts/']").filter(has_text=said)
    found = [one.get_attribute("href") or "" for one in links.all()]
    page.goto(max(found, key=lambda href: int(number_of(href))))
    expect(page.get_by_role("heading", name="Who is in")).to_be_visible()
    return re.sub(r"^https?://[^/]+", "", page.url)


def number_of(roster: str) -> str:
    """The shift's number, from its roster's address."""
    return roster.rstrip("/").rsplit("/", 1)[1]


def a_newcomer_takes(page: Page, mail: Path, shift: str, name: str, address: str) -> None:
    """Somebody new takes, asks for or waits for a place; afterwards they are signed in."""
    page.goto(f"/shifts/{shift}/join")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Mobile number or email address").fill(address)
    page.get_by_label("Your postcode").fill("LE11 3TU")
    page.get_by_label("Yes, I am 18 or over").check()
    for box in page.get_by_role("group", name="Can you do this?").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("main").locator("form button.govuk-button").last.click()
    page.get_by_label("Code").fill(code_by_email(mail, address))
    page.get_by_role("main").locator("form button.govuk-button").first.click()
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()
