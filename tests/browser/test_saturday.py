"""A Saturday on the tablet, in real browsers: set up, check in, walk in, and the board."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import hour
from tests.browser.conftest import sign_in

TABLET = {"width": 820, "height": 1180}
PIN = "374928"
ROLE = "Food sorting"  # it asks for nothing that a newcomer might not have


def group_of(page: Page) -> str:
    """The address of the manager's group."""
    page.goto("/groups")
    page.wait_for_url(re.compile(r"/groups(/\d+)?$"))
    if page.url.endswith("/groups"):
        page.locator("main a[href^='/groups/']").first.click()
    return re.sub(r"^https?://[^/]+", "", page.url)


def add_a_shift_now(page: Page, group: str) -> str:
    """A shift that begins in half an hour, after those of other journeys; its roster."""
    page.goto(f"{group}/opportunities")
    page.get_by_role("link", name=ROLE).first.click()
    page.goto(f"{page.url}/shifts/new")
    # On a whole minute that no seeded shift begins on.
    start = hour.now().replace(second=0) + timedelta(minutes=28)
    start = start.replace(minute=start.minute | 1)
    end = start + timedelta(hours=2)
    page.get_by_label("Date").fill(start.date().isoformat())
    page.get_by_label("Starts at").fill(start.strftime("%H:%M"))
    page.get_by_label("Ends at").fill(end.strftime("%H:%M"))
    page.get_by_label("How many people?").fill("5")
    page.get_by_label("How many at least?").fill("3")
    page.get_by_role("button", name="Add").first.click()
    expect(page.get_by_text("The shift is added")).to_be_visible()
    times = re.compile(rf"\b{start.hour % 12 or 12}:{start.minute:02}\D")
    # Another may begin or end at that minute: the newest is ours.
    links = page.get_by_role("main").locator("a[href*='/shifts/']").filter(has_text=times)
    found = [link.get_attribute("href") or "" for link in links.all()]
    page.goto(max(found, key=lambda href: int(re.findall(r"/shifts/(\d+)", href)[-1])))
    return page.url


def names_on_the_list(page: Page, group: str) -> list[str]:
    page.goto(f"{group}/volunteers")
    return page.locator(".mh-person__name a, .mh-people a").all_inner_texts()[:40]


def give_places(page: Page, roster: str, names: list[str], wanted: int) -> list[str]:
    """Put so many of the names on the roster; those whom the rules let on it."""
    given: list[str] = []
    for name in names:
        page.goto(f"{roster}?who={name}#add")
        button = page.get_by_role("button", name=f"Add {name}")
        if not button.count():
            continue
        with page.expect_navigation():
            button.first.click()
        if page.get_by_text("Added.").count():
            given.append(name)
        if len(given) == wanted:
            break
    assert len(given) == wanted, given
    return given


def shown(name: str) -> str:
    """As the tablet shows it, where nobody is called alike."""
    return f"{name.split()[0]} {name.split()[-1][0]}."


def test_a_saturday_on_the_tablet(new_context: Callable[..., BrowserContext]) -> None:
    desk = new_context().new_page()
    sign_in(desk, "foodbank@example.org")
    group = group_of(desk)
    roster = add_a_shift_now(desk, group)
    first, second, third = give_places(desk, roster, names_on_the_list(desk, group), 3)

    # The manager sets up the tablet from their own screen; nobody signs in on it.
    desk.goto(f"{group}/today")
    if re.search(r"/today$", desk.url):
        desk.locator("main a[href*='/today/']").first.click()
    board = desk.url
    desk.get_by_role("link", name="Tablets of this site").click()
    tablets = desk.url
    desk.get_by_label("New PIN").fill(PIN)
    desk.get_by_role("button", name=re.compile("Set .*PIN")).click()
    desk.get_by_label("What do you call this tablet?").fill("By the door")
    desk.get_by_role("button", name="Make a code for it").click()
    code = desk.locator(".mh-big__number").inner_text()

    # It works without JavaScript, as an old tablet does.
    tablet = new_context(viewport=TABLET, java_script_enabled=False).new_page()
    tablet.goto("/tablet")
    tablet.get_by_label("The code from the manager").fill(code)
    tablet.get_by_role("button", name="Set up").click()
    expect(tablet.get_by_role("heading", level=1)).to_contain_text("Welcome to")
    for name in (first, second, third):
        expect(tablet.get_by_text(name, exact=True)).to_have_count(0)

    # One comes, one taps the wrong name and takes it back, one comes and goes.
    tablet.get_by_role("button", name=f"I am here {shown(first)}").first.click()
    expect(tablet.get_by_role("heading", level=1)).to_contain_text(f"Welcome, {first.split()[0]}!")
    tablet.get_by_role("link", name="Back").or_(tablet.get_by_role("button", name="Back")).click()
    tablet.get_by_role("button", name=f"I am here {shown(third)}").first.click()
    tablet.get_by_role("button", name="That was not me").click()
    tablet.get_by_role("button", name=f"I am here {shown(second)}").first.click()
    tablet.goto("/tablet")
    tablet.get_by_role("button", name=f"I am leaving {shown(second)}").first.click()
    expect(tablet.get_by_role("heading", level=1)).to_contain_text("Thank you")

    # Somebody whom nobody knows is announced, and let in by the person in charge.
    tablet.goto("/tablet/not-on-the-list")
    tablet.get_by_label("Your first and last name").fill("Una Knownhere")
    chosen = tablet.get_by_label(re.compile(ROLE))
    if chosen.count():
        chosen.last.check()
    tablet.get_by_role("button", name="I am here").click()
    expect(tablet.get_by_text("speak with the person in charge")).to_be_visible()
    tablet.goto("/tablet/pin")
    tablet.get_by_label("PIN").fill("000001")
    tablet.get_by_role("button", name="Open").click()
    expect(tablet.get_by_text("That is not the PIN").first).to_be_visible()
    tablet.get_by_label("PIN").fill(PIN)
    tablet.get_by_role("button", name="Open").click()
    expect(tablet.get_by_text("Una Knownhere")).to_be_visible()
    mine = tablet.locator(".mh-board").filter(has_text=first)
    mine.get_by_role("button", name="Let somebody in").click()
    tablet.get_by_label("Their full name").fill("Una Knownhere")
    tablet.get_by_label("Their mobile number").fill("07700 900987")
    tablet.get_by_label("18 or over").check()
    tablet.get_by_role("button", name="They are here").click()
    expect(tablet).to_have_url(re.compile("/tablet/staff$"))
    expect(tablet.get_by_text("is at the door")).to_have_count(0)
    tablet.get_by_role("button", name="Close now").click()

    # The manager's board shows it all, and what is short.
    desk.goto(board)
    section = desk.locator(".mh-board").filter(has_text=first)
    expect(section).to_contain_text("2 here of 4 people, 1 place free")
    person = section.locator(".mh-board__person")
    expect(person.filter(has_text=second)).to_contain_text("Has left")
    expect(person.filter(has_text=third)).to_contain_text("Due")
    expect(person.filter(has_text="Una Knownhere")).to_contain_text("Here")
    person.filter(has_text=third).get_by_role("button", name="Here").click()
    expect(section).to_contain_text("3 here of 4 people")

    # Switched off from afar, the tablet shows nothing at the next tap.
    desk.goto(tablets)
    desk.get_by_role("button", name="Switch off By the door").click()
    tablet.goto("/tablet")
    expect(tablet.get_by_role("heading", level=1)).to_contain_text("Set up this tablet")
