"""Doors for the schedule."""

from __future__ import annotations

from app.safeguarding import service


def watch_shifts() -> None:
    """Every two minutes: which shifts are not safe to run as they stand."""
    service.watch()


def warn_of_dues() -> None:
    """Once a day: whose check or training falls due."""
    service.warn_everybody()


def warn_of_regulated() -> None:
    """Once a day: whose days with children come near the law's count."""
    service.warn_all_of_regulated()


def send_digests() -> None:
    """Once a day: what a group's managers should look at, as often as they wish."""
    service.send_digests()


def look_at_people() -> None:
    """Every six hours: who no longer meets what their coming shift needs."""
    service.refresh_all_findings()
