"""What people are told of their hours: a decision, and "When did you leave?"."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app

from app.foundation import clock, languages, queue
from app.foundation.outbox import Letter
from app.foundation.sentences import N_, gettext
from app.hours.models import Attendance, HoursRequest, RequestState
from app.hours.rules import spoken_minutes
from app.messaging import service as messaging
from app.messaging.rules.quiet import next_allowed
from app.opportunities.models import Shift
from app.volunteers import reaching
from app.volunteers.models import Channel, Volunteer
from app.web import mail
from app.web.filters import spoken_day, spoken_time


def zone_of(shift: Shift) -> ZoneInfo:
    """The zone in which the shift's people live."""
    return ZoneInfo(shift.site.zone)


@languages.in_language_of(lambda row: row.volunteer.language)
def tell_decision(row: HoursRequest) -> None:
    """Tell a volunteer what a group said of the hours that they asked for."""
    zone = current_app.config["TIMEZONE"]
    said = {"group": row.group.name, "time": spoken_minutes(row.minutes)}
    said["day"] = spoken_day(row.day, zone)
    if row.state == RequestState.APPROVED:
        words = N_("%(group)s: your %(time)s on %(day)s are counted. Thank you!")
        sentence = gettext(words, **said)
    else:
        words = N_("%(group)s: we could not count your %(time)s on %(day)s.")
        sentence = f"{gettext(words, **said)} {row.answer}"
    write(
        row.volunteer,
        subject=gettext("Your hours"),
        sentence=sentence,
        cause=f"hours:{row.id}",
        purpose="hours decided",
        path="/my/hours",
        action=gettext("See your hours"),
        zone=zone,
        prefers_email=True,
    )


@languages.in_language_of(lambda row, token: row.volunteer.language)
def ask_when_left(row: Attendance, token: str) -> bool:
    """Ask somebody when they left a shift; whether there was a way to ask them."""
    shift = row.shift
    end = spoken_time(shift.ends_at, shift.site.zone)
    sentence = gettext(
        "%(group)s: thank you for helping, %(name)s! "
        "When did you leave? If it was at the planned end, %(time)s, you need not do anything.",
        group=shift.opportunity.group.name,
        name=row.volunteer.first_name,
        time=end,
    )
    return write(
        row.volunteer,
        subject=gettext("When did you leave?"),
        sentence=sentence,
        cause=f"attendance:{row.id}",
        purpose="when left",
        path=f"/left/{token}",
        action=gettext("Tell us"),
        zone=shift.site.zone,
    )


@languages.in_language_of(lambda volunteer, **_: volunteer.language)
def write(
    volunteer: Volunteer,
    *,
    subject: str,
    sentence: str,
    cause: str,
    purpose: str,
    path: str,
    action: str,
    zone: str,
    prefers_email: bool = False,
    deadline: datetime | None = None,
) -> bool:
    """Write to a volunteer by the way that they prefer and allow; whether there is one.

    Nobody waits for it at this minute, so a text rests until the morning.
    """
    may_text, may_email = reaching.for_own_shifts(volunteer)
    if not (may_text or may_email):
        return False
    by_text = may_text and not (may_email and (prefers_email or volunteer.prefers != Channel.SMS))
    # Made by hand: a worker has no request from which a page's address could be reckoned.
    address = f"{current_app.config['PUBLIC_URL']}{path}"
    if by_text:
        letter = Letter(
            channel=Channel.SMS,
            to=volunteer.phone or "",
            body=f"{sentence} {address}",
            cause=cause,
            recipient=f"volunteer:{volunteer.id}",
            purpose=purpose,
            lane=queue.ORDINARY,
        )
    else:
        parts = mail.compose(
            [mail.greeting(volunteer.first_name), sentence], action=(action, address)
        )
        letter = Letter(
            channel=Channel.EMAIL,
            to=volunteer.email or "",
            subject=subject,
            body=parts.text,
            html=parts.html,
            cause=cause,
            recipient=f"volunteer:{volunteer.id}",
            purpose=purpose,
        )
    quiet = current_app.config["QUIET_HOURS"]
    messaging.write(
        letter,
        volunteer_id=volunteer.id,
        not_before=next_allowed(clock.now(), zone, quiet) if by_text else None,
        deadline=deadline,
    )
    return True
