"""A seeded group, its neighbour, and clients that carry a token."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.api import tokens
from app.api.rules import Scope
from app.foundation import clock
from app.groups.models import Group
from app.opportunities.models import Duty, Opportunity, Shift, Slot
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer
from tests import factories

_keys = itertools.count(1)


@dataclass
class Seeded:
    """One group with a row of each kind, and a neighbour with as much."""

    group: Group
    manager: User
    role: Opportunity
    shift: Shift
    volunteer: Volunteer
    signup: Signup
    slot: Slot
    others: Group
    their_shift: Shift
    their_slot: Slot
    their_signup: Signup
    their_volunteer: Volunteer


def build() -> Seeded:
    def half(name: str) -> tuple[Any, ...]:
        group = factories.group(name=f"{name} food bank", slug=name.lower())
        role = factories.opportunity(group)
        start = clock.now().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)
        shift = factories.shift(role, starts_at=start)
        factories.shift(role, starts_at=start + timedelta(days=7))
        past = factories.shift(role, starts_at=start - timedelta(days=14))
        team = factories.shift(role, starts_at=start + timedelta(days=1), places=2)
        duty = factories.save(Duty(opportunity_id=role.id, name="Driver", rank=1))
        slot = factories.save(Slot(shift_id=team.id, duty_id=duty.id, places=2, minimum=1))
        volunteer = factories.volunteer(name=f"{name} Volunteer")
        factories.known_to(volunteer, group)
        factories.known_to(factories.volunteer(), group)
        signup = factories.signup(shift, volunteer)
        factories.signup(past, volunteer, standing=Standing.ATTENDED, attended_minutes=115)
        return group, role, shift, volunteer, signup, slot

    group, role, shift, volunteer, signup, slot = half("Ours")
    others, _, their_shift, their_volunteer, their_signup, their_slot = half("Theirs")
    return Seeded(
        group,
        factories.manager(group),
        role,
        shift,
        volunteer,
        signup,
        slot,
        others,
        their_shift,
        their_slot,
        their_signup,
        their_volunteer,
    )


@pytest.fixture
def seeded(app: Flask) -> Seeded:
    return build()


class Caller:
    """A client that sends a token, and a new key with each POST."""

    def __init__(self, client: FlaskClient, secret: str) -> None:
        self.client, self.secret = client, secret

    def open(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        headers.setdefault("Authorization", f"Bearer {self.secret}")
        if method == "POST":
            headers.setdefault("Idempotency-Key", f"key-of-tests-{next(_keys)}")
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.open("GET", path, **more)

    def post(self, path: str, json: Any, **more: Any) -> TestResponse:
        return self.open("POST", path, json=json, **more)


def secret_for(group_id: int | None, by: User, scopes: Iterable[Scope] = Scope) -> str:
    return tokens.make(group_id, "Test", scopes, clock.now() + timedelta(days=30), by.id)[1]


@pytest.fixture
def caller(app: Flask, seeded: Seeded) -> Caller:
    """Everything that a token of the group may do."""
    return Caller(app.test_client(), secret_for(seeded.group.id, seeded.manager))


@pytest.fixture
def caller_with(app: Flask, seeded: Seeded) -> Callable[..., Caller]:
    """A caller whose token has some scopes only."""

    def make(*scopes: Scope) -> Caller:
        return Caller(app.test_client(), secret_for(seeded.group.id, seeded.manager, scopes))

    return make
