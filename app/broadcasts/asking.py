"""The asks themselves: whom, with which words, written to the ledger in one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from app.broadcasts import rules
from app.broadcasts.models import Broadcast, BroadcastShift, Recipient
from app.foundation import clock, languages, queue
from app.foundation.extensions import db
from app.foundation.upsert import insert_ignoring, rows_changed
from app.matching.queries import Wish
from app.matching.queries.conditions import UNHEARD, busy_during, lacks_every_duty
from app.matching.queries.wish import needs
from app.matching.rules import WEEK
from app.messaging import service as messaging
from app.messaging.models import ASK, Message, State
from app.messaging.queries import knows_how_to_stop
from app.messaging.rules import opting_out, segments
from app.opportunities.models import Shift
from app.signups.letters import when
from app.signups.models import LIVE, Signup
from app.signups.rules import Exclusion
from app.volunteers.models import Channel, OptOut, Volunteer
from app.web.filters import spoken_when

# Ranks from here on are of those who let others go first.
END_OF_LINE: Final = 1_000_000_000


def cause(broadcast_id: int) -> str:
    """What a request's texts stand under in the ledger."""
    return f"broadcast:{broadcast_id}"


def draft(shifts: Sequence[Shift], number: int, *, dated: bool = False) -> str:
    """A text that asks for these shifts, in plain letters and in the present language.

    It is true until the shift begins, on whichever day it leaves: "today" and "tonight" are,
    but "tomorrow" is said by its date. `dated` says today by its date too.
    """
    first = min(shifts, key=lambda shift: shift.starts_at)
    titles = [shift.opportunity.title for shift in shifts]
    group, site = first.opportunity.group.name, first.site.name
    return segments.plain(rules.draft_text(group, titles, _when(first, dated), site, number))


def _when(shift: Shift, dated: bool) -> str:
    zone = shift.site.zone
    day = shift.starts_at.astimezone(ZoneInfo(zone)).date()
    if day == clock.today(zone) and not dated:
        return when(shift)
    return spoken_when(shift.starts_at, shift.ends_at, zone, inside=True, dated=True)


def is_as_drafted(text: str, shifts: Sequence[Shift], number: int) -> bool:
    """Whether nobody wrote in a text, drafted in the present language today or on a day before."""
    return any(text == draft(shifts, number, dated=dated) for dated in (False, True))


def in_languages(text: str, shifts: Sequence[Shift], number: int) -> dict[str, str]:
    """The text of a request in each language in which it is another; `text` is plain already."""
    dated = text == draft(shifts, number, dated=True)  # as it was drafted on a day before
    drafted, ending = draft(shifts, number, dated=dated), rules.how_to_answer(number)
    found = {}
    for code in languages.LANGUAGES:
        with languages.speaking(code):
            theirs = segments.plain(
                rules.in_other_words(
                    text,
                    drafted,
                    ending,
                    draft(shifts, number, dated=dated),
                    rules.how_to_answer(number),
                )
            )
        if theirs != text:
            found[code] = theirs
    return found


def text_in(broadcast: Broadcast, code: str) -> str:
    """The text as its readers get it who chose this language."""
    return broadcast.texts.get(code, broadcast.text)


def wish_of(broadcast: Broadcast, shifts: Sequence[Shift]) -> Wish:
    """What the broadcast asks of matching."""
    return Wish(
        shift_ids=[shift.id for shift in shifts],
        within_metres=broadcast.within_metres,
        also_needs=broadcast.also_needs,
        group_kinds=broadcast.group_kinds,
        not_asked_days=broadcast.not_asked_days,
        ignores_budget=broadcast.ignores_budget,
        is_emergency=bool(broadcast.emergency_reason),
        refused=refused(shifts),
    )


def refused(shifts: Sequence[Shift]) -> Select[int]:
    """Who said no in the last two days when they were asked about one of these shifts."""
    return select(Recipient.volunteer_id).where(
        Recipient.answer == "no",
        Recipient.answered_at > clock.now() - timedelta(days=2),
        Recipient.broadcast_id.in_(_about_the_same(shifts)),
    )


def _about_the_same(shifts: Sequence[Shift]) -> Any:
    return select(BroadcastShift.broadcast_id).where(
        BroadcastShift.shift_id.in_([shift.id for shift in shifts])
    )


def leave_out(broadcast: Broadcast, shifts: Sequence[Shift], most: int) -> int:
    """Of the next so many, exclude those whom we may not ask any more; how many.

    Between the start and a wave people say STOP, withdraw their consent, take
    a rest, are erased, take a place here or elsewhere, or are asked by other
    groups as often as they like. Whoever another request has asked in the
    meantime, and may still be asked, goes to the end of the line.
    """
    following = next_in_line(broadcast, most).subquery("following")
    reasons = _reasons(broadcast, shifts, following)
    why = case(*((condition, reason.value) for condition, reason in reasons))
    changed = db.session.execute(
        update(Recipient)
        .where(
            Recipient.id.in_(select(following.c.id)),
            Recipient.volunteer_id.in_(
                select(Volunteer.id).where(
                    Volunteer.id.in_(select(following.c.volunteer_id)),
                    or_(*(condition for condition, _ in reasons)),
                )
            ),
        )
        .values(
            excluded=select(why).where(Volunteer.id == Recipient.volunteer_id).scalar_subquery()
        )
        .execution_options(synchronize_session=False)
    )
    asked_elsewhere = select(Volunteer.id).where(
        Volunteer.id.in_(select(following.c.volunteer_id)),
        Volunteer.last_asked_at > broadcast.started_at,
    )
    db.session.execute(
        update(Recipient)
        .where(
            Recipient.id.in_(select(following.c.id)),
            Recipient.rank < END_OF_LINE,
            Recipient.volunteer_id.in_(asked_elsewhere),
        )
        .values(rank=Recipient.rank + END_OF_LINE)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(changed)


def next_in_line(broadcast: Broadcast, most: int) -> Select[int, int]:
    """Those who would be asked next, in order: id and volunteer_id."""
    return (
        select(Recipient.id, Recipient.volunteer_id)
        .where(
            Recipient.broadcast_id == broadcast.id,
            Recipient.excluded == "",
            Recipient.wave.is_(None),
        )
        .order_by(Recipient.rank)
        .limit(most)
    )


def _reasons(
    broadcast: Broadcast, shifts: Sequence[Shift], following: Subquery
) -> list[tuple[ColumnElement[bool], Exclusion]]:
    opted_out = select(OptOut.address).where(
        OptOut.channel == Channel.SMS, OptOut.address.is_not(None)
    )
    on_a_shift = select(Signup.volunteer_id).where(
        Signup.shift_id.in_([shift.id for shift in shifts]), Signup.standing.in_(LIVE)
    )
    these = select(following.c.volunteer_id)
    wanted = needs(Wish(shift_ids=[shift.id for shift in shifts]))
    busy = [
        Volunteer.id.in_(busy_during(need).where(Signup.volunteer_id.in_(these))) for need in wanted
    ]
    today = clock.today(shifts[0].site.zone)
    reasons = [
        (
            or_(Volunteer.phone.is_(None), Volunteer.sms_consent_at.is_(None)),
            Exclusion.NO_CONTACT,
        ),
        (Volunteer.phone.in_(opted_out), Exclusion.OPTED_OUT),
        (Volunteer.paused_until > today, Exclusion.PAUSED),
        (Volunteer.id.in_(on_a_shift), Exclusion.ALREADY_IN),
        (and_(*busy), Exclusion.CLASH),
    ]
    # What was free when the audience was found may be taken by now, duty by duty.
    lacking = [lack for need in wanted if (lack := lacks_every_duty(need)) is not None]
    if len(lacking) == len(wanted):
        reasons.append((and_(*lacking), Exclusion.DUTY))
    if not broadcast.emergency_reason:
        reasons.append((Volunteer.asks_per_week == 0, Exclusion.ASKED_OFTEN))
    if not (broadcast.emergency_reason or broadcast.ignores_budget):
        often = (
            select(Message.volunteer_id)
            .join(asked := aliased(Volunteer), asked.id == Message.volunteer_id)
            .where(
                Message.volunteer_id.in_(these),
                Message.purpose == ASK,
                Message.created_at > clock.now() - WEEK,
                Message.state.not_in(UNHEARD),
            )
            .group_by(Message.volunteer_id, asked.asks_per_week)
            .having(func.count() >= asked.asks_per_week)
        )
        reasons.append((Volunteer.id.in_(often), Exclusion.ASKED_OFTEN))
    return reasons


def ask(broadcast: Broadcast, size: int) -> int:
    """Ask the next so many of the audience, best first; how many were asked.

    Three statements, however many people: the recipients are marked with the
    wave, the volunteers with the moment, and the messages are written from
    the marked rows.
    """
    now = clock.now()
    chosen = next_in_line(broadcast, size).with_only_columns(Recipient.id)
    db.session.execute(
        update(Recipient)
        .where(Recipient.id.in_(chosen.scalar_subquery()))
        .values(wave=broadcast.wave, asked_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Volunteer)
        .where(
            Volunteer.id.in_(
                # Whoever takes a place at this moment holds their own row and may wait for
                # ours: waiting for them in turn would stop both. They are passed over.
                select(Volunteer.id)
                .where(
                    Volunteer.id.in_(
                        select(Recipient.volunteer_id).where(
                            Recipient.broadcast_id == broadcast.id,
                            Recipient.excluded == "",
                            Recipient.wave == broadcast.wave,
                        )
                    )
                )
                .with_for_update(skip_locked=True, key_share=True)
            )
        )
        .values(last_asked_at=now)
        .execution_options(synchronize_session=False)
    )
    written = write_texts(
        broadcast,
        ASK,
        lambda: text_in(broadcast, languages.present()),
        and_(
            Recipient.broadcast_id == broadcast.id,
            Recipient.excluded == "",
            Recipient.wave == broadcast.wave,
        ),
        run_id=broadcast.run_id,
        deadline=broadcast.deadline,
    )
    messaging.nudge(queue.URGENT)
    return written


def write_texts(
    broadcast: Broadcast,
    purpose: str,
    body: Callable[[], str],
    to_whom: ColumnElement[bool],
    *,
    run_id: int | None = None,
    deadline: datetime | None = None,
) -> int:
    """Write one text to each of these recipients who has a phone, best first; how many.

    `body` says it in the present language; each reads it in their own. One statement, in the
    open transaction; whoever was written to for this purpose already is passed over.
    """
    bodies = {}
    for code in languages.LANGUAGES:
        with languages.speaking(code):
            bodies[code] = body()
    now = clock.now()
    values: dict[str, Any] = {
        "created_at": literal(now, Message.created_at.type),
        "channel": literal(Channel.SMS.value),
        "lane": literal(queue.URGENT),
        "cause": literal(cause(broadcast.id)),
        "recipient": literal("volunteer:") + cast(Volunteer.id, String),
        "purpose": literal(purpose),
        "volunteer_id": Volunteer.id,
        "run_id": literal(run_id, Message.run_id.type),
        "token": _random_token(),
        "to_address": Volunteer.phone,
        "subject": literal(""),
        **messaging.wordings(bodies, knows_how_to_stop(Volunteer.phone, now - opting_out.EVERY)),
        "is_service": literal(False),
        "state": literal(State.QUEUED.value),
        "reason": literal(""),
        "not_before": literal(now, Message.not_before.type),
        "deadline": literal(deadline, Message.deadline.type),
        "attempts": literal(0),
        "carrier": literal(""),
    }
    written = db.session.execute(
        insert_ignoring(Message.__table__)
        .from_select(
            list(values),
            select(*values.values())
            .select_from(Recipient)
            .join(Volunteer, Volunteer.id == Recipient.volunteer_id)
            .where(to_whom, Volunteer.phone.is_not(None))
            .order_by(Recipient.rank),
        )
        .returning(Message.__table__.c.id)
    )
    return len(written.all())


def _random_token() -> ColumnElement[str]:
    """32 hexadecimal digits made by the database, another for each row."""
    if db.session.get_bind().dialect.name == "postgresql":
        return func.replace(cast(func.gen_random_uuid(), String), "-", "", type_=String)
    return literal_column("lower(hex(randomblob(16)))", String)
