"""Doors for the schedule and the workers."""

from __future__ import annotations

from app.foundation import queue
from app.reminders import service


def sweep() -> None:
    service.sweep()


def write() -> None:
    queue.taken_up(service.WRITE)
    service.write(service.JOB_SECONDS)


def forget_old() -> None:
    service.forget_old()
