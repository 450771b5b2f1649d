"""A small county with one row of each kind in it, and clients of each kind of person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from app.accounts.models import User
from app.broadcasts import service as broadcasts
from app.broadcasts.models import Broadcast
from app.foundation import clock
from app.foundation.outbox import Letter
from app.groups import service as groups
from app.groups.models import Group
from app.inbox import service as inbox
from app.messaging import service as messaging
from app.opportunities.models import Opportunity, Shift
from app.signups import calendars
from app.signups.models import Signup
from app.volunteers.models import Volunteer
from app.volunteers.service import imports
from tests import factories


@dataclass
class County:
    """One group with everything that hangs on it, and the people around it."""

    group: Group
    manager: User
    coordinator: User
    administrator: User
    person: User
    volunteer: Volunteer
    opportunity: Opportunity
    shift: Shift
    signup: Signup
    broadcast: Broadcast
    draft: Broadcast
    values: dict[str, Any]


def build() -> County:
    group = factories.group()
    manager = factories.manager(group)
    coordinator = factories.coordinator()
    administrator = factories.administrator()
    person = factories.user()
    volunteer = factories.volunteer(user_id=person.id, name="Ann Example")
    factories.known_to(volunteer, group)
    opportunity = factories.opportunity(group)
    shift = factories.shift(opportunity, starts_at=clock.now() + timedelta(days=3))
    signup = factories.signup(shift, volunteer)
    factories.volunteer()
    broadcast = broadcasts.draft([shift.id], coordinator.id)
    reason = "The river is over its banks."
    broadcasts.word(broadcast.id, broadcast.text, pace=broadcast.pace, emergency_reason=reason)
    broadcasts.start(broadcast.id, coordinator.id)
    broadcasts.advance(broadcast.id)
    draft = broadcasts.draft([shift.id], coordinator.id)
    invitation = groups.invite(group.id, "invited@example.org", manager)
    message_id = messaging.write(
        Letter(
            channel="sms",
            to=factories.drama_phone(998),
            body="Hello",
            cause="attack:1",
            recipient="x:1",
            purpose="test",
        )
    )
    reply_id = inbox.store(
        {"MessageSid": "SM0", "From": factories.drama_phone(997), "Body": "Who is this?"}
    )
    inbox.process_all()
    table = "Name,Postcode,Email\nBo Example,LE11 3TU,bo@example.org\nNobody,nowhere,x\n"
    own = imports.preview(table.encode(), "people.csv", group.id, manager.id)
    county = imports.preview(table.encode(), "people.csv", None, administrator.id)
    values = {
        "group_id": group.id,
        "volunteer_id": volunteer.id,
        "opportunity_id": opportunity.id,
        "site_id": opportunity.site_id,
        "shift_id": shift.id,
        "signup_id": signup.id,
        "broadcast_id": broadcast.id,
        "reply_id": reply_id,
        "message_id": message_id,
        "invitation_id": invitation.id,
        "user_id": person.id,
        "import_id": own,
        "county_import_id": county,
        "slug": group.slug,
        "token": calendars.new_address(volunteer.id),
        "which": "asked",
        "row_id": 1,
        "membership_id": 1,
        "dates_away_id": 1,
    }
    return County(
        group=group,
        manager=manager,
        coordinator=coordinator,
        administrator=administrator,
        person=person,
        volunteer=volunteer,
        opportunity=opportunity,
        shift=shift,
        signup=signup,
        broadcast=broadcast,
        draft=draft,
        values=values,
    )


@pytest.fixture
def county(app: Flask) -> County:
    return build()


@pytest.fixture
def client_of(app: Flask) -> Callable[[User | None], FlaskClient]:
    """A new client, signed in as a user."""

    def enter(user: User | None) -> FlaskClient:
        client = app.test_client()
        if user is not None:
            with client.session_transaction() as session:
                session["_user_id"] = user.get_id()
                session["_fresh"] = True
        return client

    return enter


@pytest.fixture
def errors_are_pages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer a fault with 500, as in production, instead of raising it in the test."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


def doors(app: Flask, values: dict[str, Any], **odd: Any) -> Iterator[tuple[str, str, Rule]]:
    """(method, path, rule) of every door of the app, with the county's numbers in its blanks."""
    address = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if rule.endpoint == "static":
            continue
        said: dict[str, Any] = {}
        for name in rule.arguments:
            converter = rule._converters.get(name)
            if isinstance(converter, AnyConverter):
                said[name] = sorted(converter.items)[0]
            elif isinstance(converter, IntegerConverter):
                said[name] = odd.get("number", values.get(name, 1))
            else:
                said[name] = odd.get("word", values.get(name, "x"))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, address.build(rule.endpoint, said, method=method), rule
