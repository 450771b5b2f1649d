"""What coordinators must know before they ask for help: that texts hardly leave, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import request
from flask_login import current_user
from sqlalchemy import select

from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.carrier_health.resting import counts_since, names
from app.messaging.carrier_models import CarrierStatus
from app.messaging.rules import health

# Where coordinators and administrators would wonder why nobody answers.
PAGES: Final = frozenset({"home.index", "operations.index"})
PARTS: Final = frozenset({"broadcasts", "messaging", "inbox"})


def standstill() -> str:
    """Why texts hardly leave now, as a sentence; empty when they do. Two statements.

    Either each carrier of texts rests, or the one that is left is in such trouble that it would
    rest if there were another.
    """
    columns = (CarrierStatus.is_resting, CarrierStatus.since, CarrierStatus.reason)
    rows = {
        row.carrier: row
        for row in db.session.execute(
            select(CarrierStatus.carrier, *columns).where(CarrierStatus.carrier.in_(names()))
        )
    }
    awake = [name for name in names() if name not in rows or not rows[name].is_resting]
    if not awake:
        return str(rows[names()[0]].reason)
    start = clock.now() - health.WINDOW
    if (row := rows.get(awake[0])) and row.since:
        start = max(start, row.since)
    counts = counts_since(awake[0], start)
    return health.trouble(
        health.Seen(
            asked=counts["asked"],
            faults=counts["faults"],
            refused=counts["refused"],
            slow=counts["longer"],
        )
    )


def banner() -> Mapping[str, Any] | None:
    """For the banner on the pages where it matters; None elsewhere and while all is well."""
    if request.endpoint not in PAGES and request.blueprint not in PARTS:
        return None
    if not getattr(current_user, "is_coordinator", False):
        return None
    reason = standstill()
    return {"reason": reason} if reason else None
