"""`flask simulator …`: the stand-in carrier's own process."""

from __future__ import annotations

import signal
import threading

from flask.cli import AppGroup

from app.simulator import pump

cli = AppGroup("simulator", help="The stand-in carrier, for development and rehearsals.")


@cli.command("run")
def run() -> None:
    """Deliver texts to the handsets and call the webhooks, until told to stop."""
    stopping = threading.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda *_: stopping.set())
    pump.run(stopping)
