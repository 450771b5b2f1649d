"""What must be there before a journey begins, made through the screens."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.post import code_by_email, code_by_text

FOODBANK = "foodbank@example.org"
CENTRE = "centre@example.org"
RESPONSE = "response@example.org"
COORDINATOR = "coordinator@example.org"
ADMINISTRATOR = "administrator@example.org"
# The demo's numbers for newcomers that no other test takes.
_NUMBERS = (f"07700 900{n}" for n in range(980, 1000) if n not in (981, 982, 987))
# One in a hundred can do it: who has it can be asked without asking the whole county.
_RARE = "Sign language"


def a_role(page: Page, title: str, *, asks_first: bool = False) -> None:
    """A manager publishes a role that asks for nothing; perhaps they say yes to each person."""
    page.goto("/my/opportunities")
    page.goto(f"{page.url}/new")
    page.get_by_label("What is the role called?").fill(title)
    page.get_by_label("In one sentence, what will people do?").fill("Lend a hand.")
    page.get_by_label("Helping in an emergency").check()
    if asks_first:
        page.get_by_text("How people get a place:").click()
        page.get_by_label("A manager says yes to each person first").check()
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("It is published")).to_be_visible()


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


def a_newcomer_with_a_phone(page: Page, texts: Page, name: str) -> str:
    """Somebody new, who may be asked by text, and can do what few can; signed in afterwards.

    The address of their handset.
    """
    number = next(_NUMBERS)
    page.goto("/sign-up")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Mobile number or email address").fill(number)
    page.get_by_label("Your postcode").fill("LE11 3TU")
    page.get_by_label("Yes, I am 18 or over").check()
    page.get_by_label("Yes, ask me when help is needed near me").check()
    page.get_by_role("button", name="Sign up").click()
    page.get_by_label("Code").fill(code_by_text(texts, number))
    page.get_by_role("main").locator("form button.govuk-button").first.click()
    page.wait_for_url("**/my/profile/welcome")
    page.goto("/my/profile/steps/skills")
    page.get_by_label(_RARE).check()
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url(lambda url: not url.endswith("/skills"))
    texts.goto(f"/simulator?q={name}")
    handset = texts.locator("#phones").get_by_role("link", name=name)
    return handset.get_attribute("href") or ""


def a_request(page: Page, role: str, day: date) -> str:
    """A coordinator makes a shift on the spot, of a role of its own that asks for what few can do.

    All who fit are asked for its one place by text; the request's number.
    """
    page.goto("/broadcasts/new/shift")
    page.get_by_label("What is the role called?").fill(role)
    sites = page.get_by_label("Which group, and where?")
    near = sites.locator("option", has_text="Thorpe Acre").first.get_attribute("value")
    sites.select_option(near)
    page.get_by_label("Date").fill(day.isoformat())
    page.get_by_label("Starts at").fill("14:00")
    page.get_by_label("Ends at").fill("17:00")
    page.get_by_label("How many people?").fill("1")
    page.get_by_label(_RARE).check()
    page.get_by_role("button", name="Go on: who should be asked?").click()
    page.get_by_role("button", name="Go on: what should it say?").click()
    number = re.search(r"(\d+) YES", page.get_by_role("textbox").first.input_value())
    assert number is not None
    page.get_by_label("Everyone at once").check()
    expect(page.get_by_text(", all who fit.")).to_be_visible()
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("Asking now")).to_be_visible()
    return number[1]


def has_waited(site: Path, name: str, time: timedelta) -> None:
    """Let somebody have waited for a place for so long: no test can wait for hours."""
    with closing(sqlite3.connect(site / "many-hands.db", timeout=20)) as database, database:
        changed = database.execute(
            "UPDATE signup SET created_at = datetime(created_at, ?) WHERE standing = 'waiting'"
            " AND volunteer_id = (SELECT id FROM volunteer WHERE name = ?)",
            [f"-{int(time.total_seconds())} seconds", name],
        )
        assert changed.rowcount == 1, f"{name} does not wait"
