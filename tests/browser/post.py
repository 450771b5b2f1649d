"""What came by text and by letter: the stand-in carrier's handsets, and the mail on the disk."""

from __future__ import annotations

import email
import re
import time
from email import policy
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect

PATIENCE: Final = 30.0  # seconds


def code_by_text(page: Page, number: str) -> str:
    """The code on the handset of this number, which the stand-in carrier shows."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        page.goto("/simulator")
        handset = page.locator("#phones li").filter(has_text=number)
        if handset.count():
            found = re.search(r"(\d{6}) is your code", handset.first.inner_text())
            if found:
                return found[1]
        page.wait_for_timeout(300)
    raise AssertionError(f"No code came to {number}.")


def in_a_letter(folder: Path, address: str, wanted: str) -> str:
    """What this pattern's first group finds in the newest letter to an address that has it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for letter in sorted(folder.rglob("*.eml"), reverse=True):
            message = email.message_from_bytes(letter.read_bytes(), policy=policy.default)
            if message["To"] == address:
                body = message.get_body(("plain",))
                found = re.search(wanted, body.get_content() if body else "")
                if found:
                    return found[1]
        time.sleep(0.3)
    raise AssertionError(f"No letter with {wanted} came to {address}.")


def code_by_email(folder: Path, address: str) -> str:
    """The code in the newest letter to this address."""
    return in_a_letter(folder, address, r"code is (\d{6})")


def handsets_asked(
    page: Page, number: str, wanted: int, but_not: re.Pattern[str] | None = None
) -> list[str]:
    """The addresses of so many handsets on which the request has arrived.

    The newest text comes first there, and the county writes of other things too:
    those who were asked can stand on a later page.
    """
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found: list[str] = []
        for n in range(1, 6):
            page.goto(f"/simulator?page={n}")
            asked = (
                page.locator("#phones li")
                .filter(has_text=re.compile(rf"Reply {number}\b"), has_not_text=but_not)
                .locator("a")
            )
            found += [asked.nth(m).get_attribute("href") or "" for m in range(asked.count())]
            if len(found) >= wanted:
                return found[:wanted]
        page.wait_for_timeout(1000)
    raise AssertionError(f"Fewer than {wanted} people were asked.")


def say_yes(page: Page, handset: str, number: str) -> str:
    """Answer YES on a handset; the text that comes back."""
    page.goto(handset)
    page.get_by_role("button", name=f"{number} YES").click()
    answer = page.locator(".mh-text__body").filter(
        has_text=re.compile("You have a place|waiting list")
    )
    expect(answer.first).to_be_visible(timeout=30_000)
    return answer.first.inner_text()
