"""Doors for the schedule."""

from __future__ import annotations

from app.opportunities import making


def extend_patterns() -> None:
    """Once a day: make the shifts that have come within reach."""
    making.extend_patterns()
