"""What axe-core finds on a page: https://github.com/dequelabs/axe-core."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def faults_of(page: Page, rules: Sequence[str] = TAGS) -> list[str]:
    """One line for each rule that is broken, with the first elements; of rules or tags."""
    options: dict[str, Any] = {"runOnly": list(rules), "resultTypes": ["violations"]}
    page.evaluate(AXE)
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{broken['id']}: {broken['help']}: "
        + "; ".join(str(node["target"]) for node in broken["nodes"][:3])
        for broken in result["violations"]
    ]
