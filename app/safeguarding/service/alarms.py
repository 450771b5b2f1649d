"""Alarms about shifts: raised, told to the managers, seen, and ended when all is well."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import select

from app.accounts import audit
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.opportunities.models import Shift
from app.safeguarding.models import ShiftAlarm
from app.safeguarding.queries import alarms as queries
from app.safeguarding.queries import groups
from app.safeguarding.queries.alarms import Watched
from app.safeguarding.rules import alarms as rules
from app.safeguarding.rules.alarms import Danger
from app.safeguarding.service import letters
from app.signups import late_letter, managers
from app.signups.signals import About, Word
from app.web.filters import plural, spoken_when


def look_at(shift_id: int) -> None:
    """Somebody left, was taken off or given a place: see whether the shift is safe still.

    Not for who leaves late: see `somebody_left_late`.

    Runs in the transaction of that change, so that no alarm is missed.
    """
    with transaction():
        known = queries.open_of([shift_id])
        _settle(known, queries.crews(Shift.id == shift_id))


def somebody_left_late(shift_id: int) -> Word | None:
    """The same for somebody who left late, in that transaction; what their letter says of it.

    The managers have one letter for it all, so the alarms count as told, and
    as texted where that letter goes by text. None where the shift is safe.
    """
    with transaction():
        known = queries.open_of([shift_id])
        watched = queries.crews(Shift.id == shift_id)
        alarms = [alarm for those in _agree(known, watched) for alarm in those]
        now = clock.now()
        for one in watched:
            # With one that another process raised by a hair.
            found = {alarm.danger for alarm in alarms} | {*rules.dangers(one.crew, now, one.watch)}
            if not found:
                continue
            if late_letter.goes_by_text(one.crew.starts_at):
                for alarm in alarms:
                    alarm.texted_at = alarm.texted_at or now
            return Word(
                about=About.SAFETY,
                text=rules.in_short(found, one.crew),
                button="See the alarms",
                path=f"/groups/{one.group_id}/alarms",
            )
    return None


def watch() -> int:
    """Look at every shift that comes near, and at each with an open alarm; how many are open.

    A sweep: it finds what no change has told, such as that a day has passed.
    """
    with transaction():
        known = queries.all_open()
        return _settle(known, queries.to_watch())


def _settle(known: Sequence[ShiftAlarm], watched: Sequence[Watched]) -> int:
    """Make the rows agree with what is so; tell what is new. Harmless however often."""
    by_id = {one.id: one for one in watched}
    standing, raised = _agree(known, watched)
    _tell(raised, by_id)
    _text([*standing, *raised], by_id)
    return len(standing) + len(raised)


def _agree(
    known: Sequence[ShiftAlarm], watched: Sequence[Watched]
) -> tuple[Sequence[ShiftAlarm], Sequence[ShiftAlarm]]:
    """Make the rows agree with what is so: the alarms that stand still, and those raised now.

    `known` was read before `watched`: an alarm that is raised between the two
    is then not ended by the older sight of its shift.
    """
    now = clock.now()
    by_id = {one.id: one for one in watched}
    open_now = {(alarm.shift_id, alarm.danger) for alarm in known}
    standing = []
    for alarm in known:
        if alarm.shift_id not in by_id:
            continue
        if rules.still_holds(alarm.danger, by_id[alarm.shift_id].crew, now):
            standing.append(alarm)
        else:
            alarm.solved_at = now
    fresh = [
        (one, danger)
        for one in watched
        for danger in rules.dangers(one.crew, now, one.watch)
        if (one.id, danger) not in open_now
    ]
    made = [alarm_id for one, danger in fresh if (alarm_id := _raise(one, danger)) is not None]
    return standing, _alarms(made)


def _raise(one: Watched, danger: Danger) -> int | None:
    """Open an alarm; None when another process was first, by a hair."""
    made: int | None = db.session.scalar(
        insert_ignoring(ShiftAlarm)
        .values(
            group_id=one.group_id,
            shift_id=one.id,
            danger=danger,
            created_at=clock.now(),
            told_at=clock.now(),
        )
        .returning(ShiftAlarm.id)
    )
    return made


def _alarms(ids: Sequence[int]) -> Sequence[ShiftAlarm]:
    if not ids:
        return []
    return db.session.scalars(
        select(ShiftAlarm)
        .where(ShiftAlarm.id.in_(ids))
        .order_by(ShiftAlarm.group_id, ShiftAlarm.id)
    ).all()


def _when(one: Watched) -> str:
    return spoken_when(one.crew.starts_at, one.crew.ends_at, one.zone, inside=True)


def _tell(raised: Sequence[ShiftAlarm], by_id: dict[int, Watched]) -> None:
    """One email to each manager of a group, about all that is new there."""
    for group_id, alarms in groupby(raised, key=lambda alarm: alarm.group_id):
        new = list(alarms)
        first = by_id[new[0].shift_id]
        lines = [
            f"{by_id[alarm.shift_id].title}, {_when(by_id[alarm.shift_id])}: "
            f"{rules.sentence(alarm.danger, by_id[alarm.shift_id].crew)}"
            for alarm in new
        ]
        shifts = {alarm.shift_id for alarm in new}
        subject = (
            f"Not safe to run yet: {first.title}, {_when(first)}"
            if len(shifts) == 1
            else f"{plural(len(shifts), 'shift')} not safe to run yet"
        )
        letters.email(
            groups.managers_of(group_id),
            subject=subject,
            paragraphs=[
                f"This is about {first.group}.",
                *lines,
                "Nobody has been taken off or told anything. What happens is for you to decide.",
            ],
            action=("See the alarms, and what you can do", f"/groups/{group_id}/alarms"),
            cause=f"shift-alarm:{new[0].id}-{new[-1].id}",
            purpose="alarm-email",
        )


def _text(standing: Sequence[ShiftAlarm], by_id: dict[int, Watched]) -> None:
    """A text where a shift begins within a day and no manager has looked yet."""
    now = clock.now()
    urgent = [
        alarm
        for alarm in standing
        if alarm.seen_at is None
        and alarm.texted_at is None
        and rules.is_urgent(by_id[alarm.shift_id].crew.starts_at, now)
    ]
    told: set[int] = set()
    for alarm in urgent:
        alarm.texted_at = now
        if alarm.shift_id in told:
            continue  # the gravest of several is enough
        told.add(alarm.shift_id)
        one = by_id[alarm.shift_id]
        managers.text(
            alarm.group_id,
            body=f"{one.group}: {one.title}, {_when(one)}. "
            f"{rules.sentence(alarm.danger, one.crew)} Please look at the alarms on Many Hands.",
            cause=f"shift-alarm:{alarm.id}",
            purpose="alarm-text",
            zone=one.zone,
            needed_by=one.crew.ends_at,
        )


def mark_seen(group_id: int, shift_id: int, by_user_id: int) -> None:
    """A manager has seen the alarms about a shift and deals with them; the first is remembered."""
    with transaction():
        for alarm in queries.open_of([shift_id]):
            if alarm.group_id == group_id and alarm.seen_at is None:
                alarm.seen_at, alarm.seen_by_id = clock.now(), by_user_id
                audit.record("saw shift alarm", subject=alarm, group_id=group_id)
