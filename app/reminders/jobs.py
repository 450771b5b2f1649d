"""Doors for the schedule."""

from __future__ import annotations

from app.reminders import service


def sweep() -> None:
    service.sweep()


def forget_old() -> None:
    service.forget_old()
