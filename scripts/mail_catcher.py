"""A small SMTP server that keeps every email as a file and passes none on.

`python scripts/mail_catcher.py PORT FOLDER`; `make run` starts it when no
SMTP_URL is given. The files open in any mail program.
"""

from __future__ import annotations

import signal
import sys
import threading
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Catcher:
    """Writes each email to the folder, named by when it came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count(1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        came = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        name = f"{came}-{next(self.numbers):04}.eml"
        content = envelope.original_content or b""
        to = "".join(f"X-Envelope-To: {address}\r\n" for address in envelope.rcpt_tos)
        unfinished = self.folder / f".{name}"
        unfinished.write_bytes(to.encode() + content)
        unfinished.rename(self.folder / name)  # whoever watches the folder sees whole files
        print(f"caught an email: {self.folder / name}", flush=True)
        return "250 Caught"


def main(port: int, folder: Path) -> None:
    """Catch emails until told to stop."""
    folder.mkdir(parents=True, exist_ok=True)
    stopped = threading.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda *_: stopped.set())
    controller = Controller(Catcher(folder), hostname="127.0.0.1", port=port)
    controller.start()
    stopped.wait()
    controller.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
