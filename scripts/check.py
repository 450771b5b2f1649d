"""`make test` and `make check`: every step, then what each of them said.

`check.py test` runs the suite on SQLite and on PostgreSQL, then a small storm
on both at once (tests/chaos), then the browser tests once. `check.py test lint`
adds ruff, mypy and the import contracts. All steps run even when one fails, so
that one look shows all that is wrong.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
PROCESSES = os.environ.get("TEST_PROCESSES", "2")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Outcome:
    """How one step went, and in words."""

    step: str
    passed: bool
    said: str
    counts: Counter[str] = field(default_factory=Counter)


def tests(name: str, *options: str) -> Outcome:
    """Run pytest and count what came of it; no test at all is a failure."""
    report = RESULTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    print(f"\n=== Tests: {name} " + "=" * 50, flush=True)
    began = time.monotonic()
    code = python("-m", "pytest", f"--junitxml={report}", *options)
    counts = counted(report)
    said = f"{in_words(counts) or 'nothing ran'} in {time.monotonic() - began:.0f} s"
    return Outcome(name, code == 0, said, counts)


def in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {word}" for word, number in counts.items() if number)


def counted(report: Path) -> Counter[str]:
    """The numbers of one JUnit report, in pytest's words."""
    try:
        suite = ElementTree.parse(report).getroot().find("testsuite")
    except (OSError, ElementTree.ParseError):
        suite = None
    if suite is None:
        return Counter()
    number = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    passed = number["tests"] - number["failures"] - number["errors"] - number["skipped"]
    return Counter(
        passed=passed,
        failed=number["failures"],
        errors=number["errors"],
        skipped=number["skipped"],
    )


def browser_tests() -> Outcome:
    """The browser tests, where there is a Chromium; CI must have one."""
    if any(shutil.which(name) for name in BROWSERS):
        # One after the other: a browser and its site leave no processor idle.
        return tests("browser", "tests/browser")
    required = os.environ.get("CI") == "true"
    said = "NOT RUN: no Chromium was found; install it (apt-get install chromium)"
    print("\n" + "!" * 72 + f"\n!! Browser tests {said}\n" + "!" * 72, flush=True)
    return Outcome("browser", not required, said)


def python(*arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode


def lint(name: str, *arguments: str) -> Outcome:
    print(f"\n=== {name} " + "=" * 50, flush=True)
    code = python(*arguments)
    return Outcome(name, code == 0, "clean" if code == 0 else "see above")


def main(wanted: list[str]) -> int:
    RESULTS.mkdir(exist_ok=True)
    outcomes: list[Outcome] = []
    if "lint" in wanted:
        outcomes += [
            lint("ruff check", "-m", "ruff", "check", "."),
            lint("ruff format", "-m", "ruff", "format", "--check", "."),
            lint("mypy", "-m", "mypy"),
            lint(
                "import contracts",
                *("-c", "from importlinter.cli import lint_imports_command as c; c()"),
            ),
        ]
    if "test" in wanted:
        # A file by one process: what is made once for a file is made once.
        both = ("-n", PROCESSES, "--dist", "loadfile", "-m", "not browser and not chaos")
        outcomes += [
            tests("sqlite", "--database", "sqlite", *both),
            tests("postgresql", "--database", "postgresql", *both),
            # Mostly waiting, for leases and a slow carrier: the two databases side by side.
            tests("chaos", "-n", "2", "-m", "chaos", "tests/chaos"),
            browser_tests(),
        ]
    print("\n=== In short " + "=" * 58)
    for outcome in outcomes:
        print(f"{'ok    ' if outcome.passed else 'FAILED'}  {outcome.step:<18}{outcome.said}")
    if total := in_words(sum((outcome.counts for outcome in outcomes), Counter())):
        print(f"=== {total} ===")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
