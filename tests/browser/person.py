"""A person before the screen, who has only a keyboard, or only a thumb.

A journey is written once, in what the person means to do (`press`, `write`,
`tick`, `choose`), and runs in four ways: by keyboard and by touch, each with
JavaScript and without. Both ways look at more than whether it can be done:

- by keyboard the wanted control must be reached by Tab or Shift+Tab within the
  number of the page's stops, focus must be seen there (WCAG 2.2, 2.4.7) and
  nothing may lie over it (2.4.11);
- by touch what is tapped must be at least 24 px in each direction, but for links
  within a sentence (2.5.8).
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from datetime import time as local_time
from typing import Final

from playwright.sync_api import Error, Locator, Page, Request, expect

from tests.browser.conftest import DESKTOP, PHONE, NewContext

TARGET: Final = 24  # px: WCAG 2.2, 2.5.8
NEXT: Final = 80  # ms: until then a browser has asked for the next page
PATIENCE: Final = 15.0  # seconds
ON_ITS_WAY: Final = 45.0  # seconds, for what a worker or the carrier brings
_STOPS: Final = (
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
)
# Where the focus is, seen from the wanted control.
_WHERE: Final = """(wanted) => {
  const now = document.activeElement;
  if (now === wanted) return "here";
  if (!now || now === document.body) return "nowhere";
  if (now.matches(".govuk-skip-link")) return "skip";
  if (wanted.type === "radio" && now.type === "radio"
      && now.name === wanted.name && now.form === wanted.form) return "beside";
  const ahead = now.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_FOLLOWING;
  return ahead ? "ahead" : "behind";
}"""
# How it looks: a tick's own box is clear, its label draws what is seen.
_LOOK: Final = """(it) => {
  const say = (style) => [style.outline, style.boxShadow, style.backgroundColor, style.color,
    style.borderColor, style.borderWidth, style.textDecoration].join("|");
  const label = it.labels && it.labels[0];
  return say(getComputedStyle(it)) + (label ? say(getComputedStyle(label, "::before")) : "");
}"""
# What lies over its middle, if that is not the control or its own words.
_COVERED: Final = """(it) => {
  const box = [...it.getClientRects()].find((one) => one.width && one.height);
  if (!box) return "it has no size";
  const x = box.left + box.width / 2;
  const y = Math.min(Math.max(box.top + box.height / 2, 1), innerHeight - 1);
  if (box.bottom <= 0 || box.top >= innerHeight) return "it is out of view";
  const top = document.elementFromPoint(x, y);
  if (!top) return "it is out of view";
  const own = [it, ...(it.labels || [])];
  if (own.some((one) => one.contains(top) || top.contains(one))) return "";
  return top.outerHTML.slice(0, 200);
}"""


@dataclass(frozen=True)
class Way:
    """How somebody uses a page."""

    by: str
    scripts: bool

    def __str__(self) -> str:
        return f"{self.by}, {'with' if self.scripts else 'no'} JavaScript"


WAYS: Final = [Way(by, scripts) for by in ("keyboard", "touch") for scripts in (True, False)]


def somebody(new_context: NewContext, way: Way, storage_state: object = None) -> Person:
    """A person with a browser of their own; a thumb comes with a phone."""
    touch = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    context = new_context(
        **(touch if way.by == "touch" else {"viewport": DESKTOP}),
        java_script_enabled=way.scripts,
        reduced_motion="reduce",
        storage_state=storage_state,
    )
    return Person(context.new_page(), way)


@dataclass
class Person:
    """Somebody at a page, in one of the ways; counts what they press."""

    page: Page
    way: Way
    presses: int = 0

    def open(self, address: str) -> None:
        """Follow a link that came by text or post, or a bookmark."""
        self.page.goto(address)

    def waits_for(self, what: Locator, at: str) -> None:
        """Look at a page again and again until something stands there that is on its way."""
        until = time.monotonic() + ON_ITS_WAY
        self.open(at)
        while not what.first.is_visible():
            assert time.monotonic() < until, f"It did not come: {what} at {at}"
            self.page.wait_for_timeout(200)
            self.open(at)

    def press(self, what: Locator) -> None:
        """Press a button or follow a link, and wait for the page that comes, if one does."""
        asked: list[Request] = []

        def notice(request: Request) -> None:
            if request.is_navigation_request() and request.frame == self.page.main_frame:
                asked.append(request)

        if self.way.by == "keyboard":
            self._reach(what)
        self.page.evaluate("() => { window.left = false }")
        self.page.on("request", notice)
        if self.way.by == "touch":
            self._tap(what)
        else:
            self._key("Enter")
        self.page.wait_for_timeout(NEXT)
        self.page.remove_listener("request", notice)
        if asked:
            self._arrive()

    def fetch(self, what: Locator) -> bytes:
        """Follow what leads to a file; what it holds. A browser shows it, or saves it."""
        if self.way.by == "keyboard":
            self._reach(what)
        with self.page.expect_response(lambda one: one.request.is_navigation_request()) as coming:
            if self.way.by == "touch":
                self._tap(what)
            else:
                self._key("Enter")
        assert coming.value.ok, coming.value
        return self.page.context.request.get(coming.value.url).body()

    def _arrive(self) -> None:
        """Wait until the next page has taken the place of this one."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            # While the pages change places there is none to ask.
            with suppress(Error):
                if self.page.evaluate("() => window.left !== false"):
                    self.page.wait_for_load_state()
                    return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"No page came after {self.page.url}")

    def write(self, into: Locator, words: str) -> None:
        """Put these words in a box, in place of what stands there."""
        if self.way.by == "touch":
            self._tap(into)
            into.fill("")
        else:
            self._reach(into)
            self._key("Control+A")
        self.page.keyboard.type(words)
        self.presses += len(words)
        expect(into).to_have_value(words)

    def set_day(self, field: Locator, day: date) -> None:
        """Put a day in a date field: by keyboard part by part, by touch in the browser's own
        calendar, which is not drawn."""
        said = {"Day": f"{day:%d}", "Month": f"{day:%m}", "Year": f"{day:%Y}"}
        self._set_parts(field, said, day.isoformat())

    def set_time(self, field: Locator, at: local_time) -> None:
        """Put a time in a time field, in the same ways."""
        said = {"Hours": f"{at:%H}", "Minutes": f"{at:%M}"}
        self._set_parts(field, said, f"{at:%H:%M}", {"Hours": f"{at:%I}", "AM/PM": f"{at:%p}"[0]})

    def _set_parts(
        self,
        field: Locator,
        said: dict[str, str],
        value: str,
        by_half_days: dict[str, str] | None = None,
    ) -> None:
        if self.way.by == "touch":
            self._tap(field)
            field.fill(value)
        else:
            self._reach(field)
            # Who comes from behind is in the last part, or at the button of the calendar.
            while field.evaluate("it => it === document.activeElement"):
                self._key("Shift+Tab")
            self._key("Tab")
            # Their order is that of the browser's own language; each says its name.
            parts = self._parts_in_focus()
            if by_half_days and by_half_days.keys() <= set(parts):
                said = said | by_half_days
            for part in parts:
                self.page.keyboard.type(said[part])
                self.presses += len(said[part])
                if part == "Year" and part != parts[-1]:  # it could have more digits
                    self._key("ArrowRight")
        expect(field).to_have_value(value)

    def _parts_in_focus(self) -> list[str]:
        """What a screen reader calls the parts of the date or time that has the focus."""
        browser = self.page.context.new_cdp_session(self.page)
        here = browser.send("Runtime.evaluate", {"expression": "document.activeElement"})
        tree = browser.send(
            "Accessibility.queryAXTree",
            {"objectId": here["result"]["objectId"], "role": "spinbutton"},
        )
        browser.detach()
        return [str(node["name"]["value"]).split()[0] for node in tree["nodes"]]

    def tick(self, box: Locator) -> None:
        """Set a tick, or take it off."""
        if self.way.by == "touch":
            self._tap(box)
        else:
            self._reach(box)
            self._key("Space")

    def choose(self, radio: Locator) -> None:
        """Choose one of several: by keyboard the arrows move within the group."""
        if self.way.by == "touch":
            self._tap(radio)
        else:
            self._reach(radio, within_group=True)
            if not radio.is_checked():
                self._key("Space")
        expect(radio).to_be_checked()

    def pick(self, box: Locator, label: str) -> None:
        """Pick a line of a list. The list itself is the browser's, so a thumb's is not drawn."""
        if self.way.by == "touch":
            self._tap(box)
            box.select_option(label=label)
        else:
            self._reach(box)
            lines = box.locator("option")
            self._key("Home")
            for _ in range(lines.count()):
                if box.locator("option:checked").inner_text() == label:
                    break
                self._key("ArrowDown")
        expect(box.locator("option:checked")).to_have_text(label)

    def go_to(self, name: str) -> None:
        """Follow a line of the menu, which a phone folds away."""
        opener = self.page.get_by_role("button", name="Menu", exact=True)
        if opener.is_visible():
            self.press(opener)
        self.press(self.page.locator("#menu").get_by_role("link", name=name, exact=True))

    def is_told_of_a_slip(self, label: str) -> None:
        """The page says what is wrong, and leads to the field of this label."""
        summary = self.page.locator(".govuk-error-summary")
        expect(summary).to_be_visible()
        expect(self.page).to_have_title(re.compile("^Error: "))
        if self.way.scripts:  # it is read out; without, it is the first thing on the page
            expect(summary).to_be_focused()
        self.press(summary.get_by_role("link").first)
        expect(self.field(label)).to_be_focused()

    def sees(self, words: str | re.Pattern[str]) -> None:
        """These words stand on the page, or come."""
        expect(self.page.get_by_role("main").get_by_text(words).first).to_be_visible()

    def hears(self, words: str | re.Pattern[str]) -> None:
        """These words come to a page that renews itself; without scripts, on asking again."""
        found = self.page.get_by_role("main").get_by_text(words).first
        until = time.monotonic() + ON_ITS_WAY
        while not (self.way.scripts or found.is_visible()) and time.monotonic() < until:
            self.page.wait_for_timeout(500)
            self.page.reload()
        expect(found).to_be_visible(timeout=ON_ITS_WAY * 1000)

    def is_told(self, words: str | re.Pattern[str]) -> None:
        """What came of a press stands at the head of the page, where it is read out."""
        expect(self.page.get_by_role("alert")).to_contain_text(words)

    def sees_heading(self, words: str | re.Pattern[str]) -> None:
        """The page's first heading says it."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """The first button of this name, within the page's own part."""
        return self.page.get_by_role("main").get_by_role("button", name=name).first

    def link(self, name: str | re.Pattern[str]) -> Locator:
        """The first link of this name, within the page's own part."""
        return self.page.get_by_role("main").get_by_role("link", name=name).first

    def field(self, label: str | re.Pattern[str]) -> Locator:
        """The first field of this label."""
        return self.page.get_by_role("main").get_by_label(label).first

    def _tap(self, what: Locator) -> None:
        what.scroll_into_view_if_needed()
        if not what.evaluate("it => getComputedStyle(it).display === 'inline'"):
            box = what.bounding_box()
            assert box is not None, what
            assert min(box["width"], box["height"]) >= TARGET, f"too small to tap: {what}, {box}"
        what.tap()
        self.presses += 1

    def _key(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.presses += 1

    def _reach(self, what: Locator, *, within_group: bool = False) -> None:
        """Move focus to it as a keyboard does; it must be seen to be there."""
        expect(what).to_be_attached()
        before = what.evaluate(_LOOK)
        moved = skipped = False
        stops = self.page.locator(_STOPS).count()
        # A date or a time is several stops: its parts, and what opens a calendar.
        parts = self.page.locator("input[type=date], input[type=time]").count()
        for _ in range(stops + 4 * parts + 3):
            where = what.evaluate(_WHERE)
            if where == "here" or (where == "beside" and not within_group):
                break
            if where == "skip" and not skipped and what.evaluate("it => !!it.closest('main')"):
                skipped = True
                self._key("Enter")
            elif where == "beside":
                forwards = what.evaluate(
                    "it => !!(document.activeElement.compareDocumentPosition(it) & 4)"
                )
                self._key("ArrowDown" if forwards else "ArrowUp")
            else:
                self._key("Shift+Tab" if where == "behind" else "Tab")
            moved = True
        else:
            where = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            raise AssertionError(f"No key reaches {what}: focus is on {where}")
        if moved:
            assert what.evaluate(_LOOK) != before, f"focus cannot be seen on {what}"
        covered = what.evaluate(_COVERED)
        assert not covered, f"{what} has focus, but {covered}"
