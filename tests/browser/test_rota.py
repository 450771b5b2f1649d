"""What managers do with a rota, in a real browser: a week from nothing, a drop-out covered."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser import hour
from tests.browser.conftest import PHONE, NewContext, Tell, sign_in
from tests.browser.hands import Hands


def _new_library(page: Page, name: str) -> str:
    """An administrator makes a group with one site; the address of its page."""
    page.goto("/admin/groups/new")
    page.get_by_label("Name of the group").fill(name)
    page.get_by_label("Community library").check()
    page.get_by_role("button", name="Add the group").click()
    group = re.sub(r"(/groups/\d+).*", r"\1", page.url)
    page.goto(f"{group}/sites/new")
    page.get_by_label("Name of the site").fill("The library")
    page.get_by_label("Postcode").fill("LE11 3EJ")
    page.get_by_role("button", name="Save").click()
    return group


def test_a_librarys_week_from_nothing(new_context: NewContext, tell: Tell) -> None:
    page = new_context().new_page()
    sign_in(page, "administrator@example.org")
    page.goto(_new_library(page, "Wolds Edge Community Library"))
    hands = Hands(page)
    hands.click(page.get_by_role("main").get_by_role("link", name="Rota", exact=True))
    hands.click(page.get_by_role("button", name="Set up a week"))
    hands.type(page.get_by_label("What is the role called?"), "Library desk helper")
    hands.type(page.get_by_label("In one sentence, what will people do?"), "Welcome people.")
    tuesday = page.get_by_role("group", name="Tuesday")
    hands.type(tuesday.get_by_label("To"), "20:00")
    wednesday = page.get_by_role("group", name="Wednesday")
    hands.click(wednesday.get_by_role("checkbox"))  # closed
    saturday = page.get_by_role("group", name="Saturday")
    hands.type(saturday.get_by_label("People"), "3")
    hands.click(page.get_by_role("button", name="Make the shifts"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Rota")
    hands.click(page.get_by_role("link", name="Week after"))
    week = page.get_by_role("main")
    # Five days of two stretches or three, none of them on Wednesday; bank holidays are left out.
    expect(week.get_by_text("Nobody yet").first).to_be_visible()
    assert week.get_by_text("Nobody yet").count() >= 6
    tell(hands.told("A library's week from nothing"))
    assert hands.seconds < 120


def _soon() -> tuple[datetime, datetime]:
    """A shift about to begin, in London's time: nearer than the hour before which people come."""
    starts = hour.now().replace(second=0, microsecond=0) + timedelta(minutes=20)
    return starts, starts + timedelta(hours=2)


def _a_shift_soon(page: Page, role: str, places: int = 3) -> str:
    """A manager adds a shift of this role that begins soon; the address of what shows then."""
    page.goto("/my/opportunities")
    page.get_by_role("link", name=role).first.click()
    page.get_by_role("link", name=re.compile("Add (a|one) shift")).or_(
        page.get_by_role("button", name=re.compile("Add (a|one) shift"))
    ).first.click()
    starts, ends = _soon()
    page.get_by_label("Date").fill(starts.date().isoformat())
    page.get_by_label("Starts at").fill(f"{starts:%H:%M}")
    page.get_by_label("Ends at").fill(f"{ends:%H:%M}")
    page.get_by_label("How many people?").fill(str(places))
    page.get_by_label("How many at least?").fill(str(min(places, 2)))
    page.get_by_role("button", name=re.compile("Add|Save")).first.click()
    return page.url


def test_a_drop_out_is_covered_within_ten_minutes(new_context: NewContext, tell: Tell) -> None:
    desk = new_context().new_page()
    sign_in(desk, "foodbank@example.org")
    desk.goto("/my/opportunities")
    group = re.sub(r".*(/groups/\d+).*", r"\1", desk.url)
    desk.goto(f"{group}/cover")
    desk.get_by_label("Whenever somebody drops out late").check()
    desk.get_by_label("How many minutes do you have to stop it first?").fill("0")
    desk.get_by_label("Our own volunteers first").check()
    desk.get_by_role("button", name="Save").click()
    _a_shift_soon(desk, "Food parcel driver", places=1)
    soon = re.compile("today|tonight|tomorrow", re.I)  # the last of them shortly before midnight
    shifts = desk.locator(".mh-card--shift").filter(has_text=soon)
    shifts.filter(has_text="0 of 1").first.get_by_role("link").click()
    roster = desk.url
    desk.goto(f"{roster}?who=Sunita Harwell")
    desk.get_by_role("button", name="Add Sunita Harwell").click()
    added = desk.get_by_text(re.compile("^Added"))
    elsewhere = desk.get_by_role("heading", name="Two places at the same time?")
    expect(added.or_(elsewhere)).to_be_visible()
    if elsewhere.count():  # at the hour of a shift that the demo has given her
        desk.get_by_label("Why is it all right?").fill("Only for this evening")
        desk.get_by_role("button", name="Add Sunita all the same").click()
        expect(added).to_be_visible()

    phone = new_context(viewport=PHONE).new_page()
    sign_in(phone, "volunteer@example.org")
    shift_id = roster.rstrip("/").rsplit("/", 1)[1]
    phone.goto(f"/shifts/{shift_id}/withdraw")
    phone.get_by_label(re.compile("why", re.I)).fill("My car will not start")
    dropped_out = time.monotonic()
    phone.get_by_role("button", name="Give my place back").click()

    # Nobody at the desk does anything: the group's own rule asks those who could come.
    hand = new_context(viewport=PHONE).new_page()
    number = _asked_for_cover(hand)
    asked = time.monotonic() - dropped_out
    hand.get_by_role("button", name=f"{number} YES").click()
    desk.goto(roster)
    while not desk.get_by_text("Full: 1 place taken").count():
        assert time.monotonic() - dropped_out < 180
        desk.wait_for_timeout(500)
        desk.goto(roster)
    covered = time.monotonic() - dropped_out
    expect(desk.get_by_text("Sunita Harwell").last).to_be_visible()
    tell(f"A drop-out: asked after {asked:.0f} s, covered after {covered:.0f} s")


def _asked_for_cover(page: Page) -> str:
    """Open the first handset on which the request has arrived; the request's number."""
    starts, _ = _soon()
    # The minute may have turned since the shift was made.
    times = {f"{at:%-I:%M}" for at in (starts - timedelta(minutes=n) for n in range(4))}

    def of_the_shift(said: str) -> bool:
        return "Food parcel driver, " in said and bool(times & set(re.findall(r"\d+:\d\d", said)))

    until = time.monotonic() + 90
    while time.monotonic() < until:
        for number in range(1, 4):
            page.goto(f"/simulator?page={number}")
            asked = page.locator("#phones li").filter(has_text="Food parcel driver, ")
            phones = [
                line.get_by_role("link").first.get_attribute("href")
                for line in asked.all()
                if of_the_shift(line.inner_text())
            ]
            for phone in phones:
                page.goto(str(phone))
                # A text that tells of a place names the shift too; one that asks says the number.
                for said in page.locator(".mh-text__body").all_inner_texts()[::-1]:
                    answer = re.search(r"\b(\d+) YES\b", said)
                    if answer and of_the_shift(said):
                        return answer[1]
        page.wait_for_timeout(1000)
    raise AssertionError("Nobody was asked for cover.")
