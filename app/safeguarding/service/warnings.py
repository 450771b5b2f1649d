"""People are told in good time that a check or a training falls due, once for each step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from flask import current_app
from sqlalchemy import select

from app.foundation import clock, languages, queue, turns
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging import service as messaging
from app.messaging.rules.quiet import next_allowed
from app.safeguarding.queries import dues, groups
from app.safeguarding.queries.dues import Due
from app.safeguarding.rules.dues import step_of
from app.volunteers import reaching
from app.volunteers.models import Channel, Volunteer
from app.volunteers.queries import today
from app.web import mail
from app.web.filters import spoken_day


def warn_everybody() -> int:
    """The daily sweep: whatever falls due within 60, 30 or 7 days; how many letters.

    The ledger knows which step of which paper was told already, so it may run
    as often as it likes; a day on which it did not run is made up for.
    A group that fails keeps no other from its turn, and is raised at the end.
    """
    return sum(
        turns.take(
            (partial(warn, group_id) for group_id in groups.to_look_at()),
            "some groups could not be warned of what falls due",
        )
    )


def warn(group_id: int) -> int:
    """Tell one group's people what of theirs falls due; how many letters were written."""
    day = today()
    with transaction():
        group = db.session.get_one(Group, group_id)
        coming = [
            (one, step)
            for one in dues.due(group)
            if one.last_day is not None and (step := step_of(one.last_day, day)) is not None
        ]
        people = _people([one.volunteer_id for one, _ in coming])
        return sum(
            _write(group, people[one.volunteer_id], one, step)
            for one, step in coming
            if one.volunteer_id in people
        )


def _people(ids: Sequence[int]) -> dict[int, Volunteer]:
    if not ids:
        return {}
    rows = db.session.scalars(select(Volunteer).where(Volunteer.id.in_(ids)))
    return {person.id: person for person in rows}


def _sentence(group: Group, one: Due) -> str:
    day = spoken_day(one.last_day, current_app.config["TIMEZONE"]) if one.last_day else ""
    if one.is_check:
        return gettext(
            "%(group)s: please show us a new DBS check by %(day)s. "
            "We look again after a while; your places stay as they are until then.",
            group=group.name,
            day=day,
        )
    return gettext(
        "%(group)s: your training “%(training)s” holds until %(day)s. "
        "Please renew it and show us the new certificate. Ask us if we can help.",
        group=group.name,
        training=gettext(one.what),
        day=day,
    )


@languages.in_language_of(lambda group, person, one, step: person.language)
def _write(group: Group, person: Volunteer, one: Due, step: int) -> bool:
    """One letter, by the way that the person prefers, not at night; False if it was told before."""
    may_text, may_email = reaching.allowed(person)
    if not may_text and not may_email:
        return False  # the managers see it on their page
    by_text = may_text and (person.prefers == Channel.SMS or not may_email)
    sentence = _sentence(group, one)
    letter = mail.compose(
        [mail.greeting(person.first_name), sentence, gettext("Thank you for your time.")]
    )
    made = messaging.write(
        Letter(
            channel=Channel.SMS if by_text else Channel.EMAIL,
            to=(person.phone if by_text else person.email) or "",
            subject=""
            if by_text
            else gettext("%(training)s: please renew it", training=gettext(one.what)),
            body=sentence if by_text else letter.text,
            html=None if by_text else letter.html,
            cause=f"due:{group.id}:{one.key}:{one.last_day}"[:60],
            recipient=f"volunteer:{person.id}",
            purpose=f"due-{step}",
            lane=queue.ORDINARY if by_text else queue.EMAIL,
        ),
        volunteer_id=person.id,
        not_before=next_allowed(
            clock.now(), current_app.config["TIMEZONE"], current_app.config["QUIET_HOURS"]
        ),
    )
    return made is not None
