"""One token bucket per sender, in segments per second, shared by every worker.

The bucket is a moment in Redis: until when the sender is busy (the generic
cell rate algorithm, ITU-T I.371). It belongs to nobody, so workers may come
and go. Answers to people take their tokens at once and let the bulk wait for
them.

When the carrier says 429 the sender slows down, by half if all of a second's
answers were that and by less if only some, and takes its speed up again with
quiet: a tenth of the full rate for each three seconds (additive increase,
multiplicative decrease, as RFC 5681 does for TCP). So a few in a hundred,
which are tried again anyway, do not hold up the rest. Without Redis each
worker keeps to its share of the rate by itself: slower, never unlimited.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Final

from flask import current_app
from redis import RedisError
from sqlalchemy import func, select

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.health import WORKER_SILENT_AFTER, WorkerHeartbeat

log = logging.getLogger(__name__)

BURST_SECONDS: Final = 1.0
SLOWER_BY: Final = 0.5  # where every answer was 429
SLOWEST: Final = 0.05  # of the full rate: it must find out when the carrier is well again
RECOVERS_IN: Final = 30.0  # seconds of quiet from a standstill to the full rate
# Without Redis: at least so many workers are believed to send.
FEWEST_WORKERS: Final = 4
WORKERS_KNOWN_FOR: Final = 10.0

# A hash of three: busy (a moment), share (of the full rate), since (when the share was set).
_SHARE_NOW: Final = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local row = redis.call('HMGET', KEYS[1], 'busy', 'share', 'since')
local since = tonumber(row[3] or '0')
local share = tonumber(row[2] or '1') + (now - since) / tonumber(ARGV[1])
if share > 1 then share = 1 end
"""
_TAKE: Final = (
    _SHARE_NOW
    + """
local busy = tonumber(row[1] or '0')
if busy < now then busy = now end
local wait = busy - now - tonumber(ARGV[3])
if wait > 0 and ARGV[4] == '0' then return tostring(wait) end
redis.call('HSET', KEYS[1], 'busy', string.format('%.6f', busy + tonumber(ARGV[2]) / share))
redis.call('EXPIRE', KEYS[1], 3600)
return '0'
"""
)
_SLOW_DOWN: Final = (
    _SHARE_NOW
    + """
if now - since < 1 then return tostring(share) end
share = math.max(share * tonumber(ARGV[2]), tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], 'share', tostring(share), 'since', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 3600)
return tostring(share)
"""
)
_SEEN: Final = (
    _SHARE_NOW
    + """
return {tostring(share), tostring(math.max(0, tonumber(row[1] or '0') - now))}
"""
)


@dataclass
class _Alone:
    """What this process knows by itself while Redis is away."""

    busy_until: float = 0.0
    workers: int = FEWEST_WORKERS
    counted_at: float = float("-inf")
    told_at: float = float("-inf")


_alone = _Alone()


@dataclass(frozen=True)
class Bucket:
    """How a sender stands: its share of the full rate, and for how long it is busy."""

    share: float
    busy_seconds: float


def full_rate() -> float:
    """The segments a second that the sender may send."""
    return float(current_app.config["SMS_SEGMENTS_PER_SECOND"])


def take(segments: int, *, at_once: bool, sender: str = "sms") -> float:
    """Take tokens for so many segments; 0.0 when they were given, else the seconds to wait.

    With `at_once` they are always given, and whoever comes next waits longer.
    """
    cost = segments / full_rate()
    try:
        answer = queue.connection().eval(
            _TAKE, 1, _key(sender), RECOVERS_IN, cost, BURST_SECONDS, int(at_once)
        )
        return float(answer)
    except RedisError:
        return _take_alone(cost, at_once)


def slow_down(part: float, sender: str = "sms") -> None:
    """The carrier answered 429: the whole sender goes slower, until quiet brings it back.

    `part`, above 0 and up to 1, is the part of the last second's answers that were 429.
    """
    try:
        share = float(
            queue.connection().eval(
                _SLOW_DOWN, 1, _key(sender), RECOVERS_IN, 1 - SLOWER_BY * part, SLOWEST
            )
        )
        log.info("the carrier asked us to slow down", extra={"share": round(share, 2)})
    except RedisError:
        _take_alone(part, at_once=True)  # up to a second of silence from this worker


def seen(sender: str = "sms") -> Bucket | None:
    """How the bucket stands, for those who look; None while Redis is away."""
    try:
        share, busy = queue.connection().eval(_SEEN, 1, _key(sender), RECOVERS_IN)
    except RedisError:
        return None
    return Bucket(float(share), float(busy))


def _key(sender: str) -> str:
    return f"rate:{sender}"


def _take_alone(cost: float, at_once: bool) -> float:
    now = time.monotonic()
    if now - _alone.told_at > 60:
        _alone.told_at = now
        log.warning("Redis is away: this worker sends at its share of the rate")
    busy = max(_alone.busy_until, now)
    wait = busy - now - BURST_SECONDS / _workers()
    if wait > 0 and not at_once:
        return wait
    _alone.busy_until = busy + cost * _workers()
    return 0.0


def _workers() -> int:
    """How many workers share the rate; counted in SQL, where their heartbeats are."""
    now = time.monotonic()
    if now - _alone.counted_at > WORKERS_KNOWN_FOR:
        heard = select(func.count()).where(WorkerHeartbeat.at > clock.now() - WORKER_SILENT_AFTER)
        _alone.workers = max(FEWEST_WORKERS, db.session.scalar(heard) or 0)
        db.session.rollback()  # a read must not hold the database's snapshot
        _alone.counted_at = now
    return _alone.workers
