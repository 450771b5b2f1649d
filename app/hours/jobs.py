"""Background work about hours."""

from __future__ import annotations

from app.hours.service import forgotten


def sweep() -> None:
    forgotten.sweep()
