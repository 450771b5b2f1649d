"""Which carrier rests, why, and until when; one picture for all workers."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import and_, case, func, select, update

from app.accounts import audit
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import in_transaction, transaction
from app.foundation.upsert import insert_ignoring, rows_changed
from app.messaging import service
from app.messaging.carrier_models import CarrierStatus, CarrierTally
from app.messaging.models import ASK, Message, State
from app.messaging.rules import health

log = logging.getLogger(__name__)

KNOWN_FOR: Final = 1.0  # seconds that a process trusts what it read about who rests
TEXT_LANES: Final = (queue.ANSWERS, queue.URGENT, queue.ORDINARY)
TIMES: Final = (
    "within_100ms",
    "within_200ms",
    "within_500ms",
    "within_1s",
    "within_2s",
    "within_5s",
    "longer",
)
COUNTS: Final = ("asked", "faults", "refused", *TIMES)

_resting: tuple[float, frozenset[str]] = (0.0, frozenset())


def names() -> tuple[str, ...]:
    """The carriers of texts by name, the preferred first."""
    config = current_app.config
    return tuple(name for name in (config["SMS_PROVIDER"], config["SMS_SECOND_PROVIDER"]) if name)


def chosen(asleep: frozenset[str] | None = None) -> str:
    """The name of the carrier that new texts leave by: the first that does not rest."""
    candidates = names()
    asleep = resting() if asleep is None else asleep
    awake = [name for name in candidates if name not in asleep]
    return (awake or candidates)[0]


def resting() -> frozenset[str]:
    """The names of the carriers that rest, as known a second ago at most."""
    global _resting
    read_at, known = _resting
    if time.monotonic() < read_at + KNOWN_FOR:
        return known
    known = frozenset(
        db.session.scalars(select(CarrierStatus.carrier).where(CarrierStatus.is_resting))
    )
    if not in_transaction():
        db.session.rollback()  # a read must not hold the database's snapshot
    _resting = (time.monotonic(), known)
    return known


def look_again() -> None:
    global _resting
    _resting = (0.0, frozenset())


def judge() -> None:
    """Let each carrier rest that the counts speak against, unless it would be the last one."""
    for name in names() if len(names()) > 1 else ():
        if name in resting():
            continue
        reason = health.trouble(seen(name))
        if reason:
            with transaction():
                rest(name, reason)


def seen(name: str, *, with_arrivals: bool = False) -> health.Seen:
    """What was seen of a carrier lately, and since it last came back from a rest.

    With `with_arrivals` also how its texts arrived; that is a larger read.
    """
    now = clock.now()
    back = db.session.scalar(select(CarrierStatus.since).where(CarrierStatus.carrier == name))
    counts = counts_since(name, max(now - health.WINDOW, back or now - health.WINDOW))
    arrivals = _arrivals(name, back) if with_arrivals else {}
    if not in_transaction():
        db.session.rollback()
    return health.Seen(
        asked=counts["asked"],
        faults=counts["faults"],
        refused=counts["refused"],
        slow=counts["longer"],
        **arrivals,
    )


def counts_since(name: str, since: datetime) -> dict[str, int]:
    columns = [func.coalesce(func.sum(getattr(CarrierTally, count)), 0) for count in COUNTS]
    row = db.session.execute(
        select(*columns).where(CarrierTally.carrier == name, CarrierTally.slot >= since)
    ).one()
    return dict(zip(COUNTS, map(int, row), strict=True))


def _arrivals(name: str, back: datetime | None) -> dict[str, int]:
    """Of the texts that a carrier took lately: how many arrived, how many late or not yet."""
    now = clock.now()
    since = max(now - health.TAKEN_WINDOW, back or now - health.TAKEN_WINDOW)
    on_its_way = Message.state.in_((State.ACCEPTED, State.SENT))
    overdue = and_(on_its_way, Message.accepted_at < now - health.LATE_AFTER)
    rows = db.session.execute(
        select(Message.state, Message.accepted_at, Message.ended_at).where(
            # Asks are nearly all that leaves, and their index finds them; what was written an
            # hour ago is no news.
            Message.purpose == ASK,
            Message.created_at > now - timedelta(hours=1),
            Message.state.in_((State.DELIVERED, State.ACCEPTED, State.SENT)),
            Message.carrier == name,
            Message.accepted_at >= since,
            case((on_its_way, overdue), else_=True),
        )
    ).all()
    delivered = [row for row in rows if row.state == State.DELIVERED and row.ended_at]
    late = sum(row.ended_at - row.accepted_at > health.LATE_AFTER for row in delivered)
    return {
        "taken": len(rows),
        "delivered": len(delivered),
        "late": late + len(rows) - len(delivered),
    }


def rest(name: str, reason: str, until: datetime | None = None, *, by_hand: bool = False) -> bool:
    """Have a carrier rest, in the open transaction; whether it does so from now on.

    Refused for the last one that does not rest. Without `until`, by a person
    for as long as they like, else for the time that the rule gives.
    """
    now = clock.now()
    table = CarrierStatus.__table__
    for each in names():
        db.session.execute(
            insert_ignoring(table).values(
                carrier=each,
                created_at=now,
                is_resting=False,
                since=now - health.FORGIVEN_AFTER,
                reason="",
                rests=0,
            )
        )
    # Lock: all rows, in one order. Two workers that find both carriers at fault at the same
    # moment would otherwise have each of them rest.
    rows = db.session.scalars(
        select(CarrierStatus)
        .where(CarrierStatus.carrier.in_(names()))
        .order_by(CarrierStatus.carrier)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    mine = [row for row in rows if row.carrier == name]
    if not mine or all(row.is_resting for row in rows if row.carrier != name):
        return False
    status = mine[0]
    if status.is_resting and not by_hand:
        return False
    forgiven = not status.is_resting and status.since <= now - health.FORGIVEN_AFTER
    status.rests = 0 if forgiven else status.rests
    if not by_hand:
        until = until or now + health.rest_after(status.rests)
    status.is_resting, status.since, status.until = True, now, until
    status.rests += 1
    status.reason = reason[:300]
    db.session.flush()
    log.warning("the carrier %s rests: %s", name, reason)
    look_again()
    for lane in TEXT_LANES:
        service.nudge(lane)  # jobs that could not reach it have ended; the other carrier can
    return True


def come_back(name: str, since: datetime) -> bool:
    """End the rest that began at `since`, in the open transaction; whether it was still that one.

    What was counted before no longer speaks against the carrier.
    """
    changed = db.session.execute(
        update(CarrierStatus)
        .where(
            CarrierStatus.carrier == name,
            CarrierStatus.is_resting,
            CarrierStatus.since == since,
        )
        .values(is_resting=False, since=clock.now(), until=None, reason="")
    )
    look_again()
    return rows_changed(changed) == 1


def set_resting(name: str, by_user_id: int, reason: str = "") -> None:
    """A person has a carrier rest until a person puts it back.

    Raises `Refusal` when no other carrier would be left, or there is no such one.
    """
    with transaction():
        if not rest(name, reason or "An administrator said so.", by_hand=True):
            raise Refusal("No other carrier could take the texts.")
        audit.record("rested carrier", actor_id=by_user_id, carrier=name)


def put_back(name: str, by_user_id: int) -> None:
    """A person ends a carrier's rest. Raises `Refusal` when it does not rest."""
    with transaction():
        since = db.session.scalar(
            select(CarrierStatus.since).where(
                CarrierStatus.carrier == name, CarrierStatus.is_resting
            )
        )
        if since is None or not come_back(name, since):
            raise Refusal("This carrier is not resting.")
        audit.record("put carrier back", actor_id=by_user_id, carrier=name)
