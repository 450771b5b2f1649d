"""One run: set the stage, press Send, break what can be broken, wait for calm, judge."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from app.foundation import local_redis
from tests import postgresql
from tests.chaos import books, county, stage
from tests.chaos.plan import Amounts, Event, Kind, plan
from tests.chaos.verdict import PROMISES, Verdict, judge
from tests.wire import carrier

REDIS_AWAY: Final = 1.5  # seconds between its end and its new beginning
LOOK: Final = 0.05
SAY_EVERY: Final = 10.0


class Run:
    """A run of the harness; `options` are those of `tests.chaos.__main__`."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options = options
        self.folder = folder
        self.done: Counter[Kind] = Counter()
        self.kills_in_time = 0
        self.seconds_of_calm = 0.0
        self._dice = random.Random(options.seed)
        self._redis_returns_at: float | None = None

    def perform(self) -> Verdict:
        """Everything, from an empty database to the verdict."""
        options = self.options
        with ExitStack() as stack:
            url = stack.enter_context(_database(options.database, self.folder))
            self.redis = stage.RedisServer(self.folder / "redis")
            stack.callback(lambda: self.redis.end())
            port = local_redis.free_port()
            self.log = self.folder / "carrier.jsonl"
            self.carrier = stack.enter_context(carrier.running(*self._faults(port)))
            environment = self._environment(url, port)
            self.engine: Engine = books.engine_of(url)
            drafted, send = _prepared(environment, options, self._dice)
            books.bear_witness(self.engine)
            self.web = stage.web(port, environment, self.folder)
            stack.callback(self.web.stop)
            self.workers = [
                stage.worker(n, environment, self.folder) for n in range(options.workers)
            ]
            for player in self.workers:
                stack.callback(player.stop)

            audience = send()
            rate = options.rate / drafted.segments
            seconds = len(audience) / rate
            self._say(f"{len(audience):,} people are to be asked, {rate:g} a second at most")
            stage.until_it_answers(lambda: self.carrier.summary()["accepted"], "the first text")
            self._break_things(audience, seconds)
            self._wait_for_calm()
            self.said_by_carrier = self.carrier.summary()
            for player in (*self.workers, self.web):
                player.stop()
            accounts = books.accounts(self.engine, self.log, drafted.broadcast_id)
            books.keep(accounts, self.folder)
            return judge(accounts)

    def _faults(self, port: int) -> list[str]:
        shares = {
            "seed": self.options.seed,
            "log": self.log,
            "public-url": f"http://127.0.0.1:{port}",
            # Slow, so that each kill finds texts in the air; and silent about one in four,
            # so that the list has to tell what became of them.
            "latency-ms": 300,
            "jitter-ms": 700,
            "never": 0.25,
            "list-lag-ms": 200 * self.options.settles,  # a fifth of what we allow it
            "too-many": 0.05,
            "error": 0.01,
            "drop": 0.01,
            "hang": 0.005,
            "hang-seconds": 14,
            "doubled": 0.2,
            "late": 0.05,
        }
        pairs = (part for name, value in shares.items() for part in (f"--{name}", str(value)))
        return ["--callbacks", *pairs]

    def _environment(self, url: str, port: int) -> dict[str, str]:
        return stage.surroundings() | {
            "APP_ENV": "development",
            "DATABASE_URL": url,
            "REDIS_URL": self.redis.url,
            "DATA_FOLDER": str(self.folder),
            "FLASK_APP": "wsgi:app",
            "PYTHONUNBUFFERED": "1",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SMS_PROVIDER": "twilio",
            "TWILIO_ACCOUNT_SID": carrier.ACCOUNT,
            "TWILIO_AUTH_TOKEN": carrier.AUTH_TOKEN,
            "TWILIO_FROM_NUMBER": county.US,
            "TWILIO_API_URL": self.carrier.url,
            "SMS_SEGMENTS_PER_SECOND": str(self.options.rate),
            "CARRIER_SETTLES_SECONDS": f"{self.options.settles:g}",
            "QUIET_HOURS": "00:00-00:00",  # the same: no hour is quiet
        }

    # The storm

    def _break_things(self, audience: list[str], seconds: float) -> None:
        options = self.options
        postgres = options.database == "postgresql"
        amounts = Amounts(
            kills=options.kills,
            empties=options.empties,
            restarts=options.restarts,
            cuts=options.cuts if postgres else 0,
            stops=len(audience) // 20,
            yeses=len(audience) // 50,
        )
        writers = _Writers(audience, self._dice)
        waiting = plan(options.seed, seconds, amounts)
        began = said = time.monotonic()
        while waiting or self._redis_returns_at is not None:
            now = time.monotonic()
            while waiting and waiting[0].at <= now - began:
                self._strike(waiting.pop(0), writers)
            self._look_after(now)
            if now - said > SAY_EVERY:
                said = now
                self._progress(now - began)
            time.sleep(LOOK)
        self._progress(time.monotonic() - began)

    def _strike(self, event: Event, writers: _Writers) -> None:
        match event.kind:
            case Kind.KILL:
                living = [player for player in self.workers if player.lives()]
                if not living:
                    raise RuntimeError("No worker is left to kill.")
                living[int(event.draw * len(living))].kill()
                left = books.unfinished(self.engine)
                self.kills_in_time += bool(left.keys() & {"queued", "leased", "sending"})
            case Kind.EMPTY_REDIS:
                if self._redis_returns_at is not None:
                    self._redis_is_back()
                self.redis.empty()
            case Kind.RESTART_REDIS:
                if self._redis_returns_at is not None:
                    self._redis_is_back()
                self.redis.end()
                self._redis_returns_at = time.monotonic() + REDIS_AWAY
            case Kind.CUT:
                if not books.cut_one(self.engine, event.draw):
                    return
            case Kind.STOP:
                # Every other comes from somebody whose text is about to leave.
                leaving = books.about_to_leave(self.engine) if event.draw < 0.5 else []
                self.carrier.inbound(writers.one(leaving), "STOP", county.US)
            case Kind.YES:
                self.carrier.inbound(writers.one(), "YES", county.US)
        self.done[event.kind] += 1

    def _look_after(self, now: float) -> None:
        for player in (*self.workers, self.web):
            player.look_after()
        if self._redis_returns_at is not None and now >= self._redis_returns_at:
            self._redis_is_back()

    def _redis_is_back(self) -> None:
        self.redis.begin()
        self._redis_returns_at = None

    # The calm

    def _wait_for_calm(self) -> None:
        """Nothing is broken any more, and nobody helps: all must come home by itself.

        It has as long as it needs, but not longer than `--calm-seconds` without any change.
        """
        began = said = changed = time.monotonic()
        before: object = None
        looks_at_rest = 0
        # Three looks in a row: nothing was only between two states.
        while looks_at_rest < 3 and time.monotonic() - changed < self.options.calm_seconds:
            now = time.monotonic()
            self._look_after(now)
            summary, left = self.carrier.summary(), books.unfinished(self.engine)
            state = (summary["accepted"], summary["calls_open"], left)
            if state != before:
                before, changed = state, now
            looks_at_rest = 0 if left or summary["calls_open"] else looks_at_rest + 1
            if now - said > SAY_EVERY:
                said = now
                self._progress(now - began, calm=True)
            time.sleep(1)
        self.seconds_of_calm = time.monotonic() - began

    # What is told

    def _progress(self, seconds: float, *, calm: bool = False) -> None:
        said = self.carrier.summary()
        left = books.unfinished(self.engine)
        self._say(
            f"{'calm, ' if calm else ''}{seconds:4.0f} s: the carrier has {said['accepted']:,}; "
            f"{said['calls_open']:,} calls to come; "
            + (", ".join(f"{number:,} {state}" for state, number in left.items()) or "all at rest")
            + ("" if calm else f"; {self.done[Kind.KILL]} kills")
        )

    def _say(self, what: str) -> None:
        print(what, flush=True)

    def enough_was_broken(self) -> list[str]:
        """What the plan demanded and was not done, in words: such a run proves nothing."""
        options = self.options
        wanted = {
            Kind.KILL: options.kills,
            Kind.EMPTY_REDIS: options.empties,
            Kind.RESTART_REDIS: options.restarts,
            Kind.CUT: options.cuts if options.database == "postgresql" else 0,
        }
        missing = [
            f"{kind}: {self.done[kind]} times of {number}"
            for kind, number in wanted.items()
            if self.done[kind] < number
        ]
        if self.kills_in_time < options.kills:
            missing.append(
                f"only {self.kills_in_time} of {options.kills} kills fell into the sending: "
                "give it a lower --rate"
            )
        return missing

    def report(self, verdict: Verdict) -> bool:
        """Print the accounts; whether every promise was kept and enough was broken."""
        options = self.options
        print(f"\nSeed {options.seed}, {options.database}\n\nWhat was broken")
        for kind in Kind:
            print(f"  {self.done[kind]:>7,}  {kind}")
        died = sum(player.died_by_itself for player in (*self.workers, self.web))
        print(f"  {died:>7,}  process ended by itself")
        for name, number in sorted(self.said_by_carrier["requests"].items()):
            print(f"  {number:>7,}  request at the carrier: {name.replace('_', ' ')}")
        for name, number in sorted(self.said_by_carrier["calls"].items()):
            print(f"  {number:>7,}  call by the carrier: {name}")
        print("\nWhat came of it")
        for name, count in verdict.counts.items():
            print(f"  {count:>7,}  {name}")
        states = ", ".join(
            f"{number:,} {state}" for state, number in sorted(verdict.states.items())
        )
        print(f"  asks by state: {states}, together {verdict.states.total():,}")
        print(f"  all at rest after {self.seconds_of_calm:.0f} s of calm")
        print("\nPromises")
        for promise in PROMISES:
            breaches = verdict.broken(promise)
            print(f"  {'BROKEN' if breaches else 'kept  '}  {promise}")
            for breach in breaches:
                some = ", ".join(map(str, breach.ids[:20])) + (" ..." if breach.ids[20:] else "")
                print(f"          {len(breach.ids):,} {breach.what}: {some}")
        missing = self.enough_was_broken()
        for what in missing:
            print(f"  TOO CALM  {what}")
        return not verdict.breaches and not missing


class _Writers:
    """Who writes next. Each person does so once at most, so that answers can be told apart."""

    def __init__(self, audience: Sequence[str], dice: random.Random) -> None:
        self._others = iter(dice.sample(audience, len(audience)))
        self._wrote: set[str] = set()

    def one(self, preferred: Iterable[str] = ()) -> str:
        """The first of these who has not written yet, else anybody."""
        who = next(one for one in chain(preferred, self._others) if one not in self._wrote)
        self._wrote.add(who)
        return who


def _prepared(
    environment: dict[str, str], options: argparse.Namespace, dice: random.Random
) -> tuple[county.Drafted, Callable[[], list[str]]]:
    """An app on the new database, filled; the draft, and what presses Send."""
    os.environ.clear()
    os.environ.update(environment)
    from flask_migrate import upgrade  # noqa: PLC0415 - the environment comes first

    from app import create_app  # noqa: PLC0415
    from app.foundation.extensions import db  # noqa: PLC0415

    app = create_app()
    with app.app_context():
        upgrade(directory=str(stage.ROOT / "migrations"))
        drafted = county.fill(options.recipients, options.recipients // 10, dice)
        db.session.remove()
        db.engine.dispose()

    def send() -> list[str]:
        with app.app_context():
            try:
                return county.send(drafted)
            finally:
                db.session.remove()
                db.engine.dispose()

    return drafted, send


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/chaos.db"
        return
    with postgresql.fresh_database() as url:
        yield url


def main(options: argparse.Namespace) -> int:
    """A run and its report; 0 when every promise was kept."""
    folder = Path(tempfile.mkdtemp(prefix="many-hands-chaos-"))
    print(f"Chaos with seed {options.seed} on {options.database}", flush=True)
    run = Run(options, folder)
    kept = run.report(run.perform())
    if kept and not options.keep:
        shutil.rmtree(folder)
    else:
        print(f"\nThe logs of all processes are in {folder}")
    return 0 if kept else 1
