"""The periodic look at the carriers, and the question to those whose rest is over."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Protocol, runtime_checkable

from sqlalchemy import delete, select, update

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging.carrier_health.counting import flush
from app.messaging.carrier_health.resting import come_back, judge, names, rest, resting, seen
from app.messaging.carrier_models import CarrierStatus, CarrierTally
from app.messaging.rules import health

log = logging.getLogger(__name__)

KEPT_FOR: Final = timedelta(days=2)


@runtime_checkable
class Askable(Protocol):
    """A carrier that can be asked whether it would take a text, without one."""

    name: str

    def trouble(self) -> str:
        """Why not, in words; empty when it would."""


def check(carriers: Iterable[Askable]) -> None:
    """The periodic look: judge by arrivals too, and ask those whose rest is over.

    `carriers` are those of texts. A carrier comes back only when it answers a
    question that sends nothing; if not it rests again, longer.
    """
    flush(at_once=True)
    judge()
    for name in names() if len(names()) > 1 else ():
        reason = "" if name in resting() else health.trouble(seen(name, with_arrivals=True))
        if reason:
            with transaction():
                rest(name, reason)
    for carrier in carriers:
        _ask_again(carrier)
    with transaction():
        db.session.execute(delete(CarrierTally).where(CarrierTally.slot < clock.now() - KEPT_FOR))


def _ask_again(carrier: Askable) -> None:
    now = clock.now()
    status = db.session.execute(
        select(CarrierStatus.since, CarrierStatus.rests).where(
            CarrierStatus.carrier == carrier.name,
            CarrierStatus.is_resting,
            CarrierStatus.until <= now,
        )
    ).one_or_none()
    db.session.rollback()  # nothing stays open while the carrier is spoken to
    if status is None:
        return
    reason = carrier.trouble()
    with transaction():
        if not reason:
            if come_back(carrier.name, status.since):
                log.warning("the carrier %s takes texts again", carrier.name)
            return
        db.session.execute(
            update(CarrierStatus)
            .where(CarrierStatus.carrier == carrier.name, CarrierStatus.since == status.since)
            .values(
                until=now + health.rest_after(status.rests),
                rests=CarrierStatus.rests + 1,
                reason=reason[:300],
            )
        )
