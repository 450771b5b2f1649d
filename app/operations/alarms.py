"""The alarms: kept as rows, and told to all administrators by email.

Lock: the rows of the open alarms, in the order of their ids, so that two
checks at once take turns and nothing is told twice.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import delete, func, select

from app.accounts.models import CountyRole, User
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.messaging import service as messaging
from app.operations import words
from app.operations.models import Alarm
from app.operations.queries import moment
from app.operations.rules import alarms as rules
from app.operations.rules.problems import Problem, problems
from app.volunteers.models import Channel
from app.web import mail

log = logging.getLogger(__name__)

KEPT_FOR: Final = timedelta(days=365)


def check() -> None:
    """Look at this moment, and begin, tell and end alarms accordingly."""
    settle(problems(moment.facts(moment.read())))


def settle(found: Sequence[Problem]) -> None:
    """Make the rows and the emails agree with what is wrong now; harmless however often."""
    now = clock.now()
    with transaction():
        known = _open()
        by_id = {alarm.id: alarm for alarm in known}
        decision = rules.decide(
            found,
            [
                rules.Known(
                    alarm.id,
                    alarm.kind.value,
                    alarm.subject,
                    alarm.began_at,
                    alarm.told_at,
                    alarm.reminded_at,
                    alarm.well_since,
                )
                for alarm in known
            ],
            _told_today(now),
            now,
        )
        _begin(decision.begin, now)
        latest = {(one.kind, one.subject): one for one in found}
        told = [by_id[alarm_id] for alarm_id in decision.tell]
        reminded = [by_id[alarm_id] for alarm_id in decision.remind]
        over = [by_id[alarm_id] for alarm_id in decision.end]
        for alarm in [*told, *reminded]:
            # The figures are those of the moment in which it is told.
            alarm.sentence = latest[(alarm.kind, alarm.subject)].sentence
        for alarm in told:
            alarm.told_at = now
        for alarm in reminded:
            alarm.reminded_at = now
        for alarm_id in decision.still_wrong:
            by_id[alarm_id].well_since = None
        for alarm_id in decision.seems_well:
            by_id[alarm_id].well_since = now
        for alarm in over:
            alarm.is_open, alarm.ended_at = False, now
        for alarm_id in decision.drop:
            db.session.delete(by_id[alarm_id])
        db.session.execute(delete(Alarm).where(Alarm.ended_at < now - KEPT_FOR))
        if told or reminded or over:
            _tell(told, reminded, over, now)


def _open() -> list[Alarm]:
    return list(
        db.session.scalars(
            select(Alarm)
            .where(Alarm.is_open)
            .order_by(Alarm.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _told_today(now: datetime) -> dict[rules.Key, int]:
    rows = db.session.execute(
        select(Alarm.kind, Alarm.subject, func.count())
        .where(Alarm.told_at > now - timedelta(days=1))
        .group_by(Alarm.kind, Alarm.subject)
    )
    return {(kind.value, subject): count for kind, subject, count in rows}


def _begin(begun: Sequence[Problem], now: datetime) -> None:
    for problem in begun:
        # Another check may have been first, by a hair.
        db.session.execute(
            insert_ignoring(Alarm.__table__).values(
                created_at=now,
                is_open=True,
                kind=problem.kind,
                subject=problem.subject,
                sentence=problem.sentence[:400],
                advice=problem.advice[:300],
                began_at=now,
            )
        )


def _tell(
    told: Sequence[Alarm], reminded: Sequence[Alarm], over: Sequence[Alarm], now: datetime
) -> None:
    """One email to each administrator, in the transaction that notes that it was told."""
    people = db.session.execute(
        select(User.id, User.email).where(
            User.county_role == CountyRole.ADMINISTRATOR,
            User.is_enabled.is_(True),
            User.email.is_not(None),
            User.email_verified_at.is_not(None),
        )
    ).all()
    log.warning(
        "alarms: %d begun, %d still open, %d ended",
        len(told),
        len(reminded),
        len(over),
        extra={
            "kinds": ", ".join(sorted({alarm.kind.value for alarm in [*told, *reminded, *over]})),
            "administrators": len(people),
        },
    )
    if not people:
        log.error("no administrator has a confirmed email address: the alarms reach nobody")
    letter = mail.compose(
        words.paragraphs_of(told, reminded, over),
        action=("Open the operations page", f"{current_app.config['PUBLIC_URL']}/operations"),
    )
    for user_id, email in people:
        messaging.write(
            Letter(
                channel=Channel.EMAIL,
                to=email or "",
                subject=words.subject_of(told, reminded, over),
                body=letter.text,
                html=letter.html,
                cause=f"alarms:{now:%Y%m%dT%H%M%S.%f}",
                recipient=f"user:{user_id}",
                purpose="alarm",
                lane=queue.EMAIL,
            ),
            # Part of an administrator's work: it goes out while all else is held back.
            is_service=True,
        )
