"""What has not left, what is in doubt, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from app.foundation.extensions import db
from app.messaging.models import Message, RunState, State
from app.messaging.queries import stands
from app.messaging.rules.quiet import in_quiet_hours
from app.operations.queries.moment import Moment
from app.operations.rules.problems import LANE_NAMES
from app.operations.rules.waiting import Waiting, why


@dataclass(frozen=True)
class Stuck:
    """Some messages that are alike in where they stand and why."""

    what: str
    number: int
    since: datetime | None
    reason: str
    is_uncertain: bool = False


def stuck(moment: Moment) -> list[Stuck]:
    """Every group of messages that is due and has not left, or whose fate is not known."""
    found = [
        Stuck("Uncertain", row.number, row.since, row.reason or "We do not know why.", True)
        for row in _uncertain()
    ]
    if moment.sending_too_long:
        found.append(
            Stuck(
                "Leaving",
                moment.sending_too_long,
                None,
                "Their worker stopped while it sent them. The sweep marks them as uncertain.",
            )
        )
    if moment.leases_run_out:
        found.append(
            Stuck(
                "About to leave",
                moment.leases_run_out,
                None,
                "Their worker stopped before it sent them. The sweep gives them to another.",
            )
        )
    return [*found, *_of_queue(moment)]


def _uncertain() -> Sequence[Any]:
    return db.session.execute(
        select(
            Message.reason,
            func.count().label("number"),
            func.min(func.coalesce(Message.sending_at, Message.created_at)).label("since"),
        )
        .where(stands(State.UNCERTAIN))
        .group_by(Message.reason)
        .order_by(func.count().desc())
    ).all()


def _of_queue(moment: Moment) -> list[Stuck]:
    config = current_app.config
    is_night = in_quiet_hours(moment.at, config["TIMEZONE"], config["QUIET_HOURS"])
    merged: dict[tuple[str, str], Stuck] = {}
    for row in moment.queued:
        lane = LANE_NAMES.get(row.lane, row.lane)
        if row.is_due:
            reason = why(
                Waiting(
                    lane=row.lane,
                    run_is_paused=row.run_state == RunState.PAUSED,
                    waits_for_morning=is_night and row.is_emergency is False,
                    is_held=moment.hold is not None and not row.is_service,
                    workers=moment.workers_of(row.lane),
                    redis_answers=moment.redis is not None,
                    share=moment.redis.share if moment.redis else 1.0,
                    seconds_ahead=moment.redis.seconds_ahead if moment.redis else 0.0,
                    is_moving=moment.is_moving(row.lane),
                )
            )
        elif row.reason:  # it was tried, and is tried again
            reason = f"{row.reason} We try again by ourselves."
        else:
            continue  # its time has not come: a reminder for tomorrow
        since = row.since if row.is_due else None
        before = merged.get((lane, reason))
        merged[(lane, reason)] = Stuck(
            what=lane,
            number=row.number + (before.number if before else 0),
            since=min(since, before.since) if since and before and before.since else since,
            reason=reason,
        )
    return list(merged.values())
