"""What the managers are told of a cover, with the page on which they can stop it.

When somebody drops out late, what happens by itself about it is a `word` in the one letter
of `signups.late_letter`. A letter of its own tells what that could not: that a shift is below
its minimum for another reason, that nobody could be asked after all, and what came of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import current_app

from app.cover.models import Cover, CoverState
from app.cover.rules import Cause, Reach
from app.foundation import clock, languages
from app.foundation.extensions import db
from app.opportunities.models import Shift
from app.signups import managers
from app.signups.letters import on_the_day, what
from app.signups.signals import About, Word
from app.web.filters import plural, spoken_time

_ASKED_ALREADY: Final = "People are being asked for this shift already."


@languages.in_english
def tell_managers(cover: Cover, shift: Shift) -> None:
    """Tell them what happens by itself, or that it could not; in the open transaction.

    By email, and by text to those who allow texts: it is of no use to hear of it later.
    """
    group = shift.opportunity.group.name
    news = "somebody cannot come" if cover.cause == Cause.LATE else "too few people are coming"
    has = f"{plural(shift.taken, 'person is', 'people are')} coming, of {shift.places}."
    then = _then(cover, shift)
    path = _path(shift)
    goes_on = cover.state in (CoverState.PENDING, CoverState.ASKING)
    managers.tell(
        cover.group_id,
        managers.Notice(
            cause=f"cover:{cover.id}:{cover.state.value}",
            subject=f"{'Asking for cover' if goes_on else 'No cover yet'}: {what(shift)}",
            paragraphs=[f"{group}: {news}: {what(shift)}. {has}", then],
            button=_button(cover),
            path=path,
            text=f"{group}: {news}: {what(shift)}. {then} {current_app.config['PUBLIC_URL']}{path}",
            zone=shift.site.zone,
            needed_by=shift.starts_at,
        ),
    )


def _moment(at: datetime, zone: str) -> str:
    """The time today; the day as well where it is another one."""
    is_today = at.astimezone(ZoneInfo(zone)).date() == clock.today(zone)
    return spoken_time(at, zone) if is_today else on_the_day(at, zone)


@languages.in_english
def word(cover: Cover, shift: Shift) -> Word:
    """What happens by itself, for the letter about who left late."""
    return Word(
        about=About.REMEDY,
        text=_ASKED_ALREADY if cover.state == CoverState.ASKING else _then(cover, shift),
        button=_button(cover),
        path=_path(shift),
    )


@languages.in_english
def nobody_by_itself(shift: Shift, *, is_asked_for: bool) -> Word:
    """That the group's rule does nothing about who left late, or that somebody asks already."""
    return Word(
        about=About.REMEDY,
        text=_ASKED_ALREADY if is_asked_for else "Nobody is being asked. You can ask for cover.",
        button="See who could step in",
        path=_path(shift),
    )


def _path(shift: Shift) -> str:
    return f"/groups/{shift.opportunity.group_id}/shifts/{shift.id}/cover"


def _button(cover: Cover) -> str:
    goes_on = cover.state in (CoverState.PENDING, CoverState.ASKING)
    return "See who is asked, or stop it" if goes_on else "See who could step in"


def _then(cover: Cover, shift: Shift) -> str:
    whom = "of our own people" if cover.reach == Reach.OWN else "people"
    few = f"up to {cover.most_people} {whom}"
    now = clock.now()
    if cover.state == CoverState.PENDING and cover.starts_at and cover.starts_at > now:
        return f"We ask {few} at {_moment(cover.starts_at, shift.site.zone)}, unless you stop it."
    if cover.state in (CoverState.PENDING, CoverState.ASKING):
        return f"We ask {few} now, by your rule. You can stop it."
    return f"We could not ask anybody. {cover.note}"


@languages.in_english
def tell_covered(cover: Cover) -> None:
    """Say that every place is filled; in the open transaction."""
    shift = db.session.get_one(Shift, cover.shift_id)
    managers.tell(
        cover.group_id,
        managers.Notice(
            cause=f"cover:{cover.id}:covered",
            subject=f"Covered: {what(shift)}",
            paragraphs=[
                f"{shift.opportunity.group.name}: every place is filled: {what(shift)}.",
                "Nobody else is asked. Who was asked and is silent is told that it is filled.",
            ],
            button="See who comes",
            path=f"/groups/{cover.group_id}/shifts/{shift.id}",
        ),
    )
