"""Doors for the schedule."""

from __future__ import annotations

from app.safeguarding import service


def watch_shifts() -> None:
    """Every two minutes: which shifts are not safe to run as they stand."""
    service.watch()
