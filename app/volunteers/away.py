"""What the features above add to a volunteer's days away; volunteers stand below them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

# Each may answer with the address of a page that shows what these days touch, such as
# shifts that would be left, and adds them itself; with nothing where they touch nothing.
asked_first: list[Callable[[int, date, date], str | None]] = []
# Each hears, after the commit, that days of this volunteer were taken back.
taken_back: list[Callable[[int], None]] = []


def page_before(volunteer_id: int, first_day: date, last_day: date) -> str | None:
    """Where the volunteer should look before these days are added; None to add them at once."""
    addresses = (ask(volunteer_id, first_day, last_day) for ask in asked_first)
    return next((address for address in addresses if address), None)
