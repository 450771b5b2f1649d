"""The demo county as the tests of its stories look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.demo import service
from app.foundation import clock
from tests.conftest import leave_nothing

AFTERNOON = datetime(2026, 6, 17, 14, 0, tzinfo=UTC)  # a Wednesday


@pytest.fixture(scope="module")
def county(_application: Flask) -> Iterator[Flask]:
    """The usual county, made once for the tests that only look; the clock stands still."""
    with _application.app_context(), clock.stopped_at(AFTERNOON):
        service.seed()
        yield _application
        leave_nothing(_application)
