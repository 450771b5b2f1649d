"""A small county whose counts can be done by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.foundation import clock

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)  # a Thursday


@pytest.fixture
def now(app: Flask) -> Iterator[datetime]:
    with clock.stopped_at(NOW):
        yield NOW
