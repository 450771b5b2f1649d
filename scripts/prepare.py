"""Make the database ready for `make run`: migrate, seed once, tell the sign-ins.

One process, because making the app takes most of a second. The last line on
standard output is JSON for `scripts/run.py`; the rest is for people.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config import ConfigurationError  # the path comes first


def main() -> int:
    from app import create_app  # noqa: PLC0415 - a bad environment gets its sentence below
    from app.foundation.health import schema_is_current  # noqa: PLC0415 - as above

    try:
        app = create_app()
    except ConfigurationError as reasons:
        print(reasons)
        return 1
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with app.app_context():
        current = schema_is_current()
    if not current:
        print("Making the database ready ...", flush=True)
        run(app, "db", "upgrade")
    run(app, "demo", "seed")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        run(app, "demo", "sign-ins")
    print(json.dumps({"sign_ins": said.getvalue()}), flush=True)
    return 0


def run(app: Any, group: str, command: str) -> None:
    """Run `flask <group> <command>` in this process."""
    with app.app_context():
        app.cli.commands[group].main([command], standalone_mode=False)


if __name__ == "__main__":
    sys.exit(main())
