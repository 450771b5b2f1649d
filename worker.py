"""A worker: `python worker.py [--queues answers,email]`; several may run."""

from __future__ import annotations

import argparse
import sys

from app import create_app
from app.foundation import workers
from app.foundation.queue import QUEUES
from config import ConfigurationError


def main() -> None:
    """Serve the named queues, all by default, and the schedule."""
    parser = argparse.ArgumentParser(description="Serve the queues and the schedule.")
    parser.add_argument(
        "--queues",
        default=",".join(QUEUES),
        help="the queues to serve, in order, with commas between (default: all)",
    )
    parser.add_argument("--burst", action="store_true", help="end once the queues are empty")
    chosen = parser.parse_args()
    queues = [name.strip() for name in chosen.queues.split(",") if name.strip()]
    if unknown := [name for name in queues if name not in QUEUES] or (not queues and ["(none)"]):
        parser.error(f"no such queue: {', '.join(unknown)}; there are {', '.join(QUEUES)}")
    try:
        app = create_app()
    except ConfigurationError as reasons:
        sys.exit(f"Many Hands cannot start:\n{reasons}")
    workers.serve(app, queues, burst=chosen.burst)


if __name__ == "__main__":
    main()
