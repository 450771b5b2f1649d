"""What other processes of an attack do; each makes its own app from the tests' settings."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from multiprocessing.synchronize import Barrier
from typing import Any

os.environ["APP_ENV"] = "test"

from app import create_app
from app.broadcasts import service as broadcasts
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.messaging import delivery

THREADS = 4


def deliver(settings: dict[str, Any], barrier: Barrier, lane: str) -> None:
    app = create_app(settings)
    barrier.wait()
    with app.app_context():
        delivery.deliver(lane, seconds=30)
        db.session.remove()
        db.engine.dispose()


def advance(settings: dict[str, Any], barrier: Barrier, broadcast_id: int) -> None:
    """Four threads advance the same request as often as they can."""
    app = create_app(settings)

    def work() -> None:
        barrier.wait()
        with app.app_context():
            for _ in range(5):
                broadcasts.advance(broadcast_id)
            db.session.remove()

    _in_threads([work] * THREADS)
    with app.app_context():
        db.engine.dispose()


def start(settings: dict[str, Any], barrier: Barrier, broadcast_id: int, user_id: int) -> None:
    """Four coordinators press Send at once."""
    app = create_app(settings)

    def work() -> None:
        barrier.wait()
        with app.app_context():
            with suppress(Refusal):
                broadcasts.start(broadcast_id, user_id)
            db.session.remove()

    _in_threads([work] * THREADS)
    with app.app_context():
        db.engine.dispose()


def _in_threads(works: list[Any]) -> None:
    faults: list[BaseException] = []

    def guarded(work: Any) -> None:
        try:
            work()
        except BaseException as fault:  # the process must tell, or the test could pass by it
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
