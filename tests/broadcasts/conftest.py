"""A coordinator at a desk, at twenty to six."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation import clock
from tests import factories
from tests.broadcasts.pages import NOW


@pytest.fixture(autouse=True)
def _afternoon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def desk(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """A coordinator's browser."""
    return sign_in(factories.coordinator(name="Carys Cole"))


@pytest.fixture
def boss(app: Flask) -> User:
    """A coordinator."""
    return factories.coordinator()
