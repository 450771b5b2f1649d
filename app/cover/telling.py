"""What the managers are told of a cover, with the page on which they can stop it.

That somebody dropped out late they hear from `signups.leaving`; from here, what happens by
itself about it, and what came of it.
"""

from __future__ import annotations

from flask import current_app

from app.cover.models import Cover, CoverState
from app.cover.rules import Cause, Reach
from app.foundation.extensions import db
from app.opportunities.models import Shift
from app.signups import managers
from app.signups.letters import what
from app.web.filters import plural, spoken_time


def tell_managers(cover: Cover, shift: Shift) -> None:
    """Tell them what happens by itself, or that it could not; in the open transaction.

    By email, and by text to those who allow texts: it is of no use to hear of it later.
    """
    group = shift.opportunity.group.name
    news = "somebody cannot come" if cover.cause == Cause.LATE else "too few people are coming"
    has = f"{plural(shift.taken, 'person is', 'people are')} coming, of {shift.places}."
    then = _then(cover, shift)
    path = f"/groups/{cover.group_id}/shifts/{shift.id}/cover"
    goes_on = cover.state in (CoverState.PENDING, CoverState.ASKING)
    managers.tell(
        cover.group_id,
        managers.Notice(
            cause=f"cover:{cover.id}:{cover.state.value}",
            subject=f"{'Asking for cover' if goes_on else 'No cover yet'}: {what(shift)}",
            paragraphs=[f"{group}: {news}: {what(shift)}. {has}", then],
            button="See who is asked, or stop it" if goes_on else "See who could step in",
            path=path,
            text=f"{group}: {news}: {what(shift)}. {then} {current_app.config['PUBLIC_URL']}{path}",
            zone=shift.site.zone,
            needed_by=shift.starts_at,
        ),
    )


def _then(cover: Cover, shift: Shift) -> str:
    whom = "of our own people" if cover.reach == Reach.OWN else "people"
    few = f"up to {cover.most_people} {whom}"
    if cover.state == CoverState.PENDING and cover.starts_at:
        at = spoken_time(cover.starts_at, shift.site.zone)
        return f"We ask {few} at {at}, unless you stop it."
    if cover.state == CoverState.ASKING:
        return f"We ask {few} now, by your rule. You can stop it."
    return f"We could not ask anybody. {cover.note}"


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
