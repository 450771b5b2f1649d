"""By which ways a volunteer may be written to: said of a row, and in SQL."""

from __future__ import annotations

import itertools

from flask import Flask
from sqlalchemy import select

from app.foundation import clock
from app.foundation.extensions import db
from app.volunteers import reaching, service
from app.volunteers.models import Channel, Volunteer
from tests import factories


def people() -> list[Volunteer]:
    """One of each: with the address or not, proven or not, with a yes or without."""
    at = clock.now()
    states = [(True, *rest) for rest in itertools.product((False, True), repeat=2)]
    ways = [(False, False, False), *states]
    found = []
    for phone, email in itertools.product(ways, ways):
        said = {
            "phone_verified_at": at if phone[1] else None,
            "sms_consent_at": at if phone[2] else None,
            "email_verified_at": at if email[1] else None,
            "email_consent_at": at if email[2] else None,
        }
        said |= {} if phone[0] else {"phone": None}
        said |= {} if email[0] else {"email": None}
        found.append(factories.volunteer(**said))
    return found


def told_by(channel: Channel) -> set[int]:
    told = select(Volunteer.id).where(reaching.is_told_of_own_shifts(channel))
    return set(db.session.scalars(told))


def test_sql_tells_of_own_shifts_whom_the_row_says(app: Flask) -> None:
    everybody = people()
    ways = {one.id: reaching.for_own_shifts(one) for one in everybody}
    assert told_by(Channel.SMS) == {each for each, way in ways.items() if way.by_text}
    assert told_by(Channel.EMAIL) == {each for each, way in ways.items() if way.by_email}


def test_a_yes_is_kept_to_and_without_one_there_is_a_single_proven_way(app: Flask) -> None:
    for one in people():
        said, own = reaching.allowed(one), reaching.for_own_shifts(one)
        if any(said):
            assert own == said
            continue
        assert sum(own) <= 1
        assert not own.by_text or one.phone_verified_at is not None
        assert not own.by_email or one.email_verified_at is not None


def test_who_stopped_a_way_is_told_nothing_by_it_and_not_by_another_unasked(app: Flask) -> None:
    person = factories.volunteer(sms_consent_at=None, email_consent_at=None)
    service.opt_out(Channel.EMAIL, person.email or "", how="link")
    assert told_by(Channel.EMAIL) == told_by(Channel.SMS) == set()
