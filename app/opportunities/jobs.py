"""Doors for the schedule."""

from __future__ import annotations

from app.opportunities import service


def extend_patterns() -> None:
    """Once a day: make the shifts that have come within reach."""
    service.extend_patterns()
