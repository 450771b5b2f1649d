"""The carrier's other half: it moves texts on and calls our webhooks, in its own process."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import requests
from sqlalchemy.exc import SQLAlchemyError

from app.foundation.extensions import db
from app.messaging.carriers.twilio import sign
from app.simulator import queries, service
from app.simulator.service import Call

log = logging.getLogger(__name__)

TURN_SECONDS: Final = 0.2
BUSY_SECONDS: Final = 0.02  # while answers are awaited, so that calls follow one another
TIMEOUT_SECONDS: Final = 15.0  # as the real carrier's
AT_ONCE: Final = 8


@dataclass
class Pump:
    """Calls under way; none holds a database transaction."""

    pool: ThreadPoolExecutor
    under_way: dict[Future[tuple[bool, str]], Call] = field(default_factory=dict)

    def turn(self) -> None:
        """Settle what was answered, move texts on, and call for what is due."""
        self.settle()
        step, call = queries.is_anything_due()
        db.session.rollback()  # a read must not hold the database's snapshot
        if step:
            service.move_on()
            call = True
        free = AT_ONCE - len(self.under_way)
        if call and free:
            for each in service.take_calls(free):
                signature = sign(each.url, each.form)
                self.under_way[self.pool.submit(post, each, signature)] = each

    def settle(self) -> None:
        """Note the answers that have come."""
        done = [future for future in self.under_way if future.done()]
        if done:
            service.settle([(self.under_way[future], *future.result()) for future in done])
            for future in done:
                del self.under_way[future]


def post(call: Call, signature: str) -> tuple[bool, str]:
    """Post a call as the carrier does; whether it was answered well, and the answer in words."""
    headers = {"X-Twilio-Signature": signature, "User-Agent": "TwilioProxy/1.1"}
    with requests.Session() as session:
        session.trust_env = False  # the address is our own: no proxy stands between
        try:
            answer = session.post(
                call.url,
                data=call.form,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return False, type(error).__name__
    return answer.status_code < 500, str(answer.status_code)


def run(stopping: threading.Event) -> None:
    """Pump until told to stop; what was under way by then is settled first."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="carrier") as pool:
        pump = Pump(pool)
        while not stopping.wait(BUSY_SECONDS if pump.under_way else TURN_SECONDS):
            try:
                pump.turn()
            except SQLAlchemyError:
                log.exception("the simulator could not reach the database; it tries again")
                db.session.rollback()
                stopping.wait(1.0)
    pump.settle()
