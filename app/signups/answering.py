"""The sweep over applications: managers are reminded, and none waits past its time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import contains_eager, joinedload

from app.foundation import clock, languages
from app.foundation.extensions import db
from app.foundation.places import Place
from app.foundation.sentences import N_, gettext
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.opportunities import search
from app.opportunities.models import Opportunity, Policy, Shift, Slot, Stage
from app.signups import approving, letters, managers, waiting
from app.signups.approval_rules import Verdict, when_time_is_up
from app.signups.models import Signup, Standing, Way
from app.signups.placing import judge, settled_for
from app.signups.rows import end, lock_volunteer, with_shift
from app.signups.signals import places_changed
from app.volunteers.models import Volunteer
from app.web.filters import plural

# So many other things nearby are named to somebody who is told no.
NEARBY = 3


def start_missing_clocks() -> int:
    """Applications that a place has come free for by a way that started no clock; how many.

    Also those from before there were clocks. Who waits for what is full has none.
    """
    has_room = or_(
        Signup.slot_id.is_(None),
        Signup.slot_id.in_(select(Slot.id).where(Slot.taken < Slot.places)),
    )
    shift_ids = db.session.scalars(
        select(Shift.id)
        .distinct()
        .join(Shift.opportunity)
        .join(Signup, and_(Signup.shift_id == Shift.id, Signup.standing == Standing.WAITING))
        .where(
            Opportunity.policy == Policy.APPROVAL,
            Opportunity.stage == Stage.PUBLISHED,
            Shift.stage == Stage.PUBLISHED,
            Shift.starts_at > clock.now(),
            Shift.taken < Shift.places,
            Signup.answer_due_at.is_(None),
            has_room,
        )
        .order_by(Shift.id)
    ).all()
    started = 0
    for shift_id in shift_ids:
        with transaction():
            started += sum(map(waiting.start_clocks, waiting.locked_open([shift_id])))
    return started


def remind_managers() -> int:
    """Half of the time is over: tell the managers who waits; how many groups were told."""
    due = (
        Signup.standing == Standing.WAITING,
        Signup.answer_due_at.is_not(None),
        Signup.answer_remind_at <= clock.now(),
    )
    group_ids = db.session.scalars(
        select(Opportunity.group_id)
        .distinct()
        .join(Shift, Shift.opportunity_id == Opportunity.id)
        .join(Signup, Signup.shift_id == Shift.id)
        .where(*due)
        .order_by(Opportunity.group_id)
    ).all()
    for group_id in group_ids:
        with transaction():
            of_group = (
                select(Shift.id).join(Shift.opportunity).where(Opportunity.group_id == group_id)
            )
            reminded = db.session.scalars(
                update(Signup)
                .where(*due, Signup.shift_id.in_(of_group))
                .values(answer_remind_at=None)
                .returning(Signup.id)
                .execution_options(synchronize_session=False)
            ).all()
            if reminded:
                _remind(group_id, max(reminded))
    return len(group_ids)


@languages.in_english
def _remind(group_id: int, latest_id: int) -> None:
    waits = waiting_for_answer(group_id)
    by_shift: dict[int, list[Signup]] = {}
    for signup in waits:
        by_shift.setdefault(signup.shift_id, []).append(signup)
    lines = []
    for signups in by_shift.values():
        first = min(signups, key=lambda one: one.answer_due_at or one.created_at)
        by = letters.on_the_day(first.answer_due_at or first.created_at, first.shift.site.zone)
        asking = plural(len(signups), "person asks", "people ask")
        lines.append(f"{letters.what(first.shift)}: {asking}. Please answer by {by}.")
    managers.tell(
        group_id,
        managers.Notice(
            cause=f"applications:{group_id}:{latest_id}:{clock.now().timestamp():.0f}",
            subject=f"{plural(len(waits), 'person waits', 'people wait')} for your answer",
            paragraphs=[
                "These people would like to help you, and wait for your yes or no.",
                *lines,
                "If nobody answers in time, they are told what the role says for that case.",
            ],
            button="See who waits",
            path=f"/groups/{group_id}/applications",
        ),
    )


def waiting_for_answer(group_id: int) -> Sequence[Signup]:
    """Who waits for the answer of a group's managers, the oldest first, with all that is shown."""
    return db.session.scalars(
        select(Signup)
        .join(Signup.shift)
        .join(Shift.opportunity)
        .where(
            Opportunity.group_id == group_id,
            Signup.standing == Standing.WAITING,
            Signup.answer_due_at.is_not(None),
            Shift.starts_at > clock.now(),
        )
        .options(
            contains_eager(Signup.shift)
            .contains_eager(Shift.opportunity)
            .joinedload(Opportunity.group),
            contains_eager(Signup.shift).joinedload(Shift.site),
            joinedload(Signup.volunteer),
            joinedload(Signup.slot).joinedload(Slot.duty),
        )
        .order_by(Signup.created_at, Signup.id)
    ).all()


def overdue() -> Sequence[int]:
    """The applications whose time is up, those that are due longest first."""
    return db.session.scalars(
        select(Signup.id)
        .where(
            Signup.standing == Standing.WAITING,
            Signup.answer_due_at.is_not(None),
            Signup.answer_due_at <= clock.now(),
        )
        .order_by(Signup.answer_due_at, Signup.id)
    ).all()


def answer(signup_id: int) -> Verdict | None:
    """Do what the role says for an application whose time is up, and tell the volunteer.

    None when there is nothing to do any more: again is harmless.
    """
    with transaction():
        signup, shift = with_shift(signup_id)
        due = signup.answer_due_at
        if signup.standing != Standing.WAITING or due is None or due > clock.now():
            return None
        role = shift.opportunity
        if role.policy != Policy.APPROVAL:
            # Nobody is asked first any more: they wait, and get a place, like everybody.
            approving.stop_clock(signup)
            if waiting.fill(shift):
                places_changed.send(shift.id)
            return Verdict.QUEUE
        volunteer = lock_volunteer(signup.volunteer_id)
        judged = judge(shift, volunteer, settled=settled_for(signup))
        room = waiting.room_in(judged, signup.slot_id)
        verdict = when_time_is_up(
            role.unanswered,
            is_open=approving.is_open(shift),
            fits=judged.hindrance is None,
            has_room=room.is_free,
        )
        if verdict == Verdict.QUEUE:
            approving.stop_clock(signup)
            db.session.flush()
            letters.tell(signup)
        elif verdict == Verdict.GIVE:
            signup.slot_id = room.slot_id
            because = N_("Nobody could answer in time, and then the place is yours.")
            waiting.give(signup, Way.RULE, None, because=because)
            places_changed.send(shift.id, has_room_still=not shift.is_full)
        else:
            reason = N_("Nobody could answer in time")
            if due - signup.created_at < timedelta(days=role.answer_days):
                reason = N_("Nobody could answer before the shift")
            end(signup, Standing.DECLINED, Way.RULE, None, reason)
            letters.tell(signup, more=nearby(shift, volunteer))
        return verdict


@languages.in_language_of(lambda but, volunteer: volunteer.language)
def nearby(but: Shift, volunteer: Volunteer) -> list[str]:
    """Other things near the volunteer that they could do, for somebody who is told no."""
    here = Place("here", volunteer.latitude, volunteer.longitude, "")
    found = []
    for shift, _ in search.upcoming(near=here, metres=volunteer.travel_metres, limit=4 * NEARBY):
        if shift.opportunity_id == but.opportunity_id:
            continue
        if judge(shift, volunteer).hindrance is None:
            group: Group = shift.opportunity.group
            found.append(
                gettext("%(what)s, with %(group)s", what=letters.what(shift), group=group.name)
            )
        if len(found) == NEARBY:
            break
    if not found:
        return []
    return [gettext("Other people near you would be glad of your help:"), *found]
