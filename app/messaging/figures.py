"""The ledger in figures, cheap however long it grows.

What is on its way is counted as it is, from the index of the work to do.
What has come to rest is many and changes slowly: it is counted whole by a
periodic task and read from there, with the moment of the count.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, UniqueConstraint, case, func, literal, select, union_all
from sqlalchemy.orm import Mapped, aliased, mapped_column

from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.model import Model, choice
from app.foundation.transaction import transaction
from app.foundation.upsert import insert
from app.messaging import rate
from app.messaging.models import Message, Run, RunState, State
from app.messaging.queries import is_due, on_its_way, stands
from app.messaging.rate import Bucket

# Few at any time, or gone within hours: counted at each reading.
LIVE: Final = (State.QUEUED, State.LEASED, State.SENDING, State.UNCERTAIN)
COUNTED_EXACTLY: Final = 10_000
MOST_ALIKE: Final = 5_000
RUNS_LOOKED_AT: Final = 30
COUNT_EVERY: Final = timedelta(seconds=60)
# Counting may take this share of the time at most, however long the ledger.
COUNTING_SHARE: Final = 0.05
CARRIER_WINDOW: Final = timedelta(hours=1)
MOST_ATTEMPTS: Final = 500  # of each carrier, the latest


class MessageTally(Model):
    """How many messages of a lane were in a state when the whole ledger was last counted."""

    __table_args__ = (UniqueConstraint("state", "lane"),)

    state: Mapped[State] = mapped_column(choice(State))
    lane: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    counted_at: Mapped[datetime]
    milliseconds: Mapped[int]  # how long that count took


def count_all(*, force: bool = False) -> bool:
    """Count the ledger by state and keep the figures; False when it is too early for that.

    `force` counts however short a time ago that was done.
    """
    now = clock.now()
    last = db.session.execute(
        select(func.max(MessageTally.counted_at), func.max(MessageTally.milliseconds))
    ).one()
    if last[0] is not None and not force:
        pause = max(COUNT_EVERY, timedelta(milliseconds=last[1] / COUNTING_SHARE))
        # The schedule's own pause is as long: a second early is not too early.
        if last[0] > now - pause + timedelta(seconds=5):
            return False
    began = time.perf_counter()
    counted: dict[tuple[State, str], int] = {
        (row[0], row[1]): row[2]
        for row in db.session.execute(
            select(Message.state, Message.lane, func.count()).group_by(Message.state, Message.lane)
        )
    }
    took = round((time.perf_counter() - began) * 1000)
    rows = [
        {
            "created_at": now,
            "state": state,
            "lane": lane,
            "number": counted.get((state, lane), 0),
            "counted_at": now,
            "milliseconds": took,
        }
        for state in State
        for lane in queue.QUEUES
    ]
    statement = insert(MessageTally.__table__)
    new = statement.excluded
    with transaction():
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["state", "lane"],
                set_={
                    "number": new.number,
                    "counted_at": new.counted_at,
                    "milliseconds": new.milliseconds,
                },
            ),
            rows,
        )
    return True


@dataclass(frozen=True)
class Counts:
    """Messages by state; those that came to rest as they were at `counted_at`, if ever.

    Of what is queued each lane is exact up to `COUNTED_EXACTLY`, and beyond that
    as it was at `counted_at`.
    """

    by_state: dict[State, int]
    by_lane: dict[tuple[State, str], int]  # of the live states
    counted_at: datetime | None

    def waiting(self, lane: str) -> int:
        """How many of a lane have been written and not left."""
        return sum(self.by_lane.get((state, lane), 0) for state in (State.QUEUED, State.LEASED))


def counts() -> Counts:
    """Three statements, whatever the size of the ledger."""
    by_state = dict.fromkeys(State, 0)
    tallied: dict[tuple[State, str], int] = {}
    counted_at = None
    for state, lane, number, at in db.session.execute(
        select(MessageTally.state, MessageTally.lane, MessageTally.number, MessageTally.counted_at)
    ):
        tallied[(state, lane)], counted_at = number, at
        by_state[state] += number
    few = [
        select(func.count())
        .select_from(
            select(literal(1))
            .where(stands(State.QUEUED), Message.lane == lane)
            .limit(COUNTED_EXACTLY)
            .subquery()
        )
        .scalar_subquery()
        .label(f"of_{number}")
        for number, lane in enumerate(queue.QUEUES)
    ]
    by_lane: dict[tuple[State, str], int] = {
        (row.state, row.lane): row.number
        for row in db.session.execute(
            select(Message.state, Message.lane, func.count().label("number"))
            .where(on_its_way())
            .group_by(Message.state, Message.lane)
        )
    }
    for lane, number in zip(queue.QUEUES, db.session.execute(select(*few)).one(), strict=True):
        if number >= COUNTED_EXACTLY:
            number = max(number, tallied.get((State.QUEUED, lane), 0))
        by_lane[(State.QUEUED, lane)] = number
    for state in LIVE:
        by_state[state] = sum(by_lane.get((state, lane), 0) for lane in queue.QUEUES)
    return Counts(by_state, by_lane, counted_at)


@dataclass(frozen=True)
class Queued:
    """Queued messages that are alike in what holds them; their number is capped at `MOST_ALIKE`.

    `may_leave` says that nothing holds them but their turn.
    """

    lane: str
    run_id: int | None
    run_state: RunState | None
    is_emergency: bool | None
    is_service: bool
    is_due: bool
    may_leave: bool
    reason: str
    number: int
    since: datetime


def queued() -> list[Queued]:
    """What waits and what holds it, without walking through a hundred thousand alike.

    Of each run that has not been stopped, the newest `RUNS_LOOKED_AT`, and of
    the messages without a run, the first `MOST_ALIKE` are looked at: those of
    one run were written together and wait for the same. Two statements.
    """
    runs = db.session.scalars(
        select(Run.id)
        .where(Run.state != RunState.STOPPED)
        .order_by(Run.id.desc())
        .limit(RUNS_LOOKED_AT)
    ).all()
    now = clock.now()
    parts = []
    for run_id in (None, *runs):
        of_run = Message.run_id.is_(None) if run_id is None else Message.run_id == run_id
        few = (
            select(
                Message.lane,
                Message.run_id,
                Run.state.label("run_state"),
                Run.is_emergency,
                Message.is_service,
                case((Message.not_before <= now, 1), else_=0).label("is_due"),
                case((is_due(), 1), else_=0).label("may_leave"),
                Message.reason,
                Message.not_before,
            )
            .outerjoin(Run, Run.id == Message.run_id)
            .where(stands(State.QUEUED), of_run)
            .limit(MOST_ALIKE)
            .subquery()
        )
        alike = [column for column in few.c if column.name != "not_before"]
        parts.append(
            select(
                *alike,
                func.count().label("number"),
                func.min(few.c.not_before).label("since"),
            ).group_by(*alike)
        )
    return [
        Queued(
            lane=row.lane,
            run_id=row.run_id,
            run_state=row.run_state,
            is_emergency=row.is_emergency,
            is_service=row.is_service,
            is_due=bool(row.is_due),
            may_leave=bool(row.may_leave),
            reason=row.reason,
            number=row.number,
            since=row.since,
        )
        for row in db.session.execute(union_all(*parts))
    ]


def oldest_due(groups: Sequence[Queued]) -> dict[str, datetime]:
    """Of each lane with something that may leave now, since when the first of it could (UTC)."""
    found: dict[str, datetime] = {}
    for group in groups:
        if group.may_leave:
            found[group.lane] = min(group.since, found.get(group.lane, group.since))
    return found


def carriers() -> list[str]:
    """Every carrier that a message was ever handed to; one step down the index for each."""
    first = select(func.min(Message.carrier)).where(Message.sending_at.is_not(None))
    known = select(first.scalar_subquery().label("name")).cte("known", recursive=True)
    after = aliased(Message)
    following = (
        select(func.min(after.carrier))
        .where(after.carrier > known.c.name, after.sending_at.is_not(None))
        .scalar_subquery()
    )
    known = known.union_all(select(following).where(known.c.name.is_not(None)))
    names = db.session.scalars(select(known.c.name).where(known.c.name.is_not(None)))
    return sorted(names)


def accepted_lately(names: Sequence[str], within: timedelta) -> dict[str, int]:
    """Of what began to leave within so long, how many each carrier has taken."""
    if not names:
        return {}
    since = clock.now() - within
    taken = select(
        *(
            select(func.count())
            .where(
                Message.carrier == name,
                Message.sending_at > since,
                Message.accepted_at.is_not(None),
            )
            .scalar_subquery()
            .label(f"of_{number}")
            for number, name in enumerate(names)
        )
    )
    return dict(zip(names, db.session.execute(taken).one(), strict=True))


@dataclass
class CarrierFigures:
    """What came of the latest attempts at one carrier: at most an hour's, at most 500."""

    name: str
    attempts: int = 0
    accepted: int = 0
    refused: int = 0
    asked_to_wait: int = 0
    uncertain: int = 0
    last_error: str = ""  # in words
    last_error_at: datetime | None = None
    last_attempt_at: datetime | None = None
    seconds: list[float] = field(default_factory=list, repr=False)

    @property
    def median_seconds(self) -> float | None:
        """How long it took to be told that a message was accepted, as a rule."""
        return statistics.median(self.seconds) if self.seconds else None

    @property
    def failing(self) -> int:
        """How many were refused, put off or left in doubt."""
        return self.refused + self.asked_to_wait + self.uncertain


def carrier_figures(names: Sequence[str]) -> list[CarrierFigures]:
    """How each carrier has done lately, in one statement; those without attempts too."""
    found = {name: CarrierFigures(name) for name in names}
    if not found:
        return []
    since = clock.now() - CARRIER_WINDOW
    latest = [
        select(
            literal(name).label("name"),
            Message.state,
            Message.reason,
            Message.sending_at,
            Message.accepted_at,
        )
        .where(Message.carrier == name, Message.sending_at > since)
        .order_by(Message.sending_at.desc())
        .limit(MOST_ATTEMPTS)
        .subquery()
        for name in names
    ]
    rows = db.session.execute(union_all(*(select(one) for one in latest)))
    for row in sorted(rows, key=lambda row: row.sending_at):
        _add(found[row.name], row)
    return list(found.values())


def _add(carrier: CarrierFigures, row: Any) -> None:
    carrier.attempts += 1
    carrier.last_attempt_at = row.sending_at
    if row.accepted_at is not None:
        carrier.accepted += 1
        carrier.seconds.append(max(0.0, (row.accepted_at - row.sending_at).total_seconds()))
        return
    if row.state == State.FAILED:
        carrier.refused += 1
    elif row.state == State.UNCERTAIN:
        carrier.uncertain += 1
    elif row.state == State.QUEUED:
        carrier.asked_to_wait += 1
    else:
        return
    if row.reason:
        carrier.last_error, carrier.last_error_at = row.reason, row.sending_at


def senders() -> dict[str, Bucket]:
    """How the bucket of each sender that has sent within the last hour stands.

    Raises `RedisError` when Redis is away.
    """
    keys = queue.connection().scan_iter(match="rate:*", count=1000)
    names = sorted(key.decode().removeprefix("rate:") for key in keys)
    return {name: bucket for name in names if (bucket := rate.seen(name)) is not None}
