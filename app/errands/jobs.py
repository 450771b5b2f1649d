"""Doors for the queue and the schedule."""

from __future__ import annotations

from app.errands import service
from app.foundation import queue


def work(errand_id: int) -> None:
    """Do an errand."""
    queue.taken_up(service.WORK, errand_id)
    service.work(errand_id)


def sweep() -> None:
    service.sweep()


def forget_old() -> None:
    service.forget_old()
