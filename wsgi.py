"""What the web server runs: `gunicorn wsgi:app`."""

from __future__ import annotations

import sys

from app import create_app
from config import ConfigurationError

BOOT_FAILED = 3  # gunicorn gives up at once on this code, and tries for ever on others

try:
    app = create_app()
except ConfigurationError as reasons:
    print(f"Many Hands cannot start:\n{reasons}", file=sys.stderr)
    sys.exit(BOOT_FAILED)
