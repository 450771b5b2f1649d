"""How long a practised person's hands would take: the Keystroke-Level Model.

Card, Moran and Newell, "The keystroke-level model for user performance time
with interactive systems" (Communications of the ACM, 1980): 1.1 s to point at
something, 0.1 s to press and 0.1 s to let go, 0.28 s for each key of an average
typist, 0.4 s for the hand's way between mouse and keyboard, 1.35 s to make up
one's mind before each step. What the page needs to load comes on top, as it was.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from playwright.sync_api import Locator, Page

POINT: Final = 1.1
PRESS: Final = 0.2
KEY: Final = 0.28
HAND: Final = 0.4
MIND: Final = 1.35


@dataclass
class Hands:
    """Somebody at a page; counts clicks, keys and seconds."""

    page: Page
    clicks: int = 0
    keys: int = 0
    seconds: float = 0.0
    pages: list[str] = field(default_factory=list)

    def click(self, what: Locator) -> None:
        """Point at something and press; the time until the next page shows counts too."""
        self.clicks += 1
        self.seconds += MIND + POINT + PRESS
        began = time.monotonic()
        what.click()
        self.page.wait_for_load_state()
        self.seconds += time.monotonic() - began
        self.pages.append(self.page.url)

    def type(self, into: Locator, words: str) -> None:
        """Go to a box and write in it."""
        self.clicks += 1
        self.keys += len(words)
        self.seconds += MIND + POINT + PRESS + 2 * HAND + KEY * len(words)
        into.fill(words)

    def add(self, into: Locator, words: str) -> None:
        """Go to the end of what stands in a box and write on."""
        self.clicks += 1
        self.keys += len(words) + 1
        self.seconds += MIND + POINT + PRESS + 2 * HAND + KEY * (len(words) + 1)
        into.press("Control+End")
        into.press_sequentially(words)

    def choose(self, box: Locator, label: str) -> None:
        """Open a list and take a line of it."""
        self.clicks += 2
        self.seconds += MIND + 2 * (POINT + PRESS)
        box.select_option(label=label)

    def told(self, what: str) -> str:
        """One line for the log."""
        return f"{what}: {self.seconds:.0f} s, {self.clicks} clicks, {self.keys} keys"
