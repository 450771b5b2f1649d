from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.accounts import queries, service
from app.accounts.models import EMAIL, SMS, User
from app.foundation import clock
from app.foundation.errors import Refusal
from tests import factories
from tests.letters import Recorded

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_new_user_holds_no_address_before_it_is_proven(app: Flask) -> None:
    user = service.create_user("Asha Patel", email="Asha@Example.org", password="pears on a wall")
    assert (user.email, user.email_verified_at) == (None, None)
    assert user.pending_email == "asha@example.org"


def test_the_right_code_makes_the_address_the_users_own(app: Flask, outbox: Recorded) -> None:
    user = service.create_user("Asha", phone="07700 900123")
    service.send_verification(user, SMS)
    assert outbox.last.to == "+447700900123"
    service.confirm_code(user, SMS, outbox.code())
    assert user.phone == "+447700900123"
    assert user.phone_verified_at is not None
    assert user.pending_phone is None


def test_a_code_may_be_typed_with_a_space(app: Flask, outbox: Recorded) -> None:
    user = service.create_user("Asha", email="asha@example.org")
    service.send_verification(user, EMAIL)
    code = outbox.code()
    service.confirm_code(user, EMAIL, f" {code[:3]} {code[3:]} ")
    assert user.email == "asha@example.org"


def test_five_wrong_codes_end_the_code(app: Flask, outbox: Recorded) -> None:
    user = service.create_user("Asha", phone="07700 900123")
    service.send_verification(user, SMS)
    wrong = "000000" if outbox.code() != "000000" else "000001"
    for _ in range(5):
        with pytest.raises(Refusal, match="not right"):
            service.confirm_code(user, SMS, wrong)
    with pytest.raises(Refusal, match="not right"):
        service.confirm_code(user, SMS, outbox.code())
    assert user.phone is None


def test_a_code_is_too_old_after_ten_minutes(app: Flask, outbox: Recorded) -> None:
    with clock.stopped_at(NOW):
        user = service.create_user("Asha", phone="07700 900123")
        service.send_verification(user, SMS)
    with clock.stopped_at(NOW + timedelta(minutes=10)), pytest.raises(Refusal):
        service.confirm_code(user, SMS, outbox.code())


def test_a_new_code_ends_the_one_before(app: Flask, outbox: Recorded) -> None:
    user = service.create_user("Asha", phone="07700 900123")
    service.send_verification(user, SMS)
    first = outbox.code()
    service.send_verification(user, SMS)
    if outbox.code() != first:
        with pytest.raises(Refusal):
            service.confirm_code(user, SMS, first)
    service.confirm_code(user, SMS, outbox.code())
    assert user.phone is not None


def test_features_above_hear_of_a_proven_address(app: Flask, outbox: Recorded) -> None:
    heard: list[tuple[int, str, str]] = []

    def hear(user: User, channel: str, address: str) -> None:
        heard.append((user.id, channel, address))

    service.on_verified.append(hear)
    try:
        user = service.create_user("Asha", phone="07700 900123")
        service.send_verification(user, SMS)
        service.confirm_code(user, SMS, outbox.code())
    finally:
        service.on_verified.remove(hear)
    assert heard == [(user.id, SMS, "+447700900123")]


def test_another_accounts_email_gets_a_notice_and_no_code(app: Flask, outbox: Recorded) -> None:
    factories.user(email="taken@example.org")
    user = service.create_user("Somebody", email="taken@example.org")
    service.send_verification(user, EMAIL)
    assert "has an account already" in outbox.last.body
    assert not any(word.isdigit() and len(word) == 6 for word in outbox.last.body.split())


def test_two_people_may_prove_the_same_phone(app: Flask, outbox: Recorded) -> None:
    for name in ("Asha", "Ravi"):
        user = service.create_user(name, phone="07700 900123")
        service.send_verification(user, SMS)
        service.confirm_code(user, SMS, outbox.code())
    assert [one.name for one in queries.holders(SMS, "+447700900123")] == ["Asha", "Ravi"]


def test_the_old_address_stays_until_the_new_one_is_proven(app: Flask, outbox: Recorded) -> None:
    user = factories.user(email="old@example.org")
    service.want_contact_point(user.id, EMAIL, "new@example.org")
    assert user.email == "old@example.org"
    service.confirm_code(user, EMAIL, outbox.code())
    assert user.email == "new@example.org"


def test_the_address_that_is_replaced_is_told(app: Flask, outbox: Recorded) -> None:
    user = factories.user(email="old@example.org")
    service.want_contact_point(user.id, EMAIL, "new@example.org")
    service.confirm_code(user, EMAIL, outbox.code())
    assert outbox.last.to == "old@example.org"
    assert "was changed" in outbox.last.subject


def test_one_address_gets_six_codes_an_hour(app: Flask) -> None:
    user = service.create_user("Asha", phone="07700 900123")
    with clock.stopped_at(NOW):
        for _ in range(6):
            service.send_verification(user, SMS)
        with pytest.raises(Refusal, match="wait an hour"):
            service.send_verification(user, SMS)
    with clock.stopped_at(NOW + timedelta(minutes=61)):
        service.send_verification(user, SMS)


def test_the_last_way_to_sign_in_stays(app: Flask) -> None:
    user = factories.user()
    with pytest.raises(Refusal, match="only way"):
        service.drop_contact_point(user.id, EMAIL)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " ", "email": "a@example.org"}, "name"),
        ({"name": "Asha"}, "email"),
        ({"name": "Asha", "email": "not an address"}, "email"),
        ({"name": "Asha", "phone": "0116 496 0000"}, "phone"),
        ({"name": "Asha", "email": "a@example.org", "password": "short"}, "password"),
        ({"name": "Asha", "email": "a@example.org", "password": "1234567890"}, "password"),
    ],
)
def test_a_refusal_names_its_field(app: Flask, said: dict[str, str], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        service.create_user(**said)
    assert caught.value.field == field
