"""The harness itself, small: the real thing is `make chaos`."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = (
    *("--recipients", "200", "--rate", "15", "--kills", "5", "--empties", "1"),
    *("--restarts", "1", "--cuts", "4", "--calm-seconds", "150"),
)


@pytest.mark.chaos
@pytest.mark.timeout(450)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_small_storm_breaks_no_promise(database: str) -> None:
    # Another seed each time; a failure prints it.
    seed = random.SystemRandom().randrange(1, 1 << 31)
    run = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--database", database, "--seed", str(seed), *SMALL],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"seed {seed}\n{run.stdout[-6000:]}\n{run.stderr[-3000:]}"
