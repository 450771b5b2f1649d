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

from playwright.sync_api import Page, ViewportSize, sync_playwright

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


PEOPLE: Final = {
    "visitor": ("", [Shot("front", "/"), Shot("search", "/opportunities")]),
}


def main() -> int:
    if CHROMIUM is None:
        print("No Chromium was found; install it (apt-get install chromium).", file=sys.stderr)
        return 1
    SCREENS.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for who, (email, shots) in PEOPLE.items():
            for size, viewport in SIZES.items():
                context = browser.new_context(
                    viewport=viewport, base_url=site.url, locale="en-GB", reduced_motion="reduce"
                )
                page = context.new_page()
                if email:
                    sign_in(page, email)
                for shot in shots:
                    _open(page, shot)
                    target = SCREENS / f"{who}-{shot.name}-{size}.png"
                    page.screenshot(path=target)
                    print(target.relative_to(ROOT))
                context.close()
        browser.close()
    return 0


def _open(page: Page, shot: Shot) -> None:
    page.goto(shot.path)
    for link in shot.links:
        page.get_by_role("main").get_by_role("link", name=re.compile(link)).first.click()
        page.wait_for_load_state()
    page.evaluate("document.fonts.ready")


if __name__ == "__main__":
    sys.exit(main())
