"""`python -m tests.chaos`: see docs/chaos.md."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys


def options_of(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; the seed may come from SEED, as `make chaos SEED=7` gives it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Break everything at random while texts are sent, then check the accounts.",
    )
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 0) or None)
    parser.add_argument("--recipients", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=50.0, help="segments a second")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=50, help="of workers, by SIGKILL")
    parser.add_argument("--empties", type=int, default=5, help="FLUSHALL of Redis")
    parser.add_argument("--restarts", type=int, default=2, help="of Redis, with nothing kept")
    parser.add_argument("--cuts", type=int, default=20, help="database connections terminated")
    parser.add_argument("--settles", type=float, default=15.0, help="CARRIER_SETTLES_SECONDS")
    parser.add_argument(
        "--calm-seconds", type=float, default=180.0, help="without any change, at the end"
    )
    parser.add_argument("--keep", action="store_true", help="keep the logs of a good run too")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1, 1 << 31)
    return options


if __name__ == "__main__":
    from tests.chaos.run import main

    # Told to stop, it ends all its processes first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(options_of(sys.argv[1:])))
