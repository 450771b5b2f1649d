"""Rounds made ahead of time: when each coming shift's people are to be reminded."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import exists, select

from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.groups.models import Site
from app.opportunities.models import Shift, Stage
from app.reminders import rules
from app.reminders.models import ReminderRound
from app.volunteers.vocabulary import Lead

_AT_ONCE: Final = 2000


def plan(since: datetime | None) -> int:
    """Make the rounds of what begins within the next days and has none yet; how many shifts.

    A round whose time had passed before the sweep's last beat, `since`, is of a shift that
    was posted or moved only after it: its people have just been told, and it is closed at
    once. One whose time has come since then is kept, however long nobody swept.
    """
    planned = 0
    while found := _plan_some(since):
        planned += found
        if found < _AT_ONCE:
            break
    return planned


def _plan_some(since: datetime | None) -> int:
    now = clock.now()
    with transaction():
        shifts = db.session.execute(
            select(Shift.id, Shift.revision, Shift.starts_at, Site.zone)
            .join(Site, Site.id == Shift.site_id)
            .where(
                Shift.stage == Stage.PUBLISHED,
                Shift.starts_at > now,
                Shift.starts_at <= now + rules.HORIZON,
                ~exists().where(
                    ReminderRound.shift_id == Shift.id, ReminderRound.revision == Shift.revision
                ),
            )
            .order_by(Shift.starts_at)
            .limit(_AT_ONCE)
        ).all()
        rows = [
            row
            for shift in shifts
            for lead in Lead
            for row in [_round(shift, lead, now, since or now)]
        ]
        if rows:
            db.session.execute(insert_ignoring(ReminderRound.__table__), rows)
        return len(shifts)


def _round(shift: Any, lead: Lead, now: datetime, since: datetime) -> dict[str, Any]:
    quiet = current_app.config["QUIET_HOURS"]
    times = rules.times(lead, shift.starts_at, shift.zone, quiet)
    # No moment outside the night is left for it: kept, so that it is not looked for again.
    due_at = times.due_at if times else shift.starts_at
    overtaken = times is None or due_at < since
    return {
        "created_at": now,
        "shift_id": shift.id,
        "revision": shift.revision,
        "lead": lead,
        "day": shift.starts_at.astimezone(ZoneInfo(shift.zone)).date(),
        "zone": shift.zone,
        "due_at": due_at,
        "last_call": times.last_call if times else shift.starts_at,
        "fresh_from": times.fresh_from if times else shift.starts_at,
        "done_at": now if overtaken else None,
    }
