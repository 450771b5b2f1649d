"""Cover: started by a manager's press or by the group's rule, stopped, and seen to its end.

A shift's row is the lock: it is held before anything about its cover is
decided, then the cover's row, then the request's. What the rule must do is
found in SQL (`look_at_all`), so a killed worker or a wiped Redis only costs
the seconds until the next look.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import and_, exists, or_, select

from app.accounts import audit
from app.broadcasts import service as broadcasting
from app.broadcasts.models import Broadcast, BroadcastState
from app.broadcasts.service.ending import FILLED
from app.cover import queries, telling
from app.cover.models import LIVE, Cover, CoverRule, CoverState
from app.cover.rules import (
    LONGEST_WAIT_MINUTES,
    MOST_HOURS,
    MOST_PEOPLE,
    Cause,
    Occasion,
    Reach,
    Setting,
    Start,
    asks,
    asks_at,
)
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging.rules.quiet import next_allowed
from app.opportunities.models import Opportunity, Shift, Stage
from app.signups import approving
from app.signups.rows import locked
from app.signups.signals import Word

ORIGIN: Final = "cover"
LOOK: Final = "app.cover.jobs.look"
BY_A_MANAGER: Final = "A manager of the group stopped it."
AT_NIGHT: Final = (
    "People are left in peace at this hour, and the shift begins before it ends. "
    "Ring somebody, or ask a county coordinator."
)


def set_rule(group_id: int, setting: Setting, by_user_id: int) -> None:
    """Say what happens by itself. Raises `Refusal`, naming the field, for numbers out of range."""
    if not 1 <= setting.within_hours <= MOST_HOURS:
        raise Refusal(f"Give a number of hours from 1 to {MOST_HOURS}.", "within_hours")
    if not 1 <= setting.most_people <= MOST_PEOPLE:
        raise Refusal(f"Give a number of people from 1 to {MOST_PEOPLE}.", "most_people")
    if not 0 <= setting.wait_minutes <= LONGEST_WAIT_MINUTES:
        raise Refusal(f"Give a number of minutes from 0 to {LONGEST_WAIT_MINUTES}.", "wait_minutes")
    with transaction():
        rule = db.session.scalar(
            select(CoverRule).where(CoverRule.group_id == group_id).with_for_update()
        )
        if rule is None:
            rule = CoverRule(group_id=group_id)
            db.session.add(rule)
        rule.start = setting.start
        rule.within_hours = setting.within_hours
        rule.most_people = setting.most_people
        rule.wait_minutes = setting.wait_minutes
        rule.reach = setting.reach
        rule.by_user_id = by_user_id
        db.session.flush()
        audit.record("changed rule for cover", subject=rule, group_id=group_id)


def ask(group_id: int, shift_id: int, by_user_id: int, most_people: int, reach: Reach) -> Cover:
    """A manager asks so many for a shift of the group, now.

    Pressed twice, or by two at once, it asks once: the second gets the same
    cover. Raises `Refusal` when nobody can be asked: the shift is full or has
    begun, somebody else asks for it, nobody fits, or the hour is late.
    """
    if not 1 <= most_people <= MOST_PEOPLE:
        raise Refusal(f"Give a number of people from 1 to {MOST_PEOPLE}.", "most_people")
    with transaction():
        shift = _shift(group_id, shift_id)
        cover = _live(shift_id)
        if cover is not None and cover.state == CoverState.ASKING:
            return cover
        now = clock.now()
        if _not_at_night(now) > now:
            raise Refusal(
                "People are left in peace at this hour. Ring somebody whom you know, or ask a "
                "county coordinator: in an emergency they can."
            )
        if cover is None:
            cover = Cover(
                shift_id=shift_id,
                group_id=group_id,
                state=CoverState.PENDING,
                cause=Cause.MANAGER,
                told_at=clock.now(),
            )
        cover.most_people, cover.reach, cover.by_user_id = most_people, reach, by_user_id
        db.session.add(cover)
        db.session.flush()
        _begin(cover, shift)
        audit.record("asked for cover", subject=shift, group_id=group_id, most=most_people)
        return cover


def _begin(cover: Cover, shift: Shift) -> None:
    """Start the small request. Raises `Refusal` when nobody can be asked."""
    broadcast = broadcasting.draft([shift.id], cover.by_user_id)
    broadcasting.limit(
        broadcast.id,
        origin=ORIGIN,
        first_group_id=cover.group_id,
        only_first_group=cover.reach == Reach.OWN,
        most_people=cover.most_people,
    )
    broadcasting.start(broadcast.id, cover.by_user_id)
    cover.broadcast_id = broadcast.id
    cover.state = CoverState.ASKING
    db.session.flush()


def stop(group_id: int, shift_id: int, by_user_id: int) -> int:
    """End the cover of a shift by hand; how many texts were held back.

    Raises `Refusal` when there is none.
    """
    with transaction():
        shift = _shift(group_id, shift_id)
        cover = _live(shift_id)
        held = 0
        if cover is None:
            raise Refusal("Nobody is being asked for this shift.")
        if cover.state == CoverState.ASKING and cover.broadcast_id:
            held = broadcasting.stop(cover.broadcast_id, by_user_id, BY_A_MANAGER)
        cover.stopped_by_id = by_user_id
        _close(cover, CoverState.STOPPED)
        audit.record("stopped cover", subject=shift, group_id=group_id, held=held)
        return held


def somebody_left_late(shift_id: int) -> Word | None:
    """Somebody dropped out of the shift, late; called in the transaction that took them off it.

    The group's rule may ask by itself, after some minutes; without one the
    managers decide. Returns what their letter says of it, which then is told;
    None where there is nothing to ask for: whoever waited has the place, or it
    has begun.
    """
    with transaction():
        found = locked([shift_id])
        if not found or not approving.is_open(found[0]):
            return None
        shift = found[0]
        cover = _live(shift.id) or _note(shift, is_late=True)
        if shift.is_full:
            return None
        if cover is None:
            return telling.nobody_by_itself(
                shift, is_asked_for=queries.asked_by_others(shift.id, None) is not None
            )
        if cover.starts_at is not None and cover.starts_at >= shift.starts_at:
            _give_up_at_night(cover)
        cover.told_at = cover.told_at or clock.now()
        return telling.word(cover, shift)


def _note(shift: Shift, *, is_late: bool) -> Cover | None:
    """What the rule does about a shift: a new cover, or None where it does nothing."""
    now = clock.now()
    if not approving.is_open(shift) or _live(shift.id) is not None:
        return None
    group_id = shift.opportunity.group_id
    setting = queries.setting_of(group_id)
    occasion = Occasion(
        starts_at=shift.starts_at,
        now=now,
        taken=shift.taken,
        minimum=shift.minimum,
        is_late=is_late,
    )
    by_rule = asks(setting, occasion)
    # Whoever asks for the shift already asks for this place as well.
    if not by_rule or queries.asked_by_others(shift.id, None) is not None:
        return None
    cover = Cover(
        shift_id=shift.id,
        group_id=group_id,
        state=CoverState.PENDING,
        cause=Cause.LATE if is_late else Cause.BELOW_MINIMUM,
        most_people=setting.most_people,
        reach=setting.reach,
        starts_at=_not_at_night(asks_at(setting, occasion)),
    )
    db.session.add(cover)
    db.session.flush()
    queue.enqueue(LOOK, cover.id, queue=queue.URGENT)
    return cover


def _not_at_night(moment: datetime) -> datetime:
    config = current_app.config
    return next_allowed(moment, config["TIMEZONE"], config["QUIET_HOURS"])


def look(cover_id: int) -> None:
    """Do what is due about a cover: tell the managers, ask, or note that it is over.

    Harmless at any time and however often: what to do is decided from the rows.
    """
    with transaction():
        shift_id = db.session.scalar(select(Cover.shift_id).where(Cover.id == cover_id))
        found = locked([shift_id]) if shift_id else []
        cover = _locked(cover_id)
        if not found or cover is None:
            return
        if cover.state == CoverState.ASKING:
            _settle(cover)
        elif cover.state == CoverState.FILLED:
            _take_up_again(cover, found[0])
        elif cover.state == CoverState.PENDING:
            _go_on(cover, found[0])


def _go_on(cover: Cover, shift: Shift) -> None:
    now = clock.now()
    if shift.is_full:
        # Somebody who waited has the place, or is being offered it; see `_take_up_again`.
        _close(cover, CoverState.FILLED)
        return
    if not approving.is_open(shift):
        _close(cover, CoverState.OVER)
        return
    if (cover.starts_at or now) >= shift.starts_at:
        _give_up_at_night(cover)
    elif (cover.starts_at or now) <= now:
        _ask_by_rule(cover, shift)
    if cover.told_at is None:
        cover.told_at = now
        telling.tell_managers(cover, shift)


def _give_up_at_night(cover: Cover) -> None:
    cover.note = AT_NIGHT
    _close(cover, CoverState.IMPOSSIBLE)


def _ask_by_rule(cover: Cover, shift: Shift) -> None:
    try:
        with db.session.begin_nested():
            _begin(cover, shift)
    except Refusal as refusal:
        db.session.refresh(cover)
        now = clock.now()
        again = _not_at_night(now)
        if again > now and again < shift.starts_at:
            cover.starts_at = again
            return
        cover.note = refusal.sentence[:300]
        # Whoever was told that it asks by itself must hear that it does not.
        cover.told_at = None
        _close(cover, CoverState.IMPOSSIBLE)
    else:
        audit.record("asked for cover by rule", subject=shift, group_id=cover.group_id)


def _settle(cover: Cover) -> None:
    """Note the end of a cover whose request has ended."""
    broadcast = db.session.get(Broadcast, cover.broadcast_id, populate_existing=True)
    if broadcast is None:
        _close(cover, CoverState.OVER)
    elif broadcast.state == BroadcastState.ENDED:
        if broadcast.ended_reason == FILLED:
            _close(cover, CoverState.FILLED)
            telling.tell_covered(cover)
        elif not approving.is_open(cover.shift):
            _close(cover, CoverState.OVER)
        else:
            cover.note = broadcast.ended_reason[:300]
            _close(cover, CoverState.STOPPED)


def _take_up_again(cover: Cover, shift: Shift) -> None:
    """A place that was filled is free again, and its request, if there was one, asks again.

    A place that somebody who waited was offered may come back as well: then
    the rule begins anew, with its minutes for a veto. Where nothing is asked for
    any more, or another cover does so, this one is over and not looked at again.
    """
    if shift.is_full:
        return
    if not approving.is_open(shift) or _live(shift.id) is not None:
        cover.state = CoverState.OVER
        return
    if cover.broadcast_id is None:
        cover.state = CoverState.OVER
        _note(shift, is_late=cover.cause == Cause.LATE)
        return
    broadcast = db.session.get(Broadcast, cover.broadcast_id, populate_existing=True)
    if broadcast is not None and broadcast.state != BroadcastState.ENDED:
        cover.state, cover.ended_at = CoverState.ASKING, None
    else:
        # It came free long after: a late withdrawal has been heard of already, if it was one.
        cover.state = CoverState.OVER
        _note(shift, is_late=False)


def look_at_all() -> None:
    """Do what is due about each cover, and find shifts below their minimum; from SQL alone."""
    now = clock.now()
    refilled = and_(
        Cover.state == CoverState.FILLED,
        Shift.taken < Shift.places,
        Shift.starts_at > now,
    )
    ended = and_(
        Cover.state == CoverState.ASKING,
        exists().where(Broadcast.id == Cover.broadcast_id, Broadcast.state == BroadcastState.ENDED),
    )
    waiting = and_(
        Cover.state == CoverState.PENDING,
        or_(
            Cover.told_at.is_(None),
            Cover.starts_at.is_(None),
            Cover.starts_at <= now,
            Shift.taken >= Shift.places,
            Shift.stage != Stage.PUBLISHED,
        ),
    )
    ids = db.session.scalars(
        select(Cover.id).join(Cover.shift).where(or_(refilled, ended, waiting)).order_by(Cover.id)
    ).all()
    works: list[tuple[Callable[[int], None], int]] = [(look, one) for one in ids]
    works += [(_look_for_too_few, one) for one in _too_few(now)]
    faults: list[Exception] = []
    for work, one in works:
        try:
            work(one)
        except Exception as fault:  # one shift's fault must not hold up the others
            faults.append(fault)
    if faults:
        raise ExceptionGroup("covers that could not go on", faults)


def _too_few(now: datetime) -> list[int]:
    """Shifts below their minimum, soon, of groups whose rule asks then; each found once."""
    seen_to = exists().where(
        Cover.shift_id == Shift.id,
        Cover.state.not_in((CoverState.OVER, CoverState.FILLED)),
    )
    rows = db.session.execute(
        select(Shift.id, Shift.starts_at, CoverRule.within_hours)
        .join(Shift.opportunity)
        .join(Opportunity.group)
        .join(CoverRule, CoverRule.group_id == Opportunity.group_id)
        .where(
            CoverRule.start != Start.NEVER,
            Shift.stage == Stage.PUBLISHED,
            Opportunity.stage == Stage.PUBLISHED,
            ~Group.is_closed,
            Shift.starts_at > now,
            Shift.starts_at <= now + timedelta(hours=MOST_HOURS),
            Shift.taken < Shift.minimum,
            ~seen_to,
        )
        .order_by(Shift.starts_at)
    ).all()
    return [row.id for row in rows if row.starts_at - now <= timedelta(hours=row.within_hours)]


def _look_for_too_few(shift_id: int) -> None:
    with transaction():
        found = locked([shift_id])
        if found and found[0].taken < found[0].minimum:
            _note(found[0], is_late=False)


def _close(cover: Cover, state: CoverState) -> None:
    cover.state = state
    cover.ended_at = clock.now()
    db.session.flush()


def _shift(group_id: int, shift_id: int) -> Shift:
    """The locked shift of this group. Raises `Refusal` when it has none such."""
    found = locked([shift_id])
    if not found or found[0].opportunity.group_id != group_id:
        raise Refusal("This shift does not exist any more.")
    return found[0]


def _live(shift_id: int) -> Cover | None:
    """The cover that goes on, its row locked; one whose request has ended is closed first."""
    cover = db.session.scalar(
        select(Cover)
        .where(Cover.shift_id == shift_id, Cover.state.in_(LIVE))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if cover is not None and cover.state == CoverState.ASKING:
        _settle(cover)
    return cover if cover is not None and cover.state in LIVE else None


def _locked(cover_id: int) -> Cover | None:
    return db.session.scalar(
        select(Cover)
        .where(Cover.id == cover_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
