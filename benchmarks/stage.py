"""What a benchmark of the engine needs around it: database, Redis, carrier, workers, all real."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ["APP_ENV"] = "test"

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.foundation import local_redis
from app.foundation.extensions import db
from tests import postgresql
from tests.wire import carrier as wire

ROOT = Path(__file__).resolve().parent.parent
FULL_SPEED = "1000000"  # segments a second: nothing is held back by the sender's rate


@dataclass
class Stage:
    """All that runs beside the measured thing."""

    app: Flask
    carrier: wire.Remote
    environment: dict[str, str]

    @contextmanager
    def worker(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """A real worker process for as long as the block lasts."""
        with self.process("worker.py", *options) as process:
            yield process

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """A Python process with the settings of the stage."""
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", *command],
                cwd=ROOT,
                env=self.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            try:
                yield process
            finally:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@contextmanager
def set_up(
    *carrier_options: str, rate: str = FULL_SPEED, database: str = "postgresql"
) -> Iterator[Stage]:
    """An empty, migrated database, a Redis and the stand-in carrier; the app's context is open."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        if database == "postgresql":
            url = stack.enter_context(postgresql.fresh_database())
        else:
            url = f"sqlite:///{folder}/bench.db"
        carrier = stack.enter_context(wire.running(*carrier_options))
        environment = os.environ | {
            "APP_ENV": "test",
            "DATABASE_URL": url,
            "REDIS_URL": stack.enter_context(local_redis.running(folder / "redis")),
            "SECRET_KEY": "secret-of-the-benchmarks-and-of-nothing-else",
            "SMS_PROVIDER": "twilio",
            "TWILIO_ACCOUNT_SID": wire.ACCOUNT,
            "TWILIO_AUTH_TOKEN": wire.AUTH_TOKEN,
            "TWILIO_FROM_NUMBER": "+447700900000",
            "TWILIO_API_URL": carrier.url,
            "SMS_SEGMENTS_PER_SECOND": rate,
            "QUIET_HOURS": "00:00-00:00",
            "DATA_FOLDER": str(folder / "data"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
        }
        os.environ.update(environment)
        app = create_app()
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            try:
                yield Stage(app, carrier, dict(environment))
            finally:
                db.session.remove()
                db.engine.dispose()


def most_memory(process: subprocess.Popen[bytes]) -> float:
    """The most memory that a process has had so far, in MB."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError("This system does not tell a process's memory.")


def wait_for(holds: object, seconds: float = 120) -> None:
    """Ask again and again until it holds. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError("It did not come to pass.")
        time.sleep(0.02)


def warn_if_busy() -> None:
    """Say when others are at work on this machine, which makes every figure too slow."""
    waiting, cores = os.getloadavg()[0], os.cpu_count() or 1
    if waiting > cores + 1:
        print(f"The machine is busy ({waiting:.0f} at work on {cores} cores): too slow.")
