"""One token bucket per sender, in segments per second, shared by every worker.

The bucket is a moment in Redis: until when the sender is busy (the generic
cell rate algorithm, ITU-T I.371). Answers to people take their tokens
at once and let the bulk wait for them. Without Redis each worker keeps to a
quarter of the rate by itself: slower, never unlimited.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from flask import current_app
from redis import RedisError

from app.foundation import queue

log = logging.getLogger(__name__)

BURST_SECONDS: Final = 1.0
LOCAL_SHARE: Final = 0.25
_KEY: Final = "rate:sms"
_TAKE: Final = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local busy = tonumber(redis.call('GET', KEYS[1]) or '0')
if busy < now then busy = now end
local wait = busy - now - tonumber(ARGV[2])
if wait > 0 and ARGV[3] == '0' then return tostring(wait) end
redis.call('SET', KEYS[1], tostring(busy + tonumber(ARGV[1])), 'EX', 3600)
return '0'
"""
_local_busy_until = 0.0


def take(segments: int, *, at_once: bool) -> float:
    """Take tokens for so many segments; 0.0 when they were given, else the seconds to wait.

    With `at_once` they are always given, and whoever comes next waits longer.
    """
    rate = float(current_app.config["SMS_SEGMENTS_PER_SECOND"])
    cost = segments / rate
    try:
        answer = queue.connection().eval(_TAKE, 1, _KEY, cost, BURST_SECONDS, int(at_once))
        return float(answer)
    except RedisError:
        log.warning("Redis is away: this worker sends at its share of the rate")
        return _take_locally(cost / LOCAL_SHARE, at_once)


def _take_locally(cost: float, at_once: bool) -> float:
    global _local_busy_until
    now = time.monotonic()
    busy = max(_local_busy_until, now)
    wait = busy - now - BURST_SECONDS
    if wait > 0 and not at_once:
        return wait
    _local_busy_until = busy + cost
    return 0.0


def slow_down(seconds: float) -> None:
    """Keep the whole sender quiet for a while: the carrier answered 429."""
    rate = float(current_app.config["SMS_SEGMENTS_PER_SECOND"])
    take(max(1, round(seconds * rate)), at_once=True)
