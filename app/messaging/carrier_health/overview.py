"""The carriers as the operations page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.carrier_health.resting import (
    TIMES,
    chosen,
    counts_since,
    look_again,
    names,
    resting,
)
from app.messaging.carrier_models import CarrierStatus, CarrierTally
from app.messaging.carriers.smtp import SmtpCarrier
from app.messaging.rules import health

OVERVIEW_WINDOW: Final = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class CarrierRow:
    """One carrier on the operations page; counts and times are of the last 15 minutes."""

    name: str
    is_in_use: bool  # new texts leave by it now
    is_resting: bool
    since: datetime | None  # it rests
    until: datetime | None  # none while it rests: until a person puts it back
    reason: str
    asked: int
    faults: int
    refused: int
    error_share: float  # of those asked, from 0 to 1
    median_seconds: float | None  # until a text was accepted


def resting_because() -> dict[str, str]:
    """Why each carrier that rests does so, by name, as a sentence; one statement."""
    rows = db.session.execute(
        select(CarrierStatus.carrier, CarrierStatus.reason)
        .where(CarrierStatus.is_resting, CarrierStatus.carrier.in_(names()))
        .order_by(CarrierStatus.carrier)
    )
    return {row.carrier: row.reason for row in rows}


def overview() -> list[CarrierRow]:
    """Each carrier, those of texts first, the preferred one first of all."""
    look_again()
    asleep = resting()
    now = clock.now()
    texts = names()
    others = db.session.scalars(
        select(CarrierTally.carrier)
        .where(CarrierTally.slot >= now - OVERVIEW_WINDOW, CarrierTally.carrier.not_in(texts))
        .distinct()
        .order_by(CarrierTally.carrier)
    ).all()
    statuses = {row.carrier: row for row in db.session.scalars(select(CarrierStatus))}
    in_use = {chosen(asleep), SmtpCarrier.name}
    return [_row(name, statuses.get(name), is_in_use=name in in_use) for name in (*texts, *others)]


def _row(name: str, status: CarrierStatus | None, *, is_in_use: bool) -> CarrierRow:
    counts = counts_since(name, clock.now() - OVERVIEW_WINDOW)
    rest = status if status and status.is_resting else None
    return CarrierRow(
        name=name,
        is_in_use=is_in_use,
        is_resting=rest is not None,
        since=rest.since if rest else None,
        until=rest.until if rest else None,
        reason=rest.reason if rest else "",
        asked=counts["asked"],
        faults=counts["faults"],
        refused=counts["refused"],
        error_share=counts["faults"] / counts["asked"] if counts["asked"] else 0.0,
        median_seconds=health.median_seconds([counts[each] for each in TIMES]),
    )
