"""Doors for the schedule."""

from __future__ import annotations

from app.signups import sweeping


def sweep() -> None:
    """Once a minute: no application and no offer waits past its time."""
    sweeping.sweep()
