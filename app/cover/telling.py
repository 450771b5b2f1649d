"""What the managers are told of a cover, with the page on which they can stop it or begin it."""

from __future__ import annotations

from flask import current_app

from app.cover.models import Cover, CoverState
from app.cover.rules import Cause, Reach
from app.foundation.extensions import db
from app.opportunities.models import Shift
from app.safeguarding.queries.groups import managers_of
from app.safeguarding.service import letters
from app.signups.letters import what
from app.web.filters import plural, spoken_time

PURPOSE = "cover"


def tell_managers(cover: Cover, shift: Shift) -> None:
    """Tell them what happens by itself, or that it could not; in the open transaction.

    By email and by text: it is of no use to hear of it later.
    """
    people = managers_of(cover.group_id)
    group = shift.opportunity.group.name
    news = "Somebody cannot come" if cover.cause == Cause.LATE else "Too few people are coming"
    has = f"{plural(shift.taken, 'person is', 'people are')} coming, of {shift.places}."
    then = _then(cover, shift)
    path = f"/groups/{cover.group_id}/shifts/{shift.id}/cover"
    moment = f"cover:{cover.id}:{cover.state.value}"
    letters.email(
        people,
        subject=f"{news}: {what(shift)}",
        paragraphs=[f"{group}: {news[:1].lower()}{news[1:]}: {what(shift)}. {has}", then],
        action=("See who could step in, or stop it", path)
        if cover.state in (CoverState.PENDING, CoverState.ASKING)
        else ("See who could step in", path),
        cause=f"{moment}:email",
        purpose=PURPOSE,
    )
    letters.text(
        people,
        body=f"{group}: {news[:1].lower()}{news[1:]}: {what(shift)}. {then} {_whole(path)}",
        cause=f"{moment}:sms",
        purpose=PURPOSE,
        zone=shift.site.zone,
        needed_by=shift.starts_at,
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
    letters.email(
        managers_of(cover.group_id),
        subject=f"Covered: {what(shift)}",
        paragraphs=[
            f"{shift.opportunity.group.name}: every place is filled: {what(shift)}.",
            "Nobody else is asked. Those who were asked and are silent are told that it is filled.",
        ],
        action=("See who comes", f"/groups/{cover.group_id}/shifts/{shift.id}"),
        cause=f"cover:{cover.id}:covered:{cover.broadcast_id}",
        purpose=PURPOSE,
    )


def _whole(path: str) -> str:
    return f"{current_app.config['PUBLIC_URL']}{path}"
