"""Texts that came in while nobody here could take the carrier's call: found in its list.

A carrier calls once. While the web servers are down the text stays in the
carrier's own list, which is read every few minutes. What it has and we have
not is stored as if it had been brought, under the carrier's id, so that
reading it twice is harmless.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import func, select

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import insert
from app.inbox import service
from app.inbox.models import InboundListing, Reply
from app.messaging import carrier_health, ways_out
from app.messaging.carriers import Received, Receives

log = logging.getLogger(__name__)

LOOK_BACK: Final = timedelta(hours=24)
# Younger than that its call may be on the way to us.
ON_ITS_WAY: Final = timedelta(seconds=30)
# The carrier's list and its clock may lag behind.
READ_AGAIN: Final = timedelta(minutes=10)


def fetch() -> int:
    """Store what the carrier's list has of the last 24 hours and we have not; how many.

    Each carrier's list is read on from where it was last complete. Raises what
    their libraries raise, once the other carrier was asked too: the next
    reading of that list then begins at the same moment.
    """
    found, faults = 0, []
    for name in carrier_health.names():
        carrier = ways_out.carrier_named(name)
        if not isinstance(carrier, Receives):
            continue
        try:
            found += _fetch(name, carrier)
        except Exception as fault:  # one carrier's list must not hide the other's
            faults.append(fault)
    if faults:
        raise ExceptionGroup("lists of texts that came in could not be read", faults)
    return found


def _fetch(name: str, carrier: Receives) -> int:
    now = clock.now()
    received = carrier.received_since(_read_until(name, now) - READ_AGAIN)
    settled = [one for one in reversed(received) if one.at <= now - ON_ITS_WAY]
    settled.sort(key=lambda one: one.at)  # those of one second stay as they came
    found = sum(_keep(one, now) for one in settled)
    _note_complete(name, now - ON_ITS_WAY)
    if found:
        log.warning("the carrier's call about %d texts never reached us; its list had them", found)
    return found


def _keep(text: Received, now: datetime) -> bool:
    payload = {
        "MessageSid": text.carrier_id,
        "From": text.sender,
        "To": text.to,
        "Body": text.body,
    }
    return service.store(payload, arrived_at=text.at, found_at=now) is not None


def _read_until(carrier: str, now: datetime) -> datetime:
    """Until when the list has been read; never longer ago than it is worth reading."""
    complete = db.session.scalar(
        select(InboundListing.complete_until).where(InboundListing.carrier == carrier)
    )
    db.session.rollback()  # nothing stays open while the carrier is spoken to
    oldest = now - LOOK_BACK
    return max(complete, oldest) if complete else oldest


def _note_complete(carrier: str, until: datetime) -> None:
    with transaction():
        db.session.execute(
            insert(InboundListing.__table__)
            .values(carrier=carrier, complete_until=until, created_at=clock.now())
            .on_conflict_do_update(
                index_elements=[InboundListing.carrier], set_={"complete_until": until}
            )
        )


def collect() -> Iterable[Metric]:
    """How many texts were found in the carrier's list, and until when that was read."""
    found = db.session.scalar(select(func.count()).where(Reply.found_at.is_not(None)))
    yield CounterMetricFamily(
        "many_hands_inbound_missed",
        "Texts whose call never reached us, found in the carrier's list",
        value=found or 0,
    )
    age = GaugeMetricFamily(
        "many_hands_inbound_listing_age_seconds",
        "Seconds since which the carrier's list of texts that came in was not read",
        labels=["carrier"],
    )
    for carrier, until in db.session.execute(
        select(InboundListing.carrier, InboundListing.complete_until)
    ):
        age.add_metric([carrier], (clock.now() - until).total_seconds())
    yield age
