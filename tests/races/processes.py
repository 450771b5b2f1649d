"""What the other processes of a race do; each makes its own app from the tests' settings."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from typing import Any

from twilio.request_validator import RequestValidator

os.environ["APP_ENV"] = "test"

from app import create_app
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.inbox import service as inbox
from app.signups import service as signups
from app.signups.models import Way

THREADS = 8


def post_yes(settings: dict[str, Any], barrier: Barrier, texts: Sequence[dict[str, str]]) -> None:
    """Post signed webhooks from eight threads, all starting together with the other processes."""
    app = create_app(settings)
    validator = RequestValidator(settings["TWILIO_AUTH_TOKEN"])
    url = "http://localhost/webhooks/twilio/sms"

    def post(share: Sequence[dict[str, str]]) -> None:
        client = app.test_client()
        barrier.wait()
        for form in share:
            signature = validator.compute_signature(url, form)
            answer = client.post(
                "/webhooks/twilio/sms", data=form, headers={"X-Twilio-Signature": signature}
            )
            assert answer.status_code == 200

    _in_threads(post, [texts[n::THREADS] for n in range(THREADS)])
    _close(app)


def process(settings: dict[str, Any], barrier: Barrier, expected: int) -> None:
    """Process replies, as a worker does, until so many have come and none is left."""
    app = create_app(settings)
    barrier.wait()
    with app.app_context():
        idle = 0
        while idle < 200:
            idle = idle + 1 if inbox.process_all() == 0 else 0
            done = db.session.connection().exec_driver_sql(
                "SELECT count(*) FROM reply WHERE state <> 'new'"
            )
            finished = done.scalar_one() >= expected
            db.session.rollback()
            if finished:
                break
            threading.Event().wait(0.02)
    _close(app)


def claim(settings: dict[str, Any], barrier: Barrier, pairs: Sequence[tuple[int, int]]) -> None:
    """Claim (shift, volunteer) pairs from eight threads at once; refusals are fine."""
    app = create_app(settings)

    def work(share: Sequence[tuple[int, int]]) -> None:
        barrier.wait()
        with app.app_context():
            for shift_id, volunteer_id in share:
                try:
                    signups.claim(shift_id, volunteer_id, way=Way.WEB, tell=False)
                except Refusal:
                    continue

    _in_threads(work, [pairs[n::THREADS] for n in range(THREADS)])
    _close(app)


def _in_threads(work: Any, shares: Sequence[Any]) -> None:
    faults: list[BaseException] = []

    def guarded(share: Any) -> None:
        try:
            work(share)
        except BaseException as fault:  # the process must tell, or the test could pass by it
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _close(app: Any) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
