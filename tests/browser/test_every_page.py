"""Every page of the URL map in every role: axe finds nothing, nothing sticks out at 320 px."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.browser.axe import faults_of
from tests.browser.conftest import DESKTOP, ROOT, Running, Tell, running, sign_in

PEOPLE = {
    "anonymous": "",
    "volunteer": "volunteer@example.org",
    "manager": "foodbank@example.org",
    "coordinator": "coordinator@example.org",
    "administrator": "administrator@example.org",
}
# What no browser opens by itself, each with its reason.
NOT_PAGES = {
    "tablet.thanks": "for ten seconds after a tap on the tablet; opened in tests/today",
    "static": "files of the built front end",
    "simulator_api.fetch": "the stand-in carrier's API, for programs",
    "simulator_api.listed": "the stand-in carrier's API, for programs",
}
DOORS = re.compile(r"^api\.")  # of the JSON API: opened by a token, tested in tests/api
# What answers by leading on to another page, for everybody who may enter.
LEADS_ON = {
    "web.choose_language",
    "errands.result",
    "here.scan",
    "volunteers.first_step",
    "tablet.rest",
    "today.index",  # to the board of a group's only site
}
# Shown in a frame of another page, which is looked at; its own scripts are locked out.
IN_A_FRAME = {"simulator.mail_html"}
# How a page is built: one that has nothing of its own was looked at with another.
SHAPE = re.compile(r"<(\w+)(?:[^>]*?\sclass=\"([^\"]*)\")?")


@dataclass
class Told:
    """What tests/browser/addresses.py has found out about the running site."""

    endpoints: list[str]
    pages: list[tuple[str, str, str | None]]
    cookies: dict[str, dict[str, str]]


@dataclass
class Visitor:
    """A browser that somebody uses, with what it complained of."""

    name: str
    context: BrowserContext
    page: Page
    said: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, ahead: timedelta) -> Iterator[Running]:
    """A site of its own: what is added to the county would be in the way of other tests."""
    with running(tmp_path_factory.mktemp("every-page"), ahead) as started:
        yield started


@pytest.fixture(scope="module")
def told(site: Running) -> Told:
    found = subprocess.run(
        [sys.executable, "-m", "tests.browser.addresses"],
        env={**_settings(site.folder / "environment"), "PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr[-3000:]
    return Told(**json.loads(found.stdout))


def _settings(file: Path) -> dict[str, str]:
    lines = [line.removeprefix("export ").split("=", 1) for line in file.read_text().splitlines()]
    return {name: value.strip("'") for name, value in lines}


@pytest.mark.timeout(1500)  # some two minutes on a machine that has nothing else to do
def test_each_page_is_accessible(chromium: Browser, site: Running, told: Told, tell: Tell) -> None:
    visitors = {
        name: _visitor(chromium, site, name, told.cookies.get(name))
        for name in [*PEOPLE, *told.cookies]
    }
    opened: set[str] = set()
    faults: list[str] = []
    seen: dict[str, set[tuple[str, str]]] = {}
    frames: set[tuple[str, str]] = set()
    looked_at = 0
    for endpoint, path, own in told.pages:
        for name in [own] if own else PEOPLE:
            visitor = visitors[name]
            answer = visitor.context.request.get(path, max_redirects=0)
            if answer.status >= 500 and endpoint != "health.readyz":
                faults.append(f"{path} ({name}): {answer.status}")
            if 300 <= answer.status < 400 and endpoint in LEADS_ON:
                opened.add(endpoint)
            if answer.status != 200:
                continue
            opened.add(endpoint)
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            html = answer.text()
            if "<html" not in html or endpoint in IN_A_FRAME:
                continue  # a part of a page, shown in it
            frame, main = _shapes(html)
            of_page = seen.setdefault(endpoint, set())
            if main <= of_page and frame <= frames:
                continue  # built as one that was looked at
            of_page |= main
            frames |= frame
            looked_at += 1
            faults += [f"{path} ({name}): {fault}" for fault in _look(visitor, path)]
    for visitor in visitors.values():
        visitor.context.close()
    tell(f"{looked_at} pages looked at; {len(opened)} of {len(told.endpoints)} endpoints")
    shut = {
        one
        for one in told.endpoints
        if one not in opened and one not in NOT_PAGES and not DOORS.match(one)
    }
    assert not faults, "\n".join(faults)
    assert not shut, f"nobody opened {sorted(shut)}: add an address in tests/browser/addresses.py"


def _shapes(html: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Which elements of which classes stand around a page's own part, and in it."""
    before, main, rest = html.partition("<main")
    own, _, after = rest.partition("</main>")
    return set(SHAPE.findall(before + after)), set(SHAPE.findall(main + own))


def _visitor(
    chromium: Browser, site: Running, name: str, cookies: dict[str, str] | None
) -> Visitor:
    context = chromium.new_context(viewport=DESKTOP, base_url=site.url, locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    visitor = Visitor(name, context, page)
    if cookies:
        context.add_cookies(
            [{"name": one, "value": cookies[one], "url": site.url} for one in cookies]
        )
    elif email := PEOPLE[name]:
        sign_in(page, email)

    def note(message: ConsoleMessage) -> None:
        # The map's tiles come from elsewhere, which a test does not reach.
        failed = "Failed to load resource" in message.text
        elsewhere = failed and not message.location["url"].startswith(site.url)
        if message.type == "error" and not elsewhere:
            visitor.said.append(message.text)

    page.on("pageerror", lambda error: visitor.said.append(str(error)))
    page.on("console", note)
    return visitor


def _look(visitor: Visitor, path: str) -> list[str]:
    page = visitor.page
    visitor.said.clear()
    answer = page.goto(path)
    assert isinstance(answer, Response)
    if urlsplit(page.url).path != urlsplit(path).path or answer.status != 200:
        return [f"answers {answer.status} from {page.url}"]
    found = faults_of(page)
    headings = page.locator("h1").count()
    if headings != 1:
        found.append(f"has {headings} first headings")
    if not page.title().strip():
        found.append("has no title")
    page.set_viewport_size({"width": 320, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if wide > 0:
        found.append(f"sticks out by {wide} px at 320 px")
    page.set_viewport_size(DESKTOP)
    return found + [f"the console says: {one}" for one in visitor.said]
