"""What is good once stays so when two ask at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
from flask import Flask

from app.accounts import service
from app.accounts.models import EMAIL, SMS, CountyRole, ProofPurpose, User
from app.accounts.service import people, proofs, second_factor
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from tests import factories
from tests.letters import Recorded


def at_once(app: Flask, call: Callable[[], Any], times: int = 6) -> list[Any]:
    """The answers of that many threads that begin together."""
    db.session.rollback()
    start = threading.Barrier(times)
    answers: list[Any] = []

    def run() -> None:
        with app.app_context():
            start.wait()
            answers.append(bool(call()))

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def sent_code(outbox: Recorded) -> tuple[int, str]:
    factories.user(phone="+447700900123", phone_verified_at=clock.now())
    proof_id = proofs.ask(ProofPurpose.SIGN_IN, SMS, "+447700900123")
    proofs.send(proof_id)
    return proof_id, outbox.code()


def test_a_code_is_spent_once(app: Flask, outbox: Recorded) -> None:
    proof_id, code = sent_code(outbox)
    answers = at_once(app, lambda: proofs.spend_code(proof_id, code))
    assert sorted(answers) == [False] * 5 + [True]


def test_every_wrong_try_is_counted(app: Flask, outbox: Recorded) -> None:
    proof_id, code = sent_code(outbox)
    wrong = "111111" if code != "111111" else "222222"
    at_once(app, lambda: proofs.spend_code(proof_id, wrong))
    assert proofs.spend_code(proof_id, code) is None


def test_one_code_of_the_app_lets_one_in(app: Flask) -> None:
    user = factories.user()
    second_factor.begin(user.id)
    totp = pyotp.TOTP(str(second_factor.key(user)))
    second_factor.confirm(user.id, totp.at(clock.now() - timedelta(seconds=30)))
    user_id, code = user.id, totp.at(clock.now())
    answers = at_once(app, lambda: second_factor.passes(user_id, code))
    assert sorted(answers) == [False] * 5 + [True]


def test_a_letter_is_written_once(app: Flask, outbox: Recorded) -> None:
    factories.user(phone="+447700900123", phone_verified_at=clock.now())
    proof_id = proofs.ask(ProofPurpose.SIGN_IN, SMS, "+447700900123")
    at_once(app, lambda: proofs.send(proof_id))
    assert len(outbox.letters) == 1


def done(call: Callable[[], Any]) -> bool:
    """Whether the call was carried out rather than refused."""
    try:
        call()
    except Refusal:
        return False
    return True


def test_two_administrators_who_leave_at_once_leave_one(app: Flask) -> None:
    leaving = [factories.administrator().id for _ in range(2)]
    calls = [
        lambda: people.disable(leaving[0]),
        lambda: people.set_county_role(leaving[1], CountyRole.NONE),
    ]
    answers = at_once(app, lambda: done(calls.pop()), times=2)
    assert sorted(answers) == [False, True]


def test_an_email_address_and_a_phone_dropped_at_once_leave_one(app: Flask) -> None:
    now = clock.now()
    user_id = factories.user(
        email="asha@example.org",
        email_verified_at=now,
        phone="+447700900123",
        phone_verified_at=now,
    ).id
    channels = [EMAIL, SMS]
    answers = at_once(
        app, lambda: done(lambda: service.drop_contact_point(user_id, channels.pop())), times=2
    )
    assert sorted(answers) == [False, True]
    user = db.session.get_one(User, user_id)
    assert bool(user.email) != bool(user.phone)
