"""A text that says "HERE" or "LEFT": the sender is checked in, or out, where there is no doubt.

It is their own word, from wherever they are, and marked as that on the board
of the day. "LEFT" and "DONE" count only for somebody who is checked in: from
anybody else "left" may mean that they have just set off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.sentences import N_, gettext
from app.hours import queries as attendance
from app.hours import rules as hours
from app.hours import service
from app.hours.models import Attendance, Seen
from app.hours.rules import CHECK_IN_FROM
from app.inbox import answers
from app.inbox.models import Reply
from app.inbox.outcomes import Outcome
from app.inbox.rules import Meaning, Understanding
from app.opportunities.models import Shift
from app.signups import queries as signups
from app.signups.models import OCCUPYING, Signup
from app.volunteers.models import Volunteer
from app.web.filters import spoken_hours, spoken_time

WHO: Final = N_(
    "Many Hands: who of you is it? Please tap your name on the tablet, "
    "or tell the person in charge."
)


def answer(
    reply: Reply, understanding: Understanding, senders: Sequence[Volunteer]
) -> Outcome | None:
    """What is done with a text of arrival or departure; None for one that a person must read."""
    if understanding.number is not None:
        return None  # "27 here" speaks of a request
    if understanding.meaning not in (Meaning.here, Meaning.gone):
        return None
    if reply.found_at is not None:
        return Outcome(
            "Said that they were here or had left, but the text reached us late.",
            for_a_person=True,
        )
    if understanding.meaning == Meaning.here:
        return _here(senders)
    return _gone(senders)


def _here(senders: Sequence[Volunteer]) -> Outcome | None:
    now = clock.now()
    coming = [
        place
        for sender in senders
        for place in signups.coming(sender.id)
        if place.standing in OCCUPYING
    ]
    due = [
        place
        for place in coming
        if hours.may_check_in(now, place.shift.starts_at, place.shift.ends_at)
    ]
    if not due:
        return _too_early(coming)
    if len({place.volunteer_id for place in due}) > 1:
        return Outcome("Is here; several people share this phone.", WHO, for_a_person=True)
    # Of two shifts in a row it is the one that runs.
    place = min(due, key=lambda one: (one.shift.starts_at > now, one.shift.starts_at))
    try:
        row = service.check_in(place.id, Seen.TEXT)
    except Refusal as refusal:
        return Outcome(
            "Said that they are here, but could not be checked in.",
            answers.signed(refusal.sentence),
            for_a_person=True,
            volunteer_id=place.volunteer_id,
        )
    return Outcome(
        "Is here.",
        gettext(
            "%(group)s: thank you, %(name)s! You are checked in, %(times)s. Text LEFT when you go.",
            group=_group(row.shift),
            name=row.volunteer.first_name,
            times=_times(row.shift),
        ),
        volunteer_id=place.volunteer_id,
    )


def _too_early(coming: Sequence[Signup]) -> Outcome | None:
    """Say when check-in opens, to who has a place later today."""
    for place in coming:
        shift = place.shift
        if clock.today(shift.site.zone) == _day_of(shift):
            opens = spoken_time(shift.starts_at - CHECK_IN_FROM, shift.site.zone)
            return Outcome(
                "Said that they are here, but it is too early.",
                gettext(
                    "%(group)s: thank you! It is a bit early: your shift is %(times)s. "
                    "Text HERE from %(time)s on.",
                    group=_group(shift),
                    times=_times(shift),
                    time=opens,
                ),
                volunteer_id=place.volunteer_id,
            )
    return None


def _gone(senders: Sequence[Volunteer]) -> Outcome | None:
    present = attendance.present([sender.id for sender in senders])
    present = [one for one in present if hours.may_check_out(clock.now(), one.shift.ends_at)]
    if not present:
        return None
    if len(present) > 1:
        return Outcome("Has left; it is not clear who or what.", WHO, for_a_person=True)
    row: Attendance = service.check_out(present[0].id, Seen.TEXT)
    minutes = hours.spoken_minutes(row.minutes or 0)
    return Outcome(
        "Has left.",
        gettext(
            "%(group)s: thank you, %(name)s! You gave %(time)s.",
            group=_group(row.shift),
            name=row.volunteer.first_name,
            time=minutes,
        ),
        volunteer_id=row.volunteer_id,
    )


def _group(shift: Shift) -> str:
    return shift.opportunity.group.name


def _times(shift: Shift) -> str:
    zone = ZoneInfo(shift.site.zone)
    start, end = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
    return spoken_hours(start.time(), end.time())


def _day_of(shift: Shift) -> date:
    return shift.starts_at.astimezone(ZoneInfo(shift.site.zone)).date()
