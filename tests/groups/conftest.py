from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.letters import Recorded


@pytest.fixture(autouse=True)
def outbox(app: Flask) -> Iterator[Recorded]:
    """What the groups write to people, in place of the ledger."""
    before = app.extensions.get("outbox")
    recorded = Recorded()
    app.extensions["outbox"] = recorded
    yield recorded
    app.extensions["outbox"] = before
