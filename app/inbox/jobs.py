"""What the workers call; each a door, one line."""

from __future__ import annotations

from app.foundation import queue
from app.inbox import missed, service


def process() -> None:
    queue.taken_up(service.PROCESS)
    service.process_all(service.TURN_SECONDS)


def sweep() -> None:
    service.process_all()


def fetch_missed() -> None:
    missed.fetch()
