"""Saying on a page that one comes: when it is asked, what it notes."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities.models import Stage
from app.signups.assuring import assure, is_assured
from app.signups.assuring_rules import asks_if_coming
from app.signups.models import Signup, Standing
from tests import factories as make

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("starts_in", "confirmed_ago", "asked"),
    [
        (20 * HOUR, 48 * HOUR, True),
        (20 * HOUR, None, True),  # nobody noted when they said yes
        (168 * HOUR, 48 * HOUR, True),
        (169 * HOUR, 48 * HOUR, False),  # too far off
        (20 * HOUR, 12 * HOUR, False),  # they have just said yes
        (0 * HOUR, 48 * HOUR, False),  # it has begun
        (-1 * HOUR, 48 * HOUR, False),
    ],
)
def test_when_one_is_asked(
    starts_in: timedelta, confirmed_ago: timedelta | None, asked: bool
) -> None:
    confirmed_at = None if confirmed_ago is None else NOW - confirmed_ago
    assert asks_if_coming(NOW, NOW + starts_in, confirmed_at) is asked


@pytest.mark.parametrize(
    ("standing", "shift", "noted"),
    [
        (Standing.CONFIRMED, {}, True),
        (Standing.WAITING, {}, False),
        (Standing.OFFERED, {}, False),
        (Standing.CONFIRMED, {"stage": Stage.CANCELLED}, False),
        (Standing.CONFIRMED, {"starts_at": NOW - 9 * HOUR}, False),
    ],
)
def test_only_a_place_on_a_shift_that_runs_is_noted(
    app: Flask, standing: Standing, shift: dict[str, object], noted: bool
) -> None:
    with clock.stopped_at(NOW):
        on = make.shift(**({"starts_at": NOW + 20 * HOUR} | shift))
        signup = make.signup(on, make.volunteer(), standing=standing)
        with nullcontext() if noted else pytest.raises(Refusal, match="have not noted"):
            assert assure(on.id, signup.volunteer_id, on.revision)
        assert is_assured(db.session.get_one(Signup, signup.id)) is noted


def test_another_persons_place_stays_as_it_is(app: Flask) -> None:
    shift = make.shift()
    signup = make.signup(shift, make.volunteer())
    with pytest.raises(Refusal, match="have not noted"):
        assure(shift.id, make.volunteer().id, shift.revision)
    assert not is_assured(db.session.get_one(Signup, signup.id))
