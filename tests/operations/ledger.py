"""Rows of the ledger as trouble leaves them."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from app.foundation import clock, health, queue, schedule
from app.messaging.models import Message, State
from app.volunteers.models import Channel
from tests import factories

_number = itertools.count(1)


def message(**said: Any) -> Message:
    """A text of the urgent lane, due a minute ago."""
    n = next(_number)
    defaults: dict[str, Any] = {
        "channel": Channel.SMS,
        "lane": queue.URGENT,
        "cause": f"test:{n}",
        "recipient": f"phone:{n}",
        "purpose": "ask",
        "token": f"{n:032x}",
        "to_address": factories.drama_phone(n % 1000),
        "body": "Can you help at the food bank tonight?",
        "state": State.QUEUED,
        "not_before": clock.now() - timedelta(minutes=1),
    }
    return factories.save(Message(**(defaults | said)))


def uncertain(minutes_ago: float = 45, **said: Any) -> Message:
    return message(
        state=State.UNCERTAIN,
        sending_at=clock.now() - timedelta(minutes=minutes_ago),
        carrier="twilio",
        attempts=1,
        reason="The carrier's answer was lost.",
        **said,
    )


def all_is_well() -> None:
    """A worker that serves everything and holds the schedule, and tasks that have run."""
    health.beat("one", queue.QUEUES)
    schedule.hold("one")
    for path in ("app.messaging.jobs.sweep", "app.messaging.jobs.reconcile"):
        now = clock.now()
        schedule._note(path, began_at=now, ended_at=now)
