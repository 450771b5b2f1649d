"""A clock to set, and what was written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.models import Message
from app.reminders import service

LONDON = ZoneInfo("Europe/London")


def london(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LONDON)


def written() -> list[Message]:
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Message).where(Message.purpose == "reminder").order_by(Message.id)
        )
    )


@pytest.fixture
def sweep_at(app: Flask) -> Callable[[datetime], int]:
    """The sweep as it runs at a moment; it ran a minute before as well."""

    def sweep(moment: datetime) -> int:
        with clock.stopped_at(moment - timedelta(minutes=1)):
            before = service.sweep()
        with clock.stopped_at(moment):
            return before + service.sweep()

    return sweep
