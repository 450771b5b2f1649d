"""`make run`: everything under one supervisor, which stops it all together.

Starts Redis when none is given, brings the database up to date, fills it with
the demo county once, then runs the web server, two workers, the simulator and
a mail catcher. Ends them all on Ctrl-C, on SIGTERM, and when one of them ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Popen, Process

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import config  # noqa: E402 - the path comes first


def _local_redis() -> Any:
    """The module alone: through its package, the whole application would come along, a second."""
    place = ROOT / "app" / "foundation" / "local_redis.py"
    spec = importlib.util.spec_from_file_location("local_redis", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


local_redis = _local_redis()
HOST = "127.0.0.1"
PR_SET_PDEATHSIG = 1


class CannotRun(Exception):
    """What stands in the way, in one sentence for the person at the keyboard."""


def die_with_parent(signum: int = signal.SIGTERM) -> None:
    """Have the kernel end this process with its parent, even one that was killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signum)


class TiedPopen(Popen):  # type: ignore[misc] # honcho has no types
    def __init__(self, command: str, **options: Any) -> None:
        super().__init__(command, preexec_fn=die_with_parent, **options)


class TiedProcess(Process):  # type: ignore[misc] # honcho has no types
    """A process of the supervisor that never outlives it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._child_ctor = TiedPopen

    def run(self, *args: Any, **options: Any) -> None:
        die_with_parent(signal.SIGKILL)  # this one only reads; its child ends in good order
        super().run(*args, **options)


def main() -> int:
    os.chdir(ROOT)
    port = wanted_port()
    folder = data_folder()
    lock = only_one(folder)
    environment = settings(port, folder)
    redis = None
    try:
        if "REDIS_URL" not in environment:
            redis, environment["REDIS_URL"] = start_redis(folder)
        commands = {"web": web(port)}
        if not environment.get("SMTP_URL"):
            commands["mail"] = mail_catcher(environment, folder)
        write_environment(folder, environment)
        about = prepare(environment, folder)
        # The rest gives way to the web server while all of them start: pages come first.
        python = ["nice", "-n", "5", sys.executable]
        commands |= {
            # A long send never delays an answer: this one serves no bulk.
            "worker-1": [*python, "worker.py", "--queues", "answers,email"],
            "worker-2": [*python, "worker.py"],
        }
        if environment.get("SMS_PROVIDER", "simulator") == "simulator":
            commands["simulator"] = [*python, "-m", "flask", "simulator", "run"]
        return supervise(commands, environment, port, about["sign_ins"], redis)
    finally:
        if redis is not None:
            local_redis.stop(redis)
        lock.close()


def wanted_port() -> int:
    """The port to serve, after a look that it is free."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {text!r}.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise CannotRun(f"Port {port} is for the system; try make run PORT=8010.") from None
        except OSError:
            raise CannotRun(
                f"Port {port} is in use by another program; try make run PORT={port + 10}."
            ) from None
    return port


def data_folder() -> Path:
    """The folder of the database, Redis and the mail, after a look that it can be written."""
    folder = Path(os.environ.get("DATA_FOLDER") or ROOT / "instance").resolve()
    trial = folder / f".trial-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as error:
        raise CannotRun(
            f"The data folder {folder} cannot be written to ({error.strerror}); "
            "make it writable or set DATA_FOLDER to another."
        ) from None
    return folder


def only_one(folder: Path) -> IO[str]:
    """Hold the lock `run.lock`: two supervisors must not share one Redis folder."""
    lock = (folder / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        raise CannotRun(
            f"Many Hands already runs from {folder} (process {lock.read().strip() or 'unknown'});"
            " stop that one first."
        ) from None
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def settings(port: int, folder: Path) -> dict[str, str]:
    """The environment of every process: the caller's, and what development adds."""
    # An empty value means "not set", as in config.py.
    given = {name: value for name, value in os.environ.items() if value.strip()}
    # Compiled modules are kept whatever the caller's habit: they halve the start.
    given.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        "PUBLIC_URL": f"http://{HOST}:{port}",
        **given,
        "APP_ENV": "development",
        "DATA_FOLDER": str(folder),
        "FLASK_APP": "wsgi:app",
        "PYTHONUNBUFFERED": "1",
    }


def write_environment(folder: Path, environment: dict[str, str]) -> None:
    """Leave a file for other shells: `. instance/environment` and `flask` finds it all."""
    names = [name for name in ("FLASK_APP", *config.SETTINGS) if name in environment]
    lines = [f"export {name}={shlex.quote(environment[name])}\n" for name in names]
    file = folder / "environment"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)  # a database's password may be in it
    file.write_text("".join(lines))


def start_redis(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    try:
        return local_redis.start(folder / "redis", durable=True, preexec=die_with_parent)
    except local_redis.NoRedis as reason:
        raise CannotRun(str(reason)) from None


def mail_catcher(environment: dict[str, str], folder: Path) -> list[str]:
    port = local_redis.free_port()
    environment["SMTP_URL"] = f"smtp://{HOST}:{port}"
    return [sys.executable, "scripts/mail_catcher.py", str(port), str(folder / "mail")]


def web(port: int) -> list[str]:
    server = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{HOST}:{port}"]
    times = ["--timeout", "60", "--graceful-timeout", "5"]
    # `--preload`: the app is imported once for both processes, which start sooner.
    quiet = ["--log-level", "warning", "--no-control-socket"]
    return [*server, "--workers", "2", "--preload", *times, *quiet]


def prepare(environment: dict[str, str], folder: Path) -> dict[str, Any]:
    """Migrate, seed once, and learn the demo's sign-ins, in one process of the app.

    Done before for this very database and these migrations, it is not done
    again: making the app takes most of the time of a start.
    """
    note = folder / "prepared.json"
    with contextlib.suppress(OSError, ValueError):
        about: dict[str, Any] = json.loads(note.read_text())
        if about["of"] == what_is_prepared(environment, folder):
            return about
    process = subprocess.Popen(
        [sys.executable, "scripts/prepare.py"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
    )
    assert process.stdout is not None
    about = {}
    for line in process.stdout:
        if line.startswith("{"):
            about = json.loads(line)
        else:
            print(line, end="", flush=True)
    if process.wait() != 0:
        raise CannotRun("The database could not be made ready; the reason is above.")
    if of := what_is_prepared(environment, folder):
        note.write_text(json.dumps(about | {"of": of}))
    return about


def what_is_prepared(environment: dict[str, str], folder: Path) -> str:
    """The database's file and the migrations; empty when the database is not our own file."""
    if environment.get("DATABASE_URL"):
        return ""
    try:
        file = (folder / "many-hands.db").stat().st_ino
    except OSError:
        return ""
    digest = hashlib.sha256(str(file).encode())
    for migration in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        digest.update(migration.read_bytes())
    return digest.hexdigest()


def supervise(
    commands: dict[str, list[str]],
    environment: dict[str, str],
    port: int,
    sign_ins: str,
    redis: subprocess.Popen[bytes] | None,
) -> int:
    """Run the commands until told to stop or until one ends; says which, and how it all began."""
    manager = Manager(Quieter(sys.stdout))
    manager._process_ctor = TiedProcess
    for name, command in commands.items():
        # `exec`, so that a signal reaches the program and not a shell around it.
        manager.add_process(name, "exec " + shlex.join(command), env=environment, cwd=str(ROOT))
    stopping = threading.Event()
    ended: list[str] = []
    threading.Thread(
        target=greet, args=(manager, stopping, port, sign_ins, environment), daemon=True
    ).start()
    if redis is not None:
        threading.Thread(target=watch, args=(redis, stopping, ended), daemon=True).start()
    manager.loop()
    stopping.set()
    asked = {128 + signal.SIGINT, 128 + signal.SIGTERM}
    if not ended and manager.returncode not in asked:
        ended.extend(first_to_end(manager))
    if ended:
        print(f"\n{ended[0]} ended by itself, so everything was stopped.", file=sys.stderr)
        return 1
    print("\nStopped. The data is kept; make run brings it back.")
    return 0


class Quieter(Printer):  # type: ignore[misc] # honcho has no types
    """Leaves out the supervisor's own lines, and remembers who ended first."""

    first: str | None = None

    def write(self, message: Any) -> None:
        if message.name == "system":
            if self.first is None and " stopped (rc=" in message.data:
                self.first = message.data.split(" stopped")[0]
            return
        super().write(message)


def first_to_end(manager: Manager) -> list[str]:
    return [manager._printer.first or "A process"]


def watch(redis: subprocess.Popen[bytes], stopping: threading.Event, ended: list[str]) -> None:
    """Redis stands outside the supervisor, so that it can end last; without it, stop the rest."""
    redis.wait()
    if not stopping.is_set():
        ended.append("redis")
        os.kill(os.getpid(), signal.SIGTERM)


def greet(
    manager: Manager,
    stopping: threading.Event,
    port: int,
    sign_ins: str,
    environment: dict[str, str],
) -> None:
    """Once the site answers, say where it is and who may sign in."""
    address = f"http://{HOST}:{port}"
    while not stopping.wait(0.1):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                break
        except (urllib.error.URLError, OSError):
            continue
    if stopping.is_set() or manager._terminating:
        return
    lines = ["", f"Many Hands is running: {address}", ""]
    if sign_ins:
        lines += [sign_ins.rstrip(), ""]
    mail = Path(environment["DATA_FOLDER"]) / "mail"
    if "smtp://127.0.0.1" in environment["SMTP_URL"]:
        lines.append(f"Emails are caught as files in {mail}")
    lines += ["Ctrl-C stops everything.", ""]
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    # Before the supervisor listens for signals, a SIGTERM must still clean up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except CannotRun as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit(130)
