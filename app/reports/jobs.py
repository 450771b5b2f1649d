"""Background work of the reports."""

from __future__ import annotations

from app.reports import counting


def count() -> None:
    """Bring the counts up to date."""
    counting.count_due()
