"""What each request came to, counted in memory and added to SQL once a second."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import insert
from app.messaging.carrier_health.resting import COUNTS, TIMES, judge, look_again, names, rest
from app.messaging.carrier_models import CarrierTally
from app.messaging.carriers import Carrier, Line, Parcel
from app.messaging.rules import health
from app.messaging.rules.outcomes import Outcome, Verdict

log = logging.getLogger(__name__)

SLOT_SECONDS: Final = 10
FLUSH_EVERY: Final = 1.0

# Not yet in SQL: counts by carrier and slot; until when a carrier has said that it takes nothing.
_lock = threading.Lock()
_counted: dict[tuple[str, datetime], dict[str, int]] = {}
_closed: dict[str, tuple[datetime, str]] = {}
_flushed_at = 0.0


class WatchedLine:
    """A line whose every outcome is counted."""

    def __init__(self, line: Line, name: str, *, has_another: bool) -> None:
        self._line = line
        self._name = name
        self._has_another = has_another

    async def send(self, parcel: Parcel) -> Outcome:
        """Hand over one message, as the line itself would."""
        began = time.monotonic()
        outcome = await self._line.send(parcel)
        note(self._name, outcome, time.monotonic() - began)
        # The carrier rests so long; the message need not, where another one takes texts.
        return replace(outcome, wait=None) if self._has_another else outcome


class Watched:
    """A carrier whose every outcome is counted."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self.name = carrier.name
        self.at_once = carrier.at_once
        self._has_another = carrier.name in names() and len(names()) > 1

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[WatchedLine]:
        async with self._carrier.open() as line:
            yield WatchedLine(line, self.name, has_another=self._has_another)
        try:
            flush(at_once=True)
        except SQLAlchemyError:
            # The messages themselves are recorded; what is missing are a few counts.
            log.warning("counts of the carrier %s could not be kept", self.name, exc_info=True)

    def open(self) -> AbstractAsyncContextManager[Line]:
        """Open a line; closing it ends its connections."""
        return self._open()


def note(name: str, outcome: Outcome, seconds: float) -> None:
    """Count one request: what it came to and how many seconds that took. Touches no database."""
    now = clock.now()
    slot = now - timedelta(microseconds=now.microsecond, seconds=now.second % SLOT_SECONDS)
    with _lock:
        counts = _counted.setdefault((name, slot), dict.fromkeys(COUNTS, 0))
        counts["asked"] += 1
        if outcome.is_carriers_fault:
            counts["faults"] += 1
        elif health.is_refusal(outcome):
            counts["refused"] += 1
        elif outcome.verdict == Verdict.ACCEPTED:
            counts[TIMES[health.class_of(seconds)]] += 1
        if outcome.wait is not None:
            _closed[name] = (now + outcome.wait, outcome.reason)


def flush(*, at_once: bool = False) -> None:
    """Add what was counted here to SQL, and judge by it.

    Once a second, unless `at_once` or enough went wrong to let a carrier rest.
    """
    global _flushed_at
    with _lock:
        faults = sum(counts["faults"] for counts in _counted.values())
        waits = time.monotonic() < _flushed_at + FLUSH_EVERY and faults < health.FEWEST_FAULTS
        if not _counted or (waits and not at_once):
            return
        _flushed_at = time.monotonic()
        counted, closed = dict(_counted), dict(_closed)
        _counted.clear()
        _closed.clear()
    now = clock.now()
    rows = [
        {"carrier": name, "slot": slot, "created_at": now, **counts}
        for (name, slot), counts in sorted(counted.items())
    ]
    table = CarrierTally.__table__
    statement = insert(table).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=["carrier", "slot"],
        set_={name: table.c[name] + statement.excluded[name] for name in COUNTS},
    )
    with transaction():
        db.session.execute(statement)
        for name, (until, reason) in sorted(closed.items()):
            rest(name, reason, until)
    if any(row["faults"] or row["refused"] or row["longer"] for row in rows):
        judge()


def forget() -> None:
    """Forget what this process knows and has counted; the next look is a fresh one."""
    global _flushed_at
    with _lock:
        _counted.clear()
        _closed.clear()
    _flushed_at = 0.0
    look_again()
