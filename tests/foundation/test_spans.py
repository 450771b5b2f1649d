"""Minutes reckoned by the database are those that Python reckons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.foundation.extensions import db
from app.foundation.spans import MinutesBetween
from app.opportunities.models import Shift
from tests import factories


@pytest.mark.parametrize("minutes", [1, 45, 90, 23 * 60 + 59, 24 * 60, 3 * 24 * 60 + 1])
def test_minutes_between_two_moments(app: Flask, minutes: int) -> None:
    # Over the night on which the clocks go forward, which is nothing to moments in UTC.
    starts_at = datetime(2027, 3, 27, 23, 17, tzinfo=UTC)
    shift = factories.shift(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes))
    found = db.session.scalar(
        select(MinutesBetween(Shift.starts_at, Shift.ends_at)).where(Shift.id == shift.id)
    )
    assert found == minutes
