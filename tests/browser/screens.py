"""Take a picture of every main page, in each role, at phone and desktop size: `make screens`.

Starts Many Hands with its demo county in a folder of its own, opens each page
in Chromium and writes docs/screens/<who>-<page>-<phone or desktop>.png. The
four that README shows are kept in git; the others are made when they are wanted.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Error, Page, ViewportSize, sync_playwright

from tests.browser import hour
from tests.browser.conftest import CHROMIUM, FLAGS, running, sign_in

ROOT: Final = Path(__file__).resolve().parent.parent.parent

SCREENS: Final = ROOT / "docs" / "screens"
SIZES: Final = {
    "phone": ViewportSize(width=390, height=844),
    "desktop": ViewportSize(width=1280, height=900),
}


@dataclass(frozen=True)
class Shot:
    """A page by its address, or by the links that lead there from it (what they say)."""

    name: str
    path: str
    links: tuple[str, ...] = ()


# Who signs in (nobody where empty), and the pages that they live with.
PEOPLE: Final = {
    "volunteer": (
        "volunteer@example.org",
        [
            Shot("home", "/"),
            Shot("shifts", "/my/shifts"),
            Shot("profile", "/my/profile"),
            Shot("hours", "/my/hours"),
        ],
    ),
    "manager": (
        "foodbank@example.org",
        [
            Shot("home", "/"),
            Shot("today", "/", ("Today",)),
            Shot("rota", "/", ("^Rota",)),
            Shot("new-shift", "/", ("New shift",)),
            Shot("group", "/groups"),
            Shot("people", "/volunteers"),
            Shot("charts", "/groups", ("Charts",)),
        ],
    ),
    "coordinator": (
        "coordinator@example.org",
        [
            Shot("county", "/"),
            Shot("ask", "/broadcasts/new"),
            Shot("request", "/broadcasts", ("driver",)),
            Shot("replies", "/inbox"),
            Shot("hours", "/reports", ("Hours given",)),
            Shot("coverage", "/reports", ("When places",)),
        ],
    ),
    "administrator": (
        "administrator@example.org",
        [
            Shot("groups", "/admin/groups"),
            Shot("people", "/admin/people"),
            Shot("audit", "/admin/audit"),
            Shot("operations", "/operations"),
            Shot("style", "/style"),
        ],
    ),
    # Last: the report of the year is made by a worker meanwhile.
    "visitor": (
        "",
        [
            Shot("front", "/"),
            Shot("search", "/opportunities?near=Loughborough"),
            Shot("role", "/opportunities", (".",)),
            Shot("group", "/g/gorse-covert-food-bank"),
            Shot("stories", "/stories"),
            Shot("year", "/annual", ("20",)),
            Shot("sign-up", "/sign-up"),
        ],
    ),
}


def main() -> int:
    if CHROMIUM is None:
        print("No Chromium was found; install it (apt-get install chromium).", file=sys.stderr)
        return 1
    SCREENS.mkdir(parents=True, exist_ok=True)
    missing: list[str] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), hour.until(hour.AT)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for who, (email, shots) in PEOPLE.items():
            for size, viewport in SIZES.items():
                context = browser.new_context(
                    viewport=viewport, base_url=site.url, locale="en-GB", reduced_motion="reduce"
                )
                context.set_default_timeout(10_000)
                page = context.new_page()
                if email:
                    sign_in(page, email)
                for shot in shots:
                    target = SCREENS / f"{who}-{shot.name}-{size}.png"
                    try:
                        _open(page, shot)
                    except Error as fault:
                        missing.append(f"{target.name}: {fault.message.splitlines()[0]}")
                        continue
                    page.screenshot(path=target)
                    print(target.relative_to(ROOT))
                context.close()
        browser.close()
    for line in missing:
        print(f"NOT TAKEN: {line}", file=sys.stderr)
    return 1 if missing else 0


def _open(page: Page, shot: Shot) -> None:
    answer = page.goto(shot.path)
    if answer is None or answer.status >= 400:
        raise Error(f"{shot.path} is not there")
    main = page.get_by_role("main")
    for link in shot.links:
        says = re.compile(link)
        main.get_by_role("link", name=says).or_(main.get_by_role("button", name=says)).first.click()
        page.wait_for_load_state()
    page.evaluate("document.fonts.ready")


if __name__ == "__main__":
    sys.exit(main())
