"""What Redis holds of the queues, and the jobs that failed."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from redis import RedisError
from rq import Queue
from rq.job import Job

from app.foundation import queue
from app.foundation.workers import name_of
from app.messaging import figures

log = logging.getLogger(__name__)

SHOWN: Final = 20
_ERROR: Final = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)")


@dataclass(frozen=True)
class FailedJob:
    """A job that failed. Of its error only the kind: the words may hold what a person wrote."""

    job_id: str
    queue: str
    path: str
    error: str
    ended_at: datetime | None


@dataclass(frozen=True)
class RedisSeen:
    """What Redis told at this moment."""

    jobs_waiting: dict[str, int]
    failed: int
    seconds_ahead: float  # of the sender that is busy longest
    share: float  # of its full rate, of the slowest sender


def redis_seen() -> RedisSeen | None:
    """The queues and the sender's rate; None while Redis does not answer."""
    try:
        redis = queue.connection()
        queues = [Queue(name, connection=redis) for name in queue.QUEUES]
        senders = figures.senders().values()
        return RedisSeen(
            jobs_waiting={one.name: one.count for one in queues},
            failed=sum(redis.zcard(one.failed_job_registry.key) for one in queues),
            seconds_ahead=max((one.busy_seconds for one in senders), default=0.0),
            share=min((one.share for one in senders), default=1.0),
        )
    except RedisError as error:
        log.warning("Redis does not answer: %s", type(error).__name__)
        return None


def failed_jobs() -> list[FailedJob]:
    """The latest failed jobs of all queues. Raises `RedisError` when Redis is away."""
    found = []
    redis = queue.connection()
    for name in queue.QUEUES:
        registry = Queue(name, connection=redis).failed_job_registry
        ids = registry.get_job_ids(desc=True, end=SHOWN - 1, cleanup=False)
        for job in Job.fetch_many(ids, connection=redis):
            if job is not None:
                ended_at = job.ended_at.replace(tzinfo=UTC) if job.ended_at else None
                found.append(FailedJob(job.id, name, name_of(job), _kind_of_error(job), ended_at))
    long_ago = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda job: job.ended_at or long_ago, reverse=True)[:SHOWN]


def _kind_of_error(job: Job) -> str:
    result = job.latest_result()
    told = (result.exc_string if result else None) or ""
    lines = [line for line in told.splitlines() if line and line[0] != " "]
    for line in reversed(lines):
        if (known := _ERROR.match(line)) and line != "Traceback (most recent call last):":
            return known[1].rpartition(".")[2]
    return "unknown"
