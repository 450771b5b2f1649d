"""What comes in, and how soon it is answered: `make bench-replies`.

Everything is real but the carrier and its phones: PostgreSQL, Redis, gunicorn
as the image runs it, two `worker.py` as `make run` and compose start them. The
load comes from a process of its own. Four parts:

- **webhook**: our webhook beside a bare Flask route that checks the signature
  and commits one row, in turn, round after round; the median of the ratios.
- **at once**: a thousand YES in the same moment for fifty places, while their
  request is being sent.
- **steady**: a hundred replies a second for half a minute.
- **bulk**: ten replies a second while 20,000 texts are being sent.

An answer has left when the carrier's own log has it. Ends with 1 when a
promise is broken.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, insert, select, text
from twilio.request_validator import RequestValidator

from app.accounts.models import CountyRole
from app.broadcasts import service as broadcasts
from app.broadcasts.models import Broadcast, Pace
from app.foundation import clock, local_redis
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.inbox.models import Reply, ReplyState
from app.messaging.models import Message
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer
from benchmarks import stage  # the path comes first, and this sets the environment
from benchmarks.load import Call, Load, Result
from tests import factories
from tests.wire import carrier as wire

PUBLIC = "https://many-hands.example.org"
SMS = "/webhooks/twilio/sms"
# As in the Dockerfile, but for the restarts after so many requests.
GUNICORN = ("--workers", "4", "--threads", "4", "--keep-alive", "5", "--no-control-socket")
# Of benchmarks/bare.py: no key but its number.
BARE_TABLE = """CREATE TABLE bare_reply (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_address VARCHAR(40) NOT NULL, body TEXT NOT NULL, payload JSON NOT NULL
)"""
CONNECTIONS = 16
OF_BARE = 0.7
P95_MS, FAR_FROM_15_S, WITHIN, SHARE_WITHIN = 300, 5_000, 2.0, 0.95
PLACES = 50

_sids = itertools.count(1)
_signer = RequestValidator(wire.AUTH_TOKEN)
_broken: list[str] = []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=3000, help="in each round, for each of both")
    parser.add_argument("--at-once", type=int, default=1000)
    parser.add_argument("--steady", type=int, default=3000, help="replies, at 100 a second")
    parser.add_argument("--bulk", type=int, default=20_000)
    parser.add_argument("--bulk-rate", default="400", help="segments a second")
    parser.add_argument("--part", choices=["webhook", "at-once", "steady", "bulk"], action="append")
    said = parser.parse_args()
    logging.disable(logging.WARNING)
    parts = said.part or ["webhook", "at-once", "steady", "bulk"]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        log = Path(folder) / "carrier.log"
        options = ("--latency-ms", "80", "--log", str(log))
        with stage.set_up(*options, rate=said.bulk_rate) as around:
            if "webhook" in parts:
                webhook(around, said.rounds, said.calls)
            with ExitStack() as running:
                site = running.enter_context(served(around, "wsgi:app"))
                running.enter_context(around.worker("--queues", "answers,email"))
                running.enter_context(around.worker())
                time.sleep(4)
                if "at-once" in parts:
                    at_once(site, log, said.at_once)
                if "steady" in parts:
                    steady(site, log, said.steady)
                if "bulk" in parts:
                    bulk(site, log, said.bulk)
    stage.warn_if_busy()
    for promise in _broken:
        print(f"broken: {promise}")
    return 1 if _broken else 0


def promise(words: str, kept: bool) -> None:
    """Say whether it holds, and remember when it does not."""
    print(f"  {'kept  ' if kept else 'BROKEN'} {words}", flush=True)
    if not kept:
        _broken.append(words)


# The webhook beside the bare route


def webhook(around: stage.Stage, rounds: int, calls: int) -> None:
    """Both served at once, called in turn; who begins changes with each round."""
    with db.engine.begin() as connection:
        connection.execute(text(BARE_TABLE))
    ratios: list[float] = []
    rates: dict[str, list[float]] = {"bare": [], "ours": []}
    with served(around, "benchmarks.bare:app") as bare, served(around, "wsgi:app") as ours:
        addresses = {"bare": (bare, "/bare"), "ours": (ours, SMS)}
        for number in range(-1, rounds):
            order = ["bare", "ours"] if number % 2 else ["ours", "bare"]
            found = {name: _called(*addresses[name], calls) for name in order}
            if number < 0:
                continue  # the processes have made their connections
            for name, result in found.items():
                rates[name].append(result.per_second)
            ratios.append(found["ours"].per_second / found["bare"].per_second)
        status = _called(ours, "/webhooks/twilio/status?m=nobody", calls)
    print(f"\nwebhook, {rounds} rounds of {calls:,} calls over {CONNECTIONS} connections")
    for name, found_rates in rates.items():
        lowest, highest = min(found_rates), max(found_rates)
        middle = statistics.median(found_rates)
        print(f"  {name:<8}{middle:>7.0f} a second, from {lowest:.0f} to {highest:.0f}")
    print(f"  {'status':<8}{status.per_second:>7.0f} a second")
    ratio = statistics.median(ratios)
    promise(f"at least {OF_BARE} of the bare route: {ratio:.2f}", ratio >= OF_BARE)


def _called(site: str, path: str, calls: int) -> Result:
    result = Load(
        f"{site}{path}", [call(path, "27 YES") for _ in range(calls)], connections=CONNECTIONS
    ).result()
    assert set(result.statuses) <= {"200", "204"}, result.statuses
    return result


def call(path: str, body: str, sender: str = "+447700900001") -> Call:
    """A text as the carrier brings it: the form's body and its signature."""
    sid = f"SM{next(_sids):032d}"
    form = {
        "ToCountry": "GB",
        "ToState": "",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": body,
        "FromCountry": "GB",
        "To": "+447700900000",
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": wire.ACCOUNT,
        "From": sender,
        "ApiVersion": "2010-04-01",
    }
    return urlencode(form), str(_signer.compute_signature(PUBLIC + path, form))


@contextmanager
def served(around: stage.Stage, what: str) -> Iterator[str]:
    """An application under gunicorn, as production has it; its address."""
    port = local_redis.free_port()
    environment = around.environment | {
        "APP_ENV": "production",
        "PUBLIC_URL": PUBLIC,
        "SMTP_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "Many Hands <hello@many-hands.example.org>",
    }
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", what, "--bind", f"127.0.0.1:{port}", *GUNICORN],
            cwd=stage.ROOT,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            stage.wait_for(lambda: _answers(f"http://127.0.0.1:{port}/healthz"))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(40)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True  # whoever says that there is no such page is there
    except OSError:
        return False
    return True


# Replies to a request


def at_once(site: str, log: Path, number: int) -> None:
    """Everybody answers in the same second, for fewer places, while they are being asked."""
    broadcast, phones = request(3 * number, places=PLACES)
    print(f"\n{number:,} YES at once for {PLACES} places, while {len(phones):,} are being asked")
    began_at = clock.now()
    calls = [call(SMS, f"{broadcast.number} YES", phone) for phone in phones[:number]]
    result = Load(f"{site}{SMS}", calls, connections=200).result()
    answered = _answered(log, began_at, number)
    standings = Counter(db.session.scalars(select(Signup.standing)))
    order = db.session.execute(
        select(Reply.id, Signup.standing, Signup.id)
        .join(Signup, Signup.volunteer_id == Reply.volunteer_id)
        .order_by(Reply.id)
    ).all()
    db.session.rollback()
    first = {row[1] for row in order[:PLACES]}
    in_order = [row[2] for row in order] == sorted(row[2] for row in order)
    worst = max(result.milliseconds)
    print(f"  taken in {result.seconds:.1f} s, {_spread(answered)}")
    promise(f"all stored: {result.statuses}", result.statuses == {"200": number})
    promise(f"the slowest webhook far from 15 s: {worst:.0f} ms", worst < FAR_FROM_15_S)
    exact = {Standing.CONFIRMED: PLACES, Standing.WAITING: number - PLACES}
    promise(f"places exact: {_named(standings)}", standings == exact)
    promise("in the order of arrival", in_order and first == {Standing.CONFIRMED})
    promise(f"all answered: {len(answered):,}", len(answered) == number)


def steady(site: str, log: Path, number: int) -> None:
    """A hundred a second, one after another."""
    broadcast, phones = request(number, places=number + 1)
    _wait_until_all_left()
    print(f"\n100 replies a second, {number:,} in all")
    began_at = clock.now()
    calls = [call(SMS, f"{broadcast.number} YES", phone) for phone in phones[:number]]
    result = Load(f"{site}{SMS}", calls, connections=100, rate=100).result()
    answered = _answered(log, began_at, number)
    p95 = result.at(0.95)
    print(f"  webhook: median {result.at(0.5):.0f} ms, {_spread(answered)}")
    promise(f"95 in 100 webhooks within {P95_MS} ms: {p95:.0f} ms", p95 < P95_MS)
    promise(f"all answered: {len(answered):,}", len(answered) == number)


def bulk(site: str, log: Path, people: int) -> None:
    """Ten a second, for as long as a request to very many people is being sent."""
    broadcast, phones = request(people, places=people)
    replies = min(300, people)
    print(f"\nten replies a second while {len(phones):,} texts are being sent")
    began_at = clock.now()
    calls = [call(SMS, f"{broadcast.number} YES", phone) for phone in phones[:replies]]
    Load(f"{site}{SMS}", calls, connections=50, rate=10).result()
    still = _waiting()
    answered = _answered(log, began_at, replies)
    in_time = sum(seconds <= WITHIN for seconds in answered) / replies
    print(f"  {_spread(answered)}; {still:,} texts had still to leave")
    promise("the request was being sent all the while", still > 0)
    words = f"95 in 100 answers leave within {WITHIN:.0f} s: {in_time:.1%}"
    promise(words, in_time >= SHARE_WITHIN)


def request(people: int, places: int) -> tuple[Broadcast, list[str]]:
    """A request that has begun to ask so many people at once; it, and their phones."""
    phones = _people(people)
    starts_at = clock.now() + timedelta(days=2, hours=3 * next(_sids))
    shift = factories.shift(places=places, starts_at=starts_at)
    boss_id = factories.user(county_role=CountyRole.COORDINATOR).id
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))
    draft = broadcasts.draft([shift.id], boss_id)
    broadcasts.word(draft.id, draft.text, pace=Pace.EVERYONE)
    already = _waiting()
    broadcasts.start(draft.id, boss_id)
    stage.wait_for(lambda: _waiting() > already or _sent_of(draft.id))
    return db.session.get_one(Broadcast, draft.id, populate_existing=True), phones


def _people(number: int) -> list[str]:
    """So many volunteers who can be reached by text alone; those of before are gone from reach."""
    template = factories.volunteer(email=None, email_verified_at=None, asks_per_week=50)
    db.session.refresh(template)
    columns = [column.name for column in Volunteer.__table__.columns if column.name != "id"]
    row = {name: getattr(template, name) for name in columns}
    phones = [f"+4477{next(_sids):08d}" for _ in range(number)]
    with transaction():
        db.session.execute(Volunteer.__table__.update().values(sms_consent_at=None))
        rows = [row | {"name": f"Volunteer {phone}", "phone": phone} for phone in phones]
        db.session.execute(insert(Volunteer), rows)
    return phones


def _sent_of(broadcast_id: int) -> bool:
    run_id = select(Broadcast.run_id).where(Broadcast.id == broadcast_id).scalar_subquery()
    found = db.session.scalar(select(func.count()).where(Message.run_id == run_id))
    db.session.rollback()
    return bool(found)


def _waiting() -> int:
    queued = Message.state.in_(("queued", "leased", "sending"))
    number = db.session.scalar(select(func.count()).select_from(Message).where(queued))
    db.session.rollback()
    return number or 0


def _wait_until_all_left() -> None:
    stage.wait_for(lambda: _waiting() == 0, 300)


def _answered(log: Path, since: datetime, number: int, seconds: float = 120) -> list[float]:
    """Once all are processed and answered: the seconds from each reply to its answer's leaving."""

    def processed() -> bool:
        left = db.session.scalar(
            select(func.count()).where(Reply.state == ReplyState.NEW, Reply.created_at >= since)
        )
        answers = select(func.count()).where(
            Message.purpose == "answer",
            Message.created_at >= since,
            Message.carrier_id.is_not(None),
        )
        gone = db.session.scalar(answers)
        db.session.rollback()
        return left == 0 and (gone or 0) >= number

    try:
        stage.wait_for(processed, seconds)
    except TimeoutError:
        print("  not all were answered in time")
    arrived = {
        line["sid"]: float(line["arrived_at"])
        for line in map(json.loads, log.read_text().splitlines())
        if "arrived_at" in line
    }
    rows = db.session.execute(
        select(Reply.created_at, Message.carrier_id)
        .join(Message, Message.cause == func.concat("reply:", Reply.id))
        .where(Reply.created_at >= since, Message.carrier_id.is_not(None))
    ).all()
    db.session.rollback()
    return [
        (datetime.fromtimestamp(arrived[sid], UTC) - came_at).total_seconds()
        for came_at, sid in rows
        if sid in arrived
    ]


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "no answer left"
    ordered = sorted(seconds)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    middle = statistics.median(ordered)
    return f"an answer left after {middle:.2f} s (median), {p95:.2f} s (95 in 100), " + (
        f"{ordered[-1]:.2f} s (the last)"
    )


def _named(standings: Counter[Any]) -> str:
    return ", ".join(f"{number} {standing}" for standing, number in standings.items())


if __name__ == "__main__":
    sys.exit(main())
