"""Opt-outs and consent: what must not be lost, and who may lift what."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.volunteers import queries, service
from app.volunteers.models import Channel, Consent, OptOut
from app.volunteers.service import opt_outs
from tests import factories

PHONE = factories.drama_phone(900)


def test_an_address_that_opted_out_is_known_as_such(app):
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    assert service.is_opted_out(Channel.SMS, PHONE)


def test_an_opt_out_is_for_its_channel_only(app):
    service.opt_out(Channel.EMAIL, "asha@example.org", "link")
    assert not service.is_opted_out(Channel.SMS, PHONE)
    assert not service.is_opted_out(Channel.SMS, "asha@example.org")


def test_opting_out_twice_is_harmless(app):
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    service.opt_out(Channel.SMS, PHONE, "carrier 21610")
    assert [row.how for row in db.session.scalars(select(OptOut))] == ["text STOP"]


def test_start_lifts_the_opt_out(app):
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    service.opt_in(Channel.SMS, PHONE)
    assert not service.is_opted_out(Channel.SMS, PHONE)


def test_those_above_are_told_of_an_opt_out_in_its_transaction(app, monkeypatch):
    told = []
    monkeypatch.setattr(service.opt_outs, "opt_out_listeners", [lambda *said: told.append(said)])
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    assert told == [(Channel.SMS, PHONE)]


def test_a_volunteer_who_comes_back_after_erasure_is_still_opted_out(app):
    first = factories.volunteer(name="Asha Patel", phone=PHONE)
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    service.erase(first.id)
    assert db.session.scalar(select(OptOut.address)) is None
    assert service.is_opted_out(Channel.SMS, PHONE)
    service.create("Asha Patel", "LE11 3TU", mobile="07700 900900")
    assert db.session.scalar(select(OptOut.address)) == PHONE


def test_erasing_one_of_two_who_share_a_phone_keeps_the_address_of_its_opt_out(app):
    one = factories.volunteer(phone=PHONE)
    factories.volunteer(phone=PHONE)
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    service.erase(one.id)
    assert db.session.scalar(select(OptOut.address)) == PHONE


def test_consent_is_kept_with_when_and_how(app):
    person = factories.volunteer(sms_consent_at=None)
    service.give_consent(person.id, Channel.SMS, "own profile")
    service.withdraw_consent(person.id, Channel.SMS, "own profile")
    db.session.refresh(person)
    assert person.sms_consent_at is None
    rows = db.session.scalars(select(Consent).order_by(Consent.id))
    assert [(row.channel, row.given, row.how) for row in rows] == [
        (Channel.SMS, True, "own profile"),
        (Channel.SMS, False, "own profile"),
    ]


def test_consent_needs_a_contact_point(app):
    person = factories.volunteer(phone=None)
    with pytest.raises(Refusal, match="mobile number"):
        service.give_consent(person.id, Channel.SMS, "own profile")


def test_a_tick_in_the_profile_does_not_lift_a_stop_by_text(app):
    person = factories.volunteer(phone=PHONE, sms_consent_at=None)
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    with pytest.raises(Refusal, match="START"):
        service.give_consent(person.id, Channel.SMS, "own profile", in_person=True)
    assert service.is_opted_out(Channel.SMS, PHONE)


def test_the_owner_of_a_verified_email_address_may_ask_for_emails_again(app):
    person = factories.volunteer(email="asha@example.org")
    service.opt_out(Channel.EMAIL, "asha@example.org", "link")
    service.give_consent(person.id, Channel.EMAIL, "own profile", in_person=True)
    assert not service.is_opted_out(Channel.EMAIL, "asha@example.org")


def test_a_manager_cannot_lift_an_opt_out(app):
    person = factories.volunteer(email="asha@example.org")
    service.opt_out(Channel.EMAIL, "asha@example.org", "link")
    with pytest.raises(Refusal, match="owner"):
        service.give_consent(person.id, Channel.EMAIL, "told to a manager")


def test_an_unsubscribe_link_names_nobody(app):
    person = factories.volunteer(email="asha@example.org")
    url = service.unsubscribe_url(person.id)
    assert url.startswith("http://localhost/unsubscribe/")
    assert "asha" not in url


def test_an_unsubscribe_link_stops_the_address_it_was_sent_to_after_a_change(app):
    person = factories.volunteer(email="old@example.org")
    url = service.unsubscribe_url(person.id)
    service.attach_contact_point(person.id, Channel.EMAIL, "new@example.org", verified=True)
    service.unsubscribe(url.rsplit("/", 1)[1])
    assert service.is_opted_out(Channel.EMAIL, "old@example.org")
    assert not service.is_opted_out(Channel.EMAIL, "new@example.org")


def test_a_made_up_unsubscribe_token_is_refused(app):
    with pytest.raises(Refusal, match="not complete"):
        service.unsubscribe("WzEsImFhIl0.made-up")


def test_an_opt_out_outlives_the_account_that_was_closed(app):
    user = factories.user()
    factories.volunteer(user_id=user.id, phone=PHONE)
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    service.close_account(user.id)
    assert db.session.scalar(select(OptOut.address)) is None
    assert service.is_opted_out(Channel.SMS, PHONE)


def test_a_phone_changed_to_one_that_opted_out_long_ago_is_opted_out(app):
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    service.erase(factories.volunteer(phone=PHONE).id)
    person = factories.volunteer(phone=factories.drama_phone(901))
    service.attach_contact_point(person.id, Channel.SMS, PHONE, verified=True)
    assert queries.opted_out(person) == {Channel.SMS}
    assert db.session.scalar(select(OptOut.address)) == PHONE


def test_a_manager_who_adds_somebody_again_lifts_nothing(app):
    group = factories.group()
    manager = factories.manager(group)
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    service.erase(factories.volunteer(name="Asha Patel", phone=PHONE).id)
    for name in ("Asha Patel", "Asha P"):
        person = service.add_by_hand(
            group.id,
            name,
            "LE11 3TU",
            mobile=PHONE,
            sms_allowed=True,
            by_user_id=manager.id,
        )
        assert person.sms_consent_at is None
        assert queries.opted_out(person) == {Channel.SMS}


def test_no_way_but_start_lifts_a_stop_of_a_phone(app):
    person = factories.volunteer(phone=PHONE, sms_consent_at=None)
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    for in_person in (True, False):
        with pytest.raises(Refusal, match="START"):
            service.give_consent(person.id, Channel.SMS, "any way", in_person=in_person)
    service.opt_in(Channel.SMS, PHONE)
    service.give_consent(person.id, Channel.SMS, "own profile", in_person=True)


def test_with_another_secret_those_whose_address_is_known_stay_opted_out(app, monkeypatch):
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    monkeypatch.setitem(app.config, "SECRET_KEY", "another secret, since the first one leaked")
    assert service.is_opted_out(Channel.SMS, PHONE)
    assert opt_outs.opted_out_among(Channel.SMS, [PHONE]) == {PHONE}
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    service.opt_in(Channel.SMS, PHONE)
    assert not service.is_opted_out(Channel.SMS, PHONE)


def test_thousands_of_addresses_are_checked_in_few_queries(app, count_queries):
    service.opt_out(Channel.SMS, PHONE, "text STOP")
    numbers = [f"+4477009{n:05d}" for n in range(2500)]
    with count_queries() as statements:
        assert opt_outs.opted_out_among(Channel.SMS, [*numbers, PHONE]) == {PHONE}
    assert len(statements) == 3
