"""What both sides are told of a standing place: one letter about it, one about each exception."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload

from app.foundation import clock, languages, queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.sentences import N_, gettext, ngettext
from app.foundation.transaction import transaction
from app.messaging import service as messaging
from app.messaging.rules.quiet import rest_until
from app.opportunities.models import Opportunity, Pattern, Shift
from app.opportunities.rules.repeating import joined
from app.signups import letters, managers
from app.signups.standing.models import Difference, StandingDate, StandingPlace, StandingState
from app.signups.standing.words import inside, task_words, until_words, when_words
from app.volunteers import reaching
from app.volunteers.models import Channel
from app.web import mail
from app.web.filters import plural, spoken_day

SKIPPED: Final = N_("Does not come on this date.")
ENDED: Final = N_("No longer a standing place.")
PURPOSE: Final = "standing place"
NAMED: Final = 3  # so many dates are named in a letter, the others counted
MOST_AT_ONCE: Final = 200
A_DAY: Final = timedelta(days=1)


def ended_because(standing: StandingPlace) -> str:
    """What a place says that was given up with its standing place."""
    return standing.reason or ENDED


def with_all(standing_id: int) -> StandingPlace:
    """A standing place with everything that its words need."""
    return db.session.execute(
        select(StandingPlace)
        .where(StandingPlace.id == standing_id)
        .options(
            joinedload(StandingPlace.volunteer),
            joinedload(StandingPlace.duty),
            joinedload(StandingPlace.pattern)
            .joinedload(Pattern.opportunity)
            .options(joinedload(Opportunity.group), joinedload(Opportunity.site)),
        )
    ).scalar_one()


def tell_taken(standing_id: int) -> None:
    """The one letter about a standing place that has begun; again is harmless."""
    with transaction():
        standing = with_all(standing_id)
        if standing.told_at is not None or standing.state != StandingState.ACTIVE:
            return
        standing.told_at = clock.now()
        with languages.speaking(standing.volunteer.language):
            words = N_(
                "%(group)s: you have a standing place! %(what)s, %(when)s, %(from)s, until you say."
            )
            if standing.last_day:
                words = N_("%(group)s: you have a standing place! %(what)s, %(when)s, %(from)s.")
            said = {**_said(standing), "from": until_words(standing)}
            subject = gettext("Your standing place: %(what)s", what=task_words(standing))
            body = gettext(words, **said)
            _write(standing, "taken", subject, [body, gettext("You need not sign up each time.")])


def _said(standing: StandingPlace) -> dict[str, str]:
    """Whose it is, what and when, for the inside of a sentence."""
    return {
        "group": standing.pattern.opportunity.group.name,
        "what": task_words(standing),
        "when": inside(when_words(standing)),
    }


@languages.in_language_of(lambda standing: standing.volunteer.language)
def tell_declined(standing: StandingPlace) -> None:
    """The group said no, with its reason; in the open transaction."""
    because = f" {standing.reason.rstrip('.')}." if standing.reason else ""
    words = N_("%(group)s: sorry, we cannot give you a standing place: %(what)s, %(when)s.")
    subject = gettext("No standing place: %(what)s", what=task_words(standing))
    _write(standing, "declined", subject, [gettext(words, **_said(standing)) + because])


@languages.in_language_of(lambda standing: standing.volunteer.language)
def tell_ended(standing: StandingPlace) -> None:
    """The group ended it; in the open transaction."""
    assert standing.last_day is not None
    last = spoken_day(standing.last_day, standing.pattern.opportunity.site.zone)
    words = N_("%(group)s: your standing place ends: %(what)s, %(when)s. Last day: %(last)s.")
    body = [gettext(words, last=last, **_said(standing))]
    if standing.reason:
        body.append(f"{standing.reason.rstrip('.')}.")
    if standing.keeps_made:
        body.append(gettext("You keep the places that you have."))
    body.append(gettext("Thank you!"))
    moment = f"ended:{clock.now().timestamp():.0f}"
    subject = gettext("Your standing place ends: %(what)s", what=task_words(standing))
    _write(standing, moment, subject, [" ".join(body)])


def tell_differences(standing_id: int) -> None:
    """One letter about the dates on which no place could be made and nobody was told yet."""
    with transaction():
        missed = db.session.scalars(
            select(StandingDate)
            .where(
                StandingDate.standing_place_id == standing_id,
                StandingDate.kind == Difference.MISSED,
                StandingDate.told_at.is_(None),
            )
            .order_by(StandingDate.day)
            .with_for_update()
        ).all()
        standing = with_all(standing_id)
        # Before the letter about the standing place itself this one would puzzle.
        if not missed or standing.told_at is None:
            return
        now = clock.now()
        for one in missed:
            one.told_at = now
        same = {one.reason for one in missed}
        moment = f"missed:{now.timestamp():.6f}"
        with languages.speaking(standing.volunteer.language):
            why = missed[0].reason if len(same) == 1 else N_("See why on your page.")
            words = N_("%(group)s: we could not give you your place as %(what)s on %(days)s.")
            days = _dates(standing, [one.day for one in missed])
            body = f"{gettext(words, days=days, **_said(standing))} {gettext(why)}"
            each = [
                f"{_day(standing, one.day)}: {gettext(one.reason)}"
                for one in missed
                if len(same) > 1
            ]
            subject = gettext("No place this time: %(what)s", what=task_words(standing))
            _write(standing, moment, subject, [body, *each])


@languages.in_language_of(lambda standing, shift: standing.volunteer.language)
def tell_made_after_all(standing: StandingPlace, shift: Shift) -> None:
    """A place of which it was said that it could not be; in the open transaction."""
    what, group = letters.what(shift), shift.opportunity.group.name
    body = gettext("%(group)s: you have your place after all: %(what)s.", group=group, what=what)
    subject = gettext("You have a place: %(what)s", what=what)
    _write(with_all(standing.id), f"made:{shift.id}", subject, [body])


@languages.in_english
def tell_given_up(standing: StandingPlace, count: int, why: str) -> None:
    """To the group's managers, when its volunteer ends a standing place."""
    last = ""
    if standing.last_day:
        last = f" Last day: {_day(standing, standing.last_day)}."
    gone = f" {plural(count, 'place is', 'places are')} free again." if count else ""
    _tell_managers(
        standing,
        f"ended:{clock.now().timestamp():.0f}",
        f"A standing place ends: {task_words(standing)}",
        [
            f"One of your standing volunteers ends it: {task_words(standing)}, "
            f"{inside(when_words(standing))}.{last}{gone}",
            *([f"They say: {why}"] if why else []),
        ],
    )


@languages.in_english
def tell_asked(standing: StandingPlace) -> None:
    """To the group's managers, when somebody asks for a standing place."""
    _tell_managers(
        standing,
        "asked",
        f"Somebody asks for a standing place: {task_words(standing)}",
        [
            f"Somebody would like to come again and again: {task_words(standing)}, "
            f"{inside(when_words(standing))}, {until_words(standing)}.",
            "Say yes or no on your page, so that they know.",
        ],
    )


@languages.in_english
def _tell_managers(
    standing: StandingPlace, moment: str, subject: str, paragraphs: Sequence[str]
) -> None:
    """No name is written into a letter: it stands behind the link, where looking is noted."""
    group_id = standing.pattern.opportunity.group_id
    managers.tell(
        group_id,
        managers.Notice(
            cause=f"{standing.cause}:{moment}",
            subject=subject,
            paragraphs=paragraphs,
            button="See your standing volunteers",
            path=f"/groups/{group_id}/standing",
        ),
    )


def tell_all() -> None:
    """Write what was not written yet, of every standing place; the sweep calls it."""
    untold = exists().where(
        StandingDate.standing_place_id == StandingPlace.id,
        StandingDate.kind == Difference.MISSED,
        StandingDate.told_at.is_(None),
    )
    ids = db.session.scalars(
        select(StandingPlace.id)
        .where(
            StandingPlace.state == StandingState.ACTIVE,
            or_(StandingPlace.told_at.is_(None), untold),
        )
        .order_by(StandingPlace.id)
        .limit(MOST_AT_ONCE)
    ).all()
    for standing_id in ids:
        tell_taken(standing_id)
        tell_differences(standing_id)


def _write(standing: StandingPlace, moment: str, subject: str, paragraphs: Sequence[str]) -> None:
    """A letter to the volunteer: by email where they may be emailed, or by text.

    A text rests in quiet hours, for nobody waits for it at that minute.
    """
    volunteer = standing.volunteer
    may_text, may_email = reaching.for_own_shifts(volunteer)
    url = f"{current_app.config['PUBLIC_URL']}/my/standing"
    cause = f"{standing.cause}:{moment}"
    recipient = f"volunteer:{volunteer.id}"
    if may_email:
        parts = mail.compose(
            [
                mail.greeting(volunteer.first_name),
                *paragraphs,
                gettext(
                    "You cannot come on a date? Say so on your page, as early as you can. "
                    "It is fine to say no."
                ),
            ],
            action=(gettext("See your standing places"), url),
        )
        messaging.write(
            Letter(
                channel=Channel.EMAIL,
                to=volunteer.email or "",
                subject=subject[:200],
                body=parts.text,
                html=parts.html,
                cause=f"{cause}:email",
                recipient=recipient,
                purpose=PURPOSE,
            ),
            volunteer_id=volunteer.id,
        )
    if may_text and (volunteer.prefers == Channel.SMS or not may_email):
        now, config = clock.now(), current_app.config
        zone = standing.pattern.opportunity.site.zone
        messaging.write(
            Letter(
                channel=Channel.SMS,
                to=volunteer.phone or "",
                body=f"{paragraphs[0]} {url}",
                cause=cause,
                recipient=recipient,
                purpose=PURPOSE,
                lane=queue.ORDINARY,
            ),
            volunteer_id=volunteer.id,
            not_before=rest_until(now, zone, config["QUIET_HOURS"], now + A_DAY),
        )


def _dates(standing: StandingPlace, days: Sequence[date]) -> str:
    named = [_day(standing, day) for day in days[:NAMED]]
    more = len(days) - len(named)
    if more:
        return ngettext(
            "%(dates)s and %(num)d more date",
            "%(dates)s and %(num)d more dates",
            more,
            dates=", ".join(named),
        )
    return joined(named)


def _day(standing: StandingPlace, day: date) -> str:
    return spoken_day(day, standing.pattern.opportunity.site.zone)
