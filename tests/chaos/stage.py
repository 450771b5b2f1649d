"""The processes of a run: real ones, each started again when it has died."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from redis import Redis, RedisError

from app.foundation import local_redis

ROOT: Final = Path(__file__).resolve().parents[2]
_PR_SET_PDEATHSIG: Final = 1


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Player:
    """A process with a log, started again whenever `look_after` finds it dead."""

    def __init__(
        self, name: str, command: Sequence[str], environment: dict[str, str], folder: Path
    ) -> None:
        self.name = name
        self.starts = 0
        self.died_by_itself = 0
        self._command = list(command)
        self._environment = environment
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,
                start_new_session=True,
            )
        self.starts += 1
        self._killed = False

    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL: nothing can be tidied up, not even a transaction."""
        assert self._process is not None
        self._killed = True
        self._process.kill()
        self._process.wait()

    def look_after(self) -> None:
        """Start it again if it has died."""
        if not self.lives():
            if not self._killed:
                self.died_by_itself += 1
            self.start()

    def stop(self) -> None:
        """End it in good order, by force when it takes too long."""
        if self._process is None or not self.lives():
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class RedisServer:
    """A Redis that can be emptied, and restarted at the same address with nothing in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process, self.url = local_redis.start(folder, durable=False)
        self._port = self.url.rpartition(":")[2].partition("/")[0]

    def empty(self) -> None:
        with Redis.from_url(self.url, socket_timeout=5) as client:
            client.flushall()

    def end(self) -> None:
        local_redis.stop(self._process)

    def begin(self) -> None:
        """Start it again where it was."""
        program = str(local_redis.find_executable())
        options = ("--port", self._port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, *options],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,
                start_new_session=True,
            )
        until_it_answers(self._ping, "Redis")

    def _ping(self) -> bool:
        with contextlib.suppress(RedisError), Redis.from_url(self.url, socket_timeout=1) as client:
            return bool(client.ping())
        return False


def web(port: int, environment: dict[str, str], folder: Path) -> Player:
    """The web server, as it runs in production."""
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--threads", "4", "--log-level", "warning"]
    command += ["--no-control-socket", "--graceful-timeout", "5"]
    player = Player("web", command, environment, folder)
    player.start()
    until_it_answers(lambda: _healthy(port), "the web server")
    return player


def worker(n: int, environment: dict[str, str], folder: Path) -> Player:
    player = Player(f"worker-{n}", [sys.executable, "worker.py"], environment, folder)
    player.start()
    return player


def _healthy(port: int) -> bool:
    with (
        contextlib.suppress(urllib.error.URLError, OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response,
    ):
        return bool(response.status == 200)
    return False


def until_it_answers(answers: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until the call says yes; raises `RuntimeError` when that takes too long."""
    end = time.monotonic() + seconds
    while not answers():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not come up within {seconds:g} s")
        time.sleep(0.05)


def surroundings() -> dict[str, str]:
    """The environment of this process without any setting of the service's own."""
    from config import SETTINGS  # noqa: PLC0415 - where the path comes first

    return {name: value for name, value in os.environ.items() if name not in SETTINGS}
