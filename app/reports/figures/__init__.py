"""What each page of charts shows: numbers read, told in a sentence, a picture and a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.reports.figures import asks, coverage, filling, given, joined
from app.reports.figures.shapes import Figure
from app.reports.rules.periods import Scope

__all__ = ["PAGES", "Figure", "Page"]


@dataclass(frozen=True)
class Page:
    """A page of charts: its name in the address and the menu, and what it answers."""

    name: str
    label: str
    question: str
    figures: Callable[[Scope], list[Figure]]


PAGES: Final = {
    page.name: page
    for page in (
        Page(
            "coverage",
            "When places are filled",
            "At which hours of the week are people missing?",
            coverage.figures,
        ),
        Page(
            "filling",
            "How soon shifts fill",
            "How many places are filled, and how long does it take?",
            filling.figures,
        ),
        Page(
            "hours",
            "Hours given",
            "How much time is given: each month, where, and to whom?",
            given.figures,
        ),
        Page(
            "people",
            "People who join",
            "Of those who join, who gives time, and who has stopped?",
            joined.figures,
        ),
        Page(
            "asks",
            "Asks and texts",
            "Is anybody asked too often, and what does a filled place cost?",
            asks.figures,
        ),
    )
}
