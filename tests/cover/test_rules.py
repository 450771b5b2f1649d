"""When a group's rule asks by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.cover.rules import Occasion, Setting, Start, asks, asks_at

NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)


def occasion(**said: Any) -> Occasion:
    usual = {
        "starts_at": NOW + timedelta(hours=3),
        "now": NOW,
        "taken": 2,
        "minimum": 2,
        "is_late": True,
    }
    return Occasion(**(usual | said))


@pytest.mark.parametrize(
    ("start", "said", "expected"),
    [
        (Start.NEVER, {}, False),
        (Start.NEVER, {"taken": 0}, False),
        (Start.BELOW_MINIMUM, {}, False),
        (Start.BELOW_MINIMUM, {"taken": 1}, True),
        (Start.BELOW_MINIMUM, {"taken": 1, "is_late": False}, True),
        (Start.LATE, {}, True),
        (Start.LATE, {"is_late": False}, False),
        (Start.LATE, {"is_late": False, "taken": 1}, True),
        (Start.LATE, {"starts_at": NOW + timedelta(hours=24)}, True),
        (Start.LATE, {"starts_at": NOW + timedelta(hours=25)}, False),
        (Start.LATE, {"starts_at": NOW}, False),
    ],
)
def test_the_rule_asks_only_where_the_group_said_so(
    start: Start, said: dict[str, Any], expected: bool
) -> None:
    assert asks(Setting(start=start), occasion(**said)) is expected


def test_a_manager_has_the_minutes_to_stop_it() -> None:
    assert asks_at(Setting(wait_minutes=10), occasion()) == NOW + timedelta(minutes=10)
    assert asks_at(Setting(wait_minutes=0), occasion()) == NOW


def test_close_to_the_shift_nobody_waits() -> None:
    near = occasion(starts_at=NOW + timedelta(minutes=39))
    assert asks_at(Setting(wait_minutes=10), near) == NOW
    just = occasion(starts_at=NOW + timedelta(minutes=40))
    assert asks_at(Setting(wait_minutes=10), just) == NOW + timedelta(minutes=10)
