"""Forgetting a person, and telling them what we hold, across every feature."""

from __future__ import annotations

import json

from flask import Flask
from sqlalchemy import select

from app.accounts import service as accounts
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.inbox import service as inbox
from app.inbox.models import Reply
from app.messaging.models import Message, State
from app.opportunities.models import Shift
from app.signups import service as signups
from app.signups.models import Signup, Standing, Way
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from tests import factories


def somebody() -> Volunteer:
    """A volunteer with a place, a text from them and letters to them."""
    person = factories.volunteer(name="Nadia Unforgettable")
    signups.claim(factories.shift().id, person.id, way=Way.WEB)
    inbox.store({"MessageSid": "SM1", "From": person.phone, "Body": "My knee hurts, who is this?"})
    inbox.process_all()
    return db.session.get_one(Volunteer, person.id)


def test_a_person_is_told_everything_that_we_hold(app: Flask) -> None:
    held = json.dumps(volunteers.everything_held(somebody().id))
    assert "My knee hurts" in held
    assert "You have a place" in held
    assert "Food parcel driver" in held


def test_an_erased_person_is_nowhere_but_the_counts_stay(app: Flask) -> None:
    person = somebody()
    person_id, phone, email = person.id, person.phone, person.email
    volunteers.opt_out(Channel.SMS, phone or "", how="text STOP")
    volunteers.erase(person_id)
    db.session.rollback()
    everything = [
        str(value)
        for model in (Volunteer, Message, Reply, Signup)
        for row in db.session.execute(select(*model.__table__.columns))
        for value in row
    ]
    for trace in ("Unforgettable", "knee", phone, email):
        assert not [value for value in everything if str(trace) in value]
    assert db.session.scalar(select(Signup.standing)) == Standing.WITHDRAWN
    assert db.session.scalar(select(Shift.taken)) == 0
    assert State.QUEUED not in set(db.session.scalars(select(Message.state)))
    assert volunteers.is_opted_out(Channel.SMS, phone or "")


def test_a_phone_taken_off_an_account_is_not_texted(app: Flask) -> None:
    user = factories.user(phone="+447700900321")
    with transaction():
        user.phone_verified_at = user.email_verified_at
        db.session.add(user)
    person = factories.volunteer(user_id=user.id, phone="+447700900321")
    accounts.drop_contact_point(user.id, "sms")
    db.session.rollback()
    assert db.session.get_one(Volunteer, person.id).phone is None
