"""A worker at work on a lane: from the ledger to the carrier, many at a time.

One event loop speaks with the carrier; beside it one thread, the clerk,
speaks with the database, so that neither waits for the other. Each round of
the clerk is one transaction: it records what came back, commits `sending`
for the next few, and leases more. Only then do these few leave. No
transaction is open while the carrier is spoken to.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final, TypeVar

from flask import Flask, current_app
from sqlalchemy.exc import InterfaceError, OperationalError

from app.foundation import queue
from app.foundation.transaction import transaction
from app.messaging import ledger, rate, service, ways_out
from app.messaging.carriers import Carrier, Line, Parcel
from app.messaging.ledger import Leased
from app.messaging.rules.outcomes import Outcome, Verdict

log = logging.getLogger(__name__)
T = TypeVar("T")

SECONDS_PER_JOB: Final = 55.0
# Replies wait for the same worker that sends the answers to others: they take turns.
SECONDS_PER_JOB_OF_ANSWERS: Final = 1.0
# A micro-batch. What is `sending` when a worker is killed is in doubt: these few, and those
# of earlier rounds whose answers are on their way.
SENT_AT_ONCE: Final = 32
# At a low rate a micro-batch takes no longer than this, so that texts leave evenly.
SECONDS_PER_BATCH: Final = 0.5
# Leased ahead: no more than the sender's full rate takes away in this time.
LEASED_FOR_SECONDS: Final = 3.0
FEWEST_LEASED: Final = 10
# Slowed down, or one of many workers, a job may hold what it leased for longer.
RENEWS_EVERY: Final = 10.0
LONGEST_WAIT: Final = 5.0
RECORDED_WITHIN: Final = 0.1
ANSWERS_EVERY: Final = 0.25
MAKES_WAY_EVERY: Final = 0.5
JUDGED_EVERY: Final = 1.0
# So many in a row that could not reach the carrier, and the job ends: the sweep tries again.
CUT_OFF_AFTER: Final = 20
# A cut connection or a deadlock: the clerk tries again for so long.
CLERK_TRIES_FOR: Final = 30.0


def deliver(lane: str, seconds: float | None = None) -> int:
    """Send what is due in a lane until none is left or the time is up; how many were accepted.

    When the time is up, or somebody's reply waits for a worker, the lane is
    nudged and this job ends, so that another goes on.
    """
    if seconds is None:
        is_answers = lane == queue.ANSWERS
        seconds = SECONDS_PER_JOB_OF_ANSWERS if is_answers else SECONDS_PER_JOB
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    by_rate = int(rate.full_rate() * LEASED_FOR_SECONDS)
    most = max(FEWEST_LEASED, min(ledger.LEASED_AT_ONCE, by_rate))
    leased = ledger.lease(lane, holder, most)
    if not leased:
        return 0
    if len(leased) == most:
        service.nudge(lane)  # there may be work for another worker too
    clerk = _Clerk(lane, holder, most, leased)
    pump = _Pump(clerk, time.monotonic() + seconds)
    accepted = asyncio.run(pump.run())
    if not clerk.is_empty and not pump.is_cut_off:
        service.nudge(lane)
    log.info(
        "a worker's turn at a lane has ended",
        extra={"lane": lane, "tried": pump.tried, "accepted": accepted},
    )
    return accepted


@dataclass(frozen=True)
class _Round:
    """What the clerk says may happen next."""

    carrier: Carrier
    parcels: list[Parcel]  # committed as `sending`: they leave now
    wait: float  # seconds until the sender's rate allows more; 0.0 when it does
    is_empty: bool  # nothing more is due in the lane


def _batch(carrier: Carrier) -> int:
    """How many are let go at once: a part of what may be under way, so that it never runs dry."""
    return max(1, min(SENT_AT_ONCE, carrier.at_once // 3))


def _asks_to_slow_down(outcome: Outcome) -> bool:
    """Whether the carrier answered, is well, and took nothing because we were too fast."""
    return (
        outcome.verdict == Verdict.TRY_LATER
        and outcome.code is not None
        and not outcome.is_carriers_fault
    )


class _Clerk:
    """What one job does in the database. Its work runs in one thread, one round at a time."""

    def __init__(self, lane: str, holder: str, most: int, leased: list[Leased]) -> None:
        self.lane = lane
        self.holder = holder
        self.most = most
        self.makes_way = False
        self._leased = deque(leased)
        self._answers: deque[Leased] = deque()  # they ride along
        self._has_more = True
        self._answers_at = 0.0
        self._renewed_at = self._way_at = self._judged_at = time.monotonic()
        self._somebody_waited = False
        self._came_back = self._too_fast = 0  # since we last judged the rate

    @property
    def is_empty(self) -> bool:
        """Whether nothing more was due when we last asked, and all of it has been begun."""
        return not (self._leased or self._answers or self._has_more)

    def round(self, back: list[tuple[Parcel, Outcome]], room: int) -> _Round:
        """Record what came back, let the next few go, lease more; one transaction."""
        carrier = ways_out.carrier_for(self.lane)
        self._hold_on()
        few, wait = self._next_few(room)
        with transaction():
            ledger.record(back)
            parcels = ledger.begin_sending([one.id for one in few], self.holder, carrier.name)
            self._lease_more()
        self._judge_rate([outcome for _, outcome in back])
        self._look_for_somebody_waiting()
        return _Round(carrier, parcels, wait, self.is_empty)

    def end(self, back: list[tuple[Parcel, Outcome]]) -> None:
        """Record the last that came back, and give back what was not begun."""
        with transaction():
            ledger.record(back)
            rest = [one.id for one in (*self._answers, *self._leased)]
            ledger.give_back(rest, self.holder)
        self._judged_at = 0.0  # now or never
        self._judge_rate([outcome for _, outcome in back])

    def _next_few(self, room: int) -> tuple[list[Leased], float]:
        """The next that may go by the sender's rate, or none and how long to wait."""
        waiting = self._answers or self._leased
        most = min(room, SENT_AT_ONCE)
        if self.lane != queue.EMAIL:
            most = min(most, max(1, int(rate.full_rate() * SECONDS_PER_BATCH)))
        few = [waiting.popleft() for _ in range(min(most, len(waiting)))]
        if not few or self.lane == queue.EMAIL:  # the rate is that of the sender of texts
            return few, 0.0
        at_once = waiting is self._answers or self.lane == queue.ANSWERS
        wait = rate.take(sum(one.segments for one in few), at_once=at_once)
        if wait:
            waiting.extendleft(reversed(few))
            return [], min(wait, LONGEST_WAIT)
        return few, 0.0

    def _lease_more(self) -> None:
        now = time.monotonic()
        if not self._leased and self._has_more:
            self._leased.extend(ledger.lease(self.lane, self.holder, self.most))
            self._has_more = bool(self._leased)
        rides_along = self.lane in (queue.URGENT, queue.ORDINARY)
        if rides_along and now - self._answers_at > ANSWERS_EVERY:
            # Answers to people go first, whatever this worker was called for.
            self._answers_at = now
            self._answers.extend(ledger.lease(queue.ANSWERS, self.holder, SENT_AT_ONCE))

    def _hold_on(self) -> None:
        """Renew the lease of what has waited here, and let go what is no longer ours."""
        now = time.monotonic()
        in_hand = [one.id for one in (*self._answers, *self._leased)]
        if now - self._renewed_at < RENEWS_EVERY or not in_hand:
            return
        self._renewed_at = now
        ours = ledger.renew(in_hand, self.holder)
        for waiting in (self._answers, self._leased):
            kept = [one for one in waiting if one.id in ours]
            waiting.clear()
            waiting.extend(kept)

    def _judge_rate(self, outcomes: Sequence[Outcome]) -> None:
        """Once a second, slow the sender down by the part of the answers that asked for it."""
        if self.lane == queue.EMAIL:  # the rate is that of the sender of texts
            return
        self._came_back += len(outcomes)
        self._too_fast += sum(map(_asks_to_slow_down, outcomes))
        now = time.monotonic()
        if self._too_fast and now - self._judged_at >= JUDGED_EVERY:
            rate.slow_down(self._too_fast / self._came_back)
        if now - self._judged_at >= JUDGED_EVERY:
            self._judged_at = now
            self._came_back = self._too_fast = 0

    def _look_for_somebody_waiting(self) -> None:
        """End the job early when a reply waits for a worker: twice seen, so no other took it."""
        now = time.monotonic()
        if self.lane == queue.ANSWERS or now - self._way_at < MAKES_WAY_EVERY:
            return
        self._way_at = now
        waits = queue.has_waiting(queue.ANSWERS)
        self.makes_way = waits and self._somebody_waited
        self._somebody_waited = waits


class _Pump:
    """What one job does on the wire: as many requests under way as the carrier bears."""

    def __init__(self, clerk: _Clerk, until: float) -> None:
        self.tried = 0
        self.is_cut_off = False
        self._clerk = clerk
        self._until = until  # of the monotonic clock
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # Flask documents this
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="clerk")
        self._accepted = 0
        self._unreached = 0
        self._batch = SENT_AT_ONCE
        self._in_air: set[asyncio.Task[None]] = set()
        # By carrier: what hangs at one that is in trouble must not hold up the other.
        self._in_air_at: Counter[str] = Counter()
        self._back: list[tuple[Parcel, Outcome]] = []
        self._enough_back = asyncio.Event()
        self._faults: list[Exception] = []
        self._lines: dict[str, Line] = {}

    async def run(self) -> int:
        """Work until the lane is empty or the time is up; how many the carrier accepted."""
        async with AsyncExitStack() as stack:
            try:
                await self._work(stack)
            finally:
                # Whatever happened: what is in the air is waited for, what came back is kept.
                try:
                    if self._in_air:
                        await asyncio.wait(self._in_air)
                    await self._persistently(lambda: self._clerk.end(self._back))
                finally:
                    self._thread.shutdown()
        if self._faults:
            raise ExceptionGroup("messages that could not be sent", self._faults)
        return self._accepted

    async def _work(self, stack: AsyncExitStack) -> None:
        room = SENT_AT_ONCE
        while not self._must_end():
            turn = await self._round(room)
            line = await self._line(turn.carrier, stack)
            self._batch = _batch(turn.carrier)
            for parcel in turn.parcels:
                self._in_air_at[turn.carrier.name] += 1
                task = asyncio.create_task(self._send(line, turn.carrier.name, parcel))
                self._in_air.add(task)
                task.add_done_callback(self._in_air.discard)
            self.tried += len(turn.parcels)
            if turn.is_empty and not self._in_air and not self._back and not turn.wait:
                return
            await self._until_it_is_worth_a_round(turn)
            room = self._free(turn.carrier)

    async def _round(self, room: int) -> _Round:
        back, self._back = self._back, []
        try:
            return await self._persistently(lambda: self._clerk.round(back, room))
        except BaseException:
            self._back[:0] = back  # it is not recorded yet
            raise

    def _must_end(self) -> bool:
        self.is_cut_off = self._unreached >= CUT_OFF_AFTER
        out_of_time = time.monotonic() > self._until and self.tried > 0
        return self.is_cut_off or out_of_time or self._clerk.makes_way or bool(self._faults)

    async def _line(self, carrier: Carrier, stack: AsyncExitStack) -> Line:
        if carrier.name not in self._lines:
            self._lines[carrier.name] = await stack.enter_async_context(carrier.open())
        return self._lines[carrier.name]

    async def _send(self, line: Line, carrier_name: str, parcel: Parcel) -> None:
        try:
            outcome = await line.send(parcel)
        except Exception as fault:  # a carrier promises not to raise: this is a fault of ours
            self._faults.append(fault)
            outcome = Outcome(Verdict.UNCERTAIN, "Something of ours broke while it was sent.")
        self._in_air_at[carrier_name] -= 1
        self._accepted += outcome.verdict == Verdict.ACCEPTED
        unreached = outcome.verdict == Verdict.TRY_LATER and outcome.is_carriers_fault
        self._unreached = self._unreached + 1 if unreached else 0
        self._back.append((parcel, outcome))
        if len(self._back) >= self._batch:
            self._enough_back.set()

    async def _until_it_is_worth_a_round(self, turn: _Round) -> None:
        """Wait for a micro-batch to come back, for the rate, or a little for fewer."""
        if not (turn.wait or turn.is_empty) and self._free(turn.carrier) >= _batch(turn.carrier):
            return
        until = time.monotonic() + turn.wait if turn.wait else None
        while len(self._back) < _batch(turn.carrier) and not self._must_end():
            left = RECORDED_WITHIN if until is None else until - time.monotonic()
            if left <= 0 or (until is None and not self._in_air):
                return
            self._enough_back.clear()
            try:
                await asyncio.wait_for(self._enough_back.wait(), min(left, RECORDED_WITHIN))
            except TimeoutError:
                if self._back:
                    return

    def _free(self, carrier: Carrier) -> int:
        """How many more may be let go: one micro-batch stands ready for the ways that come free."""
        most = carrier.at_once + _batch(carrier)
        return max(0, most - self._in_air_at[carrier.name])

    async def _persistently(self, work: Callable[[], T]) -> T:
        """Have the clerk do something; again, when a connection was cut or a deadlock broken.

        What the clerk records may be recorded twice. What it was letting go
        when it failed does not leave: nobody knows whether it was committed.
        """
        loop, began, pause = asyncio.get_running_loop(), time.monotonic(), 0.1
        while True:
            try:
                return await loop.run_in_executor(self._thread, self._in_context, work)
            except (OperationalError, InterfaceError) as fault:
                if time.monotonic() - began > CLERK_TRIES_FOR:
                    raise
                log.warning("the database did not answer (%s); trying again", type(fault).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    def _in_context(self, work: Callable[[], T]) -> T:
        with self._app.app_context():  # its end returns the session's connection
            return work()
