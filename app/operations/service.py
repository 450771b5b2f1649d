"""What an administrator can do from the page; each harmless when it is done twice."""

from __future__ import annotations

import logging

from redis import RedisError
from rq import Queue
from rq.exceptions import InvalidJobOperation, NoSuchJobError

from app.accounts import audit
from app.foundation import queue
from app.foundation.errors import Refusal
from app.foundation.transaction import transaction
from app.messaging import carrier_health, holding, recovery
from app.messaging import service as messaging

log = logging.getLogger(__name__)


def sweep_now() -> dict[str, int]:
    """Find forgotten work at once, in this process: it works while no worker does."""
    found = recovery.sweep()
    queue.enqueue_once("app.inbox.jobs.process", queue=queue.ANSWERS)
    audit.record("swept by hand", **found)
    return found


def reconcile_now() -> None:
    """Have a worker ask the carrier about all uncertain texts.

    The schedule does so every half minute anyway, even without Redis.
    """
    with transaction():
        queue.enqueue_once("app.messaging.jobs.reconcile", queue=queue.ORDINARY)
        audit.record("reconciled by hand")


def pause(by_user_id: int, reason: str) -> bool:
    """Hold all sending; False when it was held already."""
    with transaction():
        begun = holding.pause(by_user_id, reason)
        if begun:
            audit.record("paused all sending")
    return begun


def go_on(by_user_id: int) -> bool:
    """Let messages leave again, at once; False when nothing was held."""
    with transaction():
        ended = holding.go_on(by_user_id)
        if ended:
            audit.record("let sending go on")
            for lane in queue.QUEUES:
                messaging.nudge(lane)
    return ended


def let_rest(carrier: str, by_user_id: int) -> None:
    """Have a carrier rest until a person puts it back; the other one takes over.

    Raises `Refusal` when no other could take the texts.
    """
    carrier_health.set_resting(carrier, by_user_id)


def put_back(carrier: str, by_user_id: int) -> bool:
    """End a carrier's rest; False when it does not rest."""
    try:
        carrier_health.put_back(carrier, by_user_id)
    except Refusal:
        return False
    return True


def let_job_go_again(job_id: str) -> bool:
    """Put a failed job back in its queue; False when it is not among the failed ones any more.

    Raises `Refusal` while Redis is away.
    """
    return _with_failed(job_id, again=True)


def forget_job(job_id: str) -> bool:
    """Take a failed job away for good; False when it is not among the failed ones any more.

    Raises `Refusal` while Redis is away.
    """
    return _with_failed(job_id, again=False)


def _with_failed(job_id: str, *, again: bool) -> bool:
    try:
        for name in queue.QUEUES:
            registry = Queue(name, connection=queue.connection()).failed_job_registry
            if queue.connection().zscore(registry.key, job_id) is None:
                continue
            if again:
                registry.requeue(job_id)
            else:
                registry.remove(job_id, delete_job=True)
            audit.record(
                "let a failed job go again" if again else "forgot a failed job", job=job_id
            )
            return True
    except (NoSuchJobError, InvalidJobOperation):
        return False  # somebody else was first
    except RedisError as error:
        log.warning("a failed job could not be handled: %s", type(error).__name__)
        raise Refusal("Redis does not answer. Try again when it is back.") from error
    return False
