"""What the workers call; each a door, one line."""

from __future__ import annotations

from app.foundation import queue
from app.messaging import delivery, recovery, service, ways_out


def deliver(lane: str) -> None:
    queue.taken_up(service.DELIVER, lane)
    delivery.deliver(lane)


def sweep() -> None:
    recovery.sweep()
    recovery.deliver_without_redis()


def reconcile() -> None:
    recovery.reconcile()


def check_carriers() -> None:
    ways_out.check()
