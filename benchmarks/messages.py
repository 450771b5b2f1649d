"""How fast texts leave: `make bench-messages`.

Everything is real but the carrier, a stand-in on this machine that takes
80 ms to answer: PostgreSQL, Redis, `worker.py` processes, the carrier's own
library. Three ways are measured in turn, round after round, and the medians
are printed side by side:

- **bare**: the library's async client and a list of texts, no ledger at all;
  as many requests under way as our worker allows itself.
- **ours**: the whole protocol, from one worker and from two.
- **usual**: one RQ job for each text in a forking worker, which calls the
  library and writes the outcome. It is so slow that fewer texts are sent.

A rate is what the carrier saw: texts by the time from the first that arrived
to the last that it took. Then from pressing Send to the first text, from
idle, twenty times; and a request to 100,000 people: until it is written, until
the first text, and the worker's memory at its end.

Ends with 1 when a promise is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from aiohttp import ClientSession, TCPConnector, encode_basic_auth
from flask import Flask
from flask.testing import FlaskClient
from rq import Queue, Worker
from sqlalchemy import func, insert, select, text, update
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from app import create_app
from app.accounts.models import CountyRole, User
from app.broadcasts import service as broadcasts
from app.broadcasts.models import Broadcast, BroadcastState, Pace
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.messaging import service
from app.messaging.carriers.twilio import AT_ONCE, TWILIO
from app.messaging.models import Message, State
from app.opportunities.models import Opportunity, Shift, Stage
from app.volunteers.models import Volunteer
from app.volunteers.vocabulary import AgeBand, DbsLevel
from benchmarks import (
    county,
    stage,  # the path comes first, and this sets the environment
)

BODY = (
    "Gorse Covert Food Bank: can you help? Driver, tonight 6:30 to 8:30pm, Gorse Covert. "
    "Reply 27 YES or 27 NO. STOP to opt out."
)
CALLBACK = "http://127.0.0.1:8000/webhooks/twilio/status?m="
FIRST_NUMBER = 447_700_100_000
OF_BARE, OF_USUAL, PER_SECOND = 0.7, 10.0, 600
MEDIAN_BEGIN, WORST_BEGIN, HUNDRED_THOUSAND_WITHIN, MOST_MEMORY = 1.0, 3.0, 5.0, 150


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--usual", type=int, default=400, help="texts of the usual way, each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--begins", type=int, default=20)
    parser.add_argument("--county", type=int, default=20_000, help="volunteers, for the begins")
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--latency-ms", default="80")
    parser.add_argument("--part", choices=["rate", "begin", "many"], action="append")
    said = parser.parse_args()
    logging.disable(logging.WARNING)
    parts = said.part or ["rate", "begin", "many"]
    kept = True
    for part in parts:
        with stage.set_up("--latency-ms", said.latency_ms) as around:
            if part == "rate":
                kept &= rates(around, said.messages, said.usual, said.rounds)
            elif part == "begin":
                kept &= begins(around, said.begins, said.county)
            else:
                kept &= many(around, said.recipients)
    stage.warn_if_busy()
    return 0 if kept else 1


# How many a second


def rates(around: stage.Stage, messages: int, usual: int, rounds: int) -> bool:
    """Measure the ways in turn and print their medians."""
    ways: dict[str, Callable[[], float]] = {
        "bare": lambda: bare(around, messages),
        "ours, one worker": lambda: ours(around, messages, workers=1),
        "ours, two workers": lambda: ours(around, messages, workers=2),
        "usual": lambda: one_job_each(around, usual),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, rounds + 1):
        for name, way in ways.items():
            found[name].append(way())
        said = ", ".join(f"{name} {rate[-1]:.0f}" for name, rate in found.items())
        print(f"round {number}: {said}", flush=True)
    median = {name: statistics.median(rates) for name, rates in found.items()}
    print(f"\n{'texts a second':<22}{'median':>8}{'lowest':>8}{'highest':>9}{'of bare':>9}")
    for name, rate in median.items():
        low, high = min(found[name]), max(found[name])
        print(f"{name:<22}{rate:>8.0f}{low:>8.0f}{high:>9.0f}{rate / median['bare']:>9.2f}")
    one, two = median["ours, one worker"], median["ours, two workers"]
    return _promised(
        ("of bare", one / median["bare"], OF_BARE),
        ("times the usual way", one / median["usual"], OF_USUAL),
        ("a second from one worker", one, PER_SECOND),
        ("second worker against one", two / one, 1.0),
    )


def _rate(around: stage.Stage, number: int, what_sends: Callable[[], None]) -> float:
    around.carrier.reset()
    what_sends()
    seen = around.carrier.summary()
    assert seen["accepted"] == number, seen
    return number / float(seen["last_accepted_at"] - seen["first_arrived_at"])


def bare(around: stage.Stage, number: int) -> float:
    """The library's async client alone, in a process of its own."""

    def run() -> None:
        with around.process(__file__, "--as", "bare", str(number)) as process:
            process.wait(600)

    return _rate(around, number, run)


def ours(around: stage.Stage, number: int, workers: int) -> float:
    """The ledger, from real workers; until the ledger has every outcome."""
    service.set_run(_write(number), service.RunState.PAUSED)

    def run() -> None:
        with around.worker("--queues", "urgent") as first:
            if workers == 1:
                _let_go(number)
                return
            with around.worker("--queues", "urgent"):
                _let_go(number)
            assert first.poll() is None

    return _rate(around, number, run)


def _write(number: int) -> int:
    """So many texts in the ledger, of one run that has not begun."""
    now = clock.now()
    with transaction():
        run_id = service.start_run(None).id
        db.session.execute(
            insert(Message),
            [
                {
                    "created_at": now,
                    "channel": "sms",
                    "lane": queue.URGENT,
                    "cause": f"run:{run_id}",
                    "recipient": f"volunteer:{n}",
                    "purpose": "ask",
                    "run_id": run_id,
                    "token": f"{run_id:08x}{n:024x}",
                    "to_address": f"+{FIRST_NUMBER + n}",
                    "body": BODY,
                    "not_before": now,
                }
                for n in range(number)
            ],
        )
    return run_id


def _let_go(number: int) -> None:
    """Once the workers are up, let the last run go and wait until all of it is accounted for."""
    time.sleep(3)
    last_run = select(func.max(Message.run_id)).scalar_subquery()
    run_id = db.session.scalar(select(last_run))
    service.set_run(int(run_id or 0), service.RunState.RUNNING)
    service.nudge(queue.URGENT)
    accepted = select(func.count()).where(Message.run_id == run_id, Message.state == State.ACCEPTED)

    def all_is_recorded() -> bool:
        count = db.session.scalar(accepted)
        db.session.rollback()
        time.sleep(0.3)
        return count == number

    stage.wait_for(all_is_recorded, 600)


def one_job_each(around: stage.Stage, number: int) -> float:
    """RQ's own forking worker, a job for each text."""
    run_id = _write(number)
    ids = db.session.scalars(select(Message.id).where(Message.run_id == run_id)).all()
    db.session.rollback()
    usual = Queue("usual", connection=queue.connection())

    def run() -> None:
        for message_id in ids:
            usual.enqueue_call("benchmarks.messages.send_one", args=(message_id,), result_ttl=0)
        with around.process(__file__, "--as", "usual") as process:
            process.wait(1200)

    return _rate(around, number, run)


def serve_as_usual() -> None:
    """RQ's forking worker with the app made once, before it forks; until the queue is empty."""
    with _made_once().app_context():
        connection = queue.connection()
        db.engine.dispose()
    Worker([Queue("usual", connection=connection)], connection=connection).work(
        burst=True, logging_level="ERROR"
    )


def send_one(message_id: int) -> None:
    """The usual job: reads its row, calls the library, writes the outcome."""
    http = TwilioHttpClient()
    request, base = http.request, os.environ["TWILIO_API_URL"]
    http.request = lambda method, url, **rest: request(method, url.replace(TWILIO, base), **rest)
    account, token = os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"]
    client = Client(account, token, http_client=http)
    with _made_once().app_context():
        message = db.session.get_one(Message, message_id)
        taken = client.messages.create(
            to=message.to_address,
            from_=os.environ["TWILIO_FROM_NUMBER"],
            body=message.body,
            status_callback=CALLBACK + message.token,
        )
        with transaction():
            db.session.execute(
                update(Message)
                .where(Message.id == message_id)
                .values(state=State.ACCEPTED, carrier_id=taken.sid)
            )


@cache
def _made_once() -> Flask:
    return create_app()


class _BareHttp(AsyncTwilioHttpClient):  # type: ignore[misc] # the library has no types
    async def request(self, method: str, url: str, **rest: Any) -> Any:
        user, password = rest.pop("auth")
        headers = {**rest.pop("headers"), "Authorization": encode_basic_auth(user, password)}
        address = url.replace(TWILIO, os.environ["TWILIO_API_URL"])
        return await super().request(method, address, headers=headers, **rest)


async def send_bare(number: int) -> None:
    """As many requests under way as ours, nothing written anywhere."""
    http = _BareHttp(pool_connections=False)
    http.session = ClientSession(connector=TCPConnector(limit=AT_ONCE))
    account, token = os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"]
    client = Client(account, token, http_client=http)
    numbers = itertools.count()

    async def some() -> None:
        while (n := next(numbers)) < number:
            await client.messages.create_async(
                to=f"+{FIRST_NUMBER + n}",
                from_=os.environ["TWILIO_FROM_NUMBER"],
                body=BODY,
                status_callback=f"{CALLBACK}{n:032x}",
            )

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    await http.close()


# From pressing Send


def _everybody_fits() -> None:
    """Nobody is left out for what the county's people cannot do: this measures writing."""
    with transaction():
        db.session.execute(
            update(Volunteer).values(
                sms_consent_at=clock.now(),
                phone_verified_at=clock.now(),
                asks_per_week=50,
                free_times=0,
                travel_metres=400_000,
                paused_until=None,
                erased_at=None,
                age_band=AgeBand.ADULT,
            )
        )
        for table in ("signup", "dates_away", "opt_out"):
            db.session.execute(text(f"DELETE FROM {table}"))
        db.session.execute(
            update(Opportunity).values(
                needs_skills=0, needs_languages=0, needs_training=0, dbs_level=DbsLevel.NONE
            )
        )
        begins = clock.now() + timedelta(hours=20)
        ends = begins + timedelta(hours=2)
        db.session.execute(update(Shift).values(starts_at=begins, ends_at=ends))
        db.session.execute(text("DELETE FROM message"))
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _signed_in(around: stage.Stage) -> FlaskClient:
    with transaction():
        boss = User(
            name="Coordinator",
            email=f"boss-{time.monotonic_ns()}@example.org",
            county_role=CountyRole.COORDINATOR,
        )
        db.session.add(boss)
        db.session.flush()
        identity = boss.get_id()
    around.app.config["WTF_CSRF_ENABLED"] = False
    client = around.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = identity
        session["_fresh"] = True
    return client


def _draft(shift: Shift, pace: Pace) -> Broadcast:
    boss_id = db.session.scalar(select(func.max(User.id)))
    draft = broadcasts.draft([shift.id], int(boss_id or 0))
    broadcasts.word(draft.id, draft.text, pace=pace)
    return draft


def _open_shifts(number: int) -> list[Shift]:
    rows = select(Shift).where(Shift.taken < Shift.places, Shift.stage == Stage.PUBLISHED)
    rows = rows.order_by(Shift.id).limit(number)
    return list(db.session.scalars(rows))


def _press_send(around: stage.Stage, client: FlaskClient, draft: Broadcast) -> tuple[float, float]:
    """Seconds until the page answered, and until the carrier had the first text."""
    around.carrier.reset()
    began_at, began = time.time(), time.perf_counter()
    answer = client.post(f"/broadcasts/{draft.id}/start")
    written = time.perf_counter() - began
    broadcast = db.session.get_one(Broadcast, draft.id, populate_existing=True)
    assert (answer.status_code, broadcast.state) == (302, BroadcastState.RUNNING)
    db.session.rollback()
    stage.wait_for(lambda: around.carrier.summary()["accepted"] > 0, 60)
    return written, float(around.carrier.summary()["first_arrived_at"]) - began_at


def begins(around: stage.Stage, times: int, volunteers: int) -> bool:
    """From pressing Send to the first text at the carrier, the workers idle."""
    county.build(volunteers)
    _everybody_fits()
    client = _signed_in(around)
    took = []
    with around.worker("--queues", "answers,email"), around.worker():
        time.sleep(4)
        for shift in _open_shifts(times):
            draft = _draft(shift, Pace.WAVES)
            took.append(_press_send(around, client, draft)[1])
            broadcasts.stop(draft.id, draft.by_user_id or 0)
            time.sleep(1.5)
    print(
        f"\nfrom Send to the first text, {len(took)} times, {volunteers:,} volunteers, all fit:"
        f" median {statistics.median(took):.2f} s, worst {max(took):.2f} s"
    )
    return _promised(
        ("seconds, median", statistics.median(took), MEDIAN_BEGIN, "most"),
        ("seconds, at worst", max(took), WORST_BEGIN, "most"),
    )


def many(around: stage.Stage, people: int) -> bool:
    """One request to everybody at once."""
    county.build(people)
    _everybody_fits()
    client = _signed_in(around)
    with around.worker("--queues", "answers,email"), around.worker() as worker:
        time.sleep(4)
        draft = _draft(_open_shifts(1000)[-1], Pace.EVERYONE)
        written, first = _press_send(around, client, draft)
        audience = db.session.get_one(Broadcast, draft.id, populate_existing=True).audience_size
        db.session.rollback()
        began = time.perf_counter()
        stage.wait_for(lambda: around.carrier.summary()["accepted"] >= audience, 1200)
        took = time.perf_counter() - began
        memory = stage.most_memory(worker)
    print(
        f"\none request to {people:,} people, {audience:,} of them fit: the page answers after"
        f" {written:.1f} s, the first text leaves after {first:.1f} s, the last after"
        f" {first + took:.0f} s ({audience / took:.0f} a second); the worker had {memory:.0f} MB"
    )
    return _promised(
        ("seconds until sending begins", first, HUNDRED_THOUSAND_WITHIN, "most"),
        ("MB of a worker", memory, MOST_MEMORY, "most"),
    )


def _promised(*promises: tuple[Any, ...]) -> bool:
    kept = True
    for name, value, limit, *kind in promises:
        holds = value <= limit if kind else value >= limit
        kept &= holds
        word = "at most" if kind else "at least"
        print(f"{'ok    ' if holds else 'BROKEN'} {name}: {value:.2f} ({word} {limit:g})")
    return kept


if __name__ == "__main__":
    if sys.argv[1:3] == ["--as", "bare"]:
        asyncio.run(send_bare(int(sys.argv[3])))
        sys.exit()
    if sys.argv[1:3] == ["--as", "usual"]:
        sys.modules["benchmarks.messages"] = sys.modules[__name__]
        serve_as_usual()
        sys.exit()
    sys.exit(main())
