"""A site at twenty past ten on a Saturday: one shift, three people, a tablet by the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.foundation import clock
from app.opportunities.models import Shift
from app.signups.models import Signup
from app.today import service
from tests import factories as make

START = datetime(2026, 6, 13, 9, tzinfo=UTC)  # ten in London
PIN = "374928"


@dataclass
class Saturday:
    """The day as it begins."""

    shift: Shift
    places: list[Signup]
    boss_id: int

    @property
    def site_id(self) -> int:
        return self.shift.site_id


@pytest.fixture
def saturday(app: Flask) -> Iterator[Saturday]:
    with clock.stopped_at(START + timedelta(minutes=20)):
        shift = make.shift(starts_at=START, ends_at=START + timedelta(hours=3), places=4, minimum=2)
        group = shift.opportunity.group
        places = []
        for name in ("Amina Khan", "Amina Kaur", "Joe Bloggs"):
            person = make.volunteer(name=name)
            make.known_to(person, group)
            places.append(make.signup(shift, person))
        yield Saturday(shift, places, make.manager(group).id)


@pytest.fixture
def tablet(app: Flask, saturday: Saturday) -> FlaskClient:
    """The browser of a tablet that has been set up."""
    return set_up(app, saturday)


def set_up(app: Flask, saturday: Saturday, name: str = "By the door") -> FlaskClient:
    browser = app.test_client()
    _device, code = service.offer(saturday.site_id, name, saturday.boss_id)
    answer = browser.post("/tablet/start", data={"code": code})
    assert answer.location == "/tablet"
    return browser


@pytest.fixture
def later() -> Callable[[float], object]:
    """Move the clock to so many minutes after the shift's start."""
    return lambda minutes: clock.stopped_at(START + timedelta(minutes=minutes))
