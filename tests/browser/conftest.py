"""The whole of Many Hands, started as `make run` starts it, and a real Chromium before it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.foundation import clock
from tests.browser import hour

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        if (path := shutil.which(name))
    ),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "many-hands-demo"
NewContext = Callable[..., BrowserContext]
Tell = Callable[[str], None]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(600))


@dataclass(frozen=True)
class Running:
    """Where the started site answers, and where its mail lies."""

    url: str
    folder: Path


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Have a figure read at the end of the run."""
    return lambda figure: record_property("figure", figure)


@pytest.fixture(scope="session")
def ahead(pytestconfig: pytest.Config) -> timedelta:
    """How far the site's clock is ahead, so that a journey is the same at each hour of the day."""
    return hour.until(pytestconfig.getoption("--at"))


@pytest.fixture(autouse=True)
def _by_the_clock_of_the_site(ahead: timedelta) -> Iterator[None]:
    clock.set_ahead(ahead)
    yield
    clock.set_ahead(timedelta())


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, ahead: timedelta) -> Iterator[Running]:
    """Many Hands with its demo county, its workers and its simulator."""
    with running(tmp_path_factory.mktemp("site"), ahead) as started:
        yield started


@contextmanager
def running(folder: Path, ahead: timedelta) -> Iterator[Running]:
    """Start all of it as `make run` does, with its data in a folder; end it at the end.

    Its clock is `ahead` of the real one.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "PORT": str(port),
        "DATA_FOLDER": str(folder),
        # The journeys are the same at night.
        "QUIET_HOURS": "00:00-00:00",
        "SMS_SEGMENTS_PER_SECOND": "50",
        "CLOCK_AHEAD_SECONDS": str(ahead.total_seconds()),
    }
    url = f"http://127.0.0.1:{port}"
    with (folder / "site.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "run.py")],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
        try:
            _wait_until_ready(f"{url}/readyz", process, folder / "site.log")
            yield Running(url, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError(f"The site did not start:\n{log.read_text()[-4000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have a Chromium.")
        pytest.skip("NO CHROMIUM WAS FOUND: the browser tests did not run.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=FLAGS,
        )
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium: Browser, site: Running) -> Iterator[Callable[..., BrowserContext]]:
    """Make a browser of one's own: `new_context(viewport=PHONE, java_script_enabled=False)`."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        options = {"viewport": DESKTOP, "base_url": site.url, "locale": "en-GB", **options}
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


def sign_in(page: Page, email: str) -> None:
    """Sign in with the demo's password, through the screen."""
    page.goto("/sign-in")
    page.get_by_label("Email address").first.fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
