"""Rows that only the first pages need."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.broadcasts.models import Broadcast, BroadcastShift, BroadcastState, Recipient
from app.foundation import clock
from app.opportunities.models import Shift
from app.volunteers.models import Volunteer
from tests import factories

# A Tuesday at 09:00 in Leicester.
MORNING = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tuesday_morning():
    with clock.stopped_at(MORNING):
        yield


def request_for(shift: Shift, *asked: Volunteer, **said: object) -> Broadcast:
    """A request that runs and has asked these people."""
    values = {"number": 27, "state": BroadcastState.RUNNING, "started_at": clock.now()} | said
    broadcast = factories.save(Broadcast(**values))
    factories.save(BroadcastShift(broadcast_id=broadcast.id, shift_id=shift.id))
    for person in asked:
        factories.save(
            Recipient(
                broadcast_id=broadcast.id,
                volunteer_id=person.id,
                wave=1,
                asked_at=clock.now(),
            )
        )
    return broadcast
