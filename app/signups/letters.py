"""What people are told of their place: by text, and by email with the calendar's event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app

from app.foundation import clock, languages, queue
from app.foundation.outbox import Letter
from app.foundation.sentences import N_, gettext
from app.messaging import service as messaging
from app.messaging.rules.quiet import next_allowed, rest_until
from app.opportunities.models import Policy, Shift
from app.signups import keys, queries
from app.signups.invitation import invitation
from app.signups.keys import Key
from app.signups.models import LIVE, Signup, Standing, Way
from app.volunteers import reaching
from app.volunteers.models import Channel, Volunteer
from app.web import mail
from app.web.filters import spoken_date, spoken_time, spoken_when

# Why a place ended that somebody else has taken over.
SWAPPED = N_("Swapped with another volunteer")
# Why a sign-up ended that was offered a place.
LAPSED = N_("Did not answer the offer in time")
# The address and how to get in are for confirmed people, around the time.
SHOW_ADDRESS_FROM = timedelta(hours=48)


def when(shift: Shift) -> str:
    """The shift's time inside a sentence, as its site's people say it."""
    return spoken(shift.starts_at, shift.ends_at, shift.site.zone, inside=True)


def spoken(starts_at: datetime, ends_at: datetime, zone: str, *, inside: bool = False) -> str:
    """A time between two aware moments, true for whoever hears of it now.

    News of the late evening rests until the morning: then "tomorrow" would be a day too late,
    so it is said by its date.
    """
    config = current_app.config
    now, there = clock.now(), ZoneInfo(zone)
    heard_at = next_allowed(now, config["TIMEZONE"], config["QUIET_HOURS"])
    today, heard_on, begins_on = (
        moment.astimezone(there).date() for moment in (now, heard_at, starts_at)
    )
    return spoken_when(
        starts_at, ends_at, zone, inside, dated=today < heard_on and today < begins_on
    )


def what(shift: Shift) -> str:
    """The shift in a few words: "Food parcel driver, tonight, 6:30 to 8:30pm"."""
    return f"{shift.opportunity.title}, {when(shift)}"


def on_the_day(moment: datetime, zone: str) -> str:
    """A moment inside a letter, which may be read a day later: "Friday 6 March at noon"."""
    return gettext(
        "%(day)s at %(time)s", day=spoken_date(moment, zone), time=spoken_time(moment, zone)
    )


def what_of(signup: Signup) -> str:
    """The same with what its volunteer does on it: "Food parcel round (driver), tonight, …"."""
    duty = duty_of(signup)
    if not duty:
        return what(signup.shift)
    return f"{signup.shift.opportunity.title} ({duty.lower()}), {when(signup.shift)}"


def duty_of(signup: Signup) -> str:
    """What the volunteer does on the shift, where its places are split among duties."""
    return signup.slot.duty.name if signup.slot_id and signup.slot else ""


def where(shift: Shift) -> str:
    """Where to be: the full address near the time, before that the site and its district."""
    site = shift.site
    if shift.starts_at - clock.now() > SHOW_ADDRESS_FROM:
        return ", ".join(part for part in (site.name, site.district) if part)
    return ", ".join(part for part in (site.address or site.name, site.postcode) if part)


def answer(
    signup: Signup, *, promoted: bool = False, moved: bool = False, by_email: bool = False
) -> str:
    """The sentence that tells a volunteer how they stand, in the present language.

    That of a text says how to answer it; an email has a button for that.
    """
    shift = signup.shift
    said = {"group": shift.opportunity.group.name, "what": what_of(signup)}
    if moved:
        return _moved(signup, said, by_email)
    if signup.standing == Standing.CONFIRMED:
        said["where"] = where(shift)
        if promoted and shift.opportunity.policy == Policy.APPROVAL:
            words = N_("%(group)s: yes, the place is yours! %(what)s, %(where)s.")
        elif promoted:
            words = N_("%(group)s: a place came free and it is yours! %(what)s, %(where)s.")
        else:
            words = N_("%(group)s: You have a place, thank you! %(what)s, %(where)s.")
        return gettext(words, **said) + _cannot_come(by_email)
    if signup.standing == Standing.WAITING:
        if signup.answer_due_at is not None:
            by = on_the_day(signup.answer_due_at, shift.site.zone)
            words = N_("%(group)s: thank you. We will look at it and tell you by %(by)s. %(what)s.")
            return gettext(words, by=by, **said)
        words = N_(
            "%(group)s: thank you! %(what)s is full. You are number %(place)d on the waiting list: "
            "we will text if a place comes free."
        )
        if by_email:
            words = N_(
                "%(group)s: thank you! %(what)s is full. You are number %(place)d on the waiting "
                "list: we will tell you if a place comes free."
            )
        return gettext(words, place=queries.queue_place(signup), **said)
    if signup.standing == Standing.OFFERED and signup.offered_until:
        words = N_(
            "%(group)s: a place came free on %(what)s. Reply YES by %(by)s and it is yours, "
            "or NO. Or answer here: %(address)s"
        )
        if by_email:
            words = N_(
                "%(group)s: a place came free on %(what)s. Say yes by %(by)s and it is yours, "
                "or NO."
            )
        by = on_the_day(signup.offered_until, shift.site.zone)
        return gettext(words, by=by, address=offer_address(signup), **said)
    return _ended(signup, said)


def _moved(signup: Signup, said: dict[str, str], by_email: bool) -> str:
    """That the shift has a new time, and how they stand at it."""
    if signup.standing == Standing.CONFIRMED:
        words = N_(
            "%(group)s: the time has changed. Now: %(what)s, %(where)s. You still have your place."
        )
        return gettext(words, where=where(signup.shift), **said) + _cannot_come(by_email)
    if signup.standing == Standing.OFFERED:
        return gettext(
            "%(group)s: the time has changed. Now: %(what)s. "
            "A place is kept for you: answer here: %(address)s",
            address=offer_address(signup),
            **said,
        )
    words = N_("%(group)s: the time has changed. Now: %(what)s. You still wait for a place.")
    return gettext(words, **said) + _cannot_come(by_email)


def _cannot_come(by_email: bool) -> str:
    return "" if by_email else " " + gettext("Can't come? Reply NO.")


def _ended(signup: Signup, said: dict[str, str]) -> str:
    """That they have no place, and why; a reason that is not ours stays in its own words."""
    reason = gettext(signup.reason).rstrip(".")
    if signup.standing == Standing.WITHDRAWN and signup.reason == SWAPPED:
        words = N_("%(group)s: your place on %(what)s is taken over. You need not come to it.")
    elif signup.standing == Standing.WITHDRAWN and _has_lapsed(signup):
        words = N_(
            "%(group)s: we did not hear from you, so the place on %(what)s went to the next "
            "person. That is fine. You can join the list again."
        )
    elif signup.standing == Standing.WITHDRAWN:
        words = N_("%(group)s: thank you for telling us. You are off %(what)s.")
    elif signup.standing == Standing.DECLINED:
        words = N_("%(group)s: sorry, we cannot offer you a place on %(what)s.")
        return gettext(words, **said) + (f" {reason}." if reason else "")
    elif signup.standing == Standing.CANCELLED:
        words = N_("%(group)s: %(what)s is cancelled. %(reason)s. Sorry!")
        return gettext(words, reason=reason, **said)
    else:
        return f"{said['group']}: {said['what']}: {signup.standing.value}."
    return gettext(words, **said)


def _has_lapsed(signup: Signup) -> bool:
    """Whether an offer ran out without an answer: nobody has said anything then."""
    return signup.reason == LAPSED


def offer_address(signup: Signup) -> str:
    """Where an offer is answered without signing in."""
    return keys.address("offer", keys.make(Key.OFFER, signup.id))


@languages.in_language_of(lambda signup, **_: signup.volunteer.language)
def tell(
    signup: Signup,
    *,
    sms: bool = True,
    promoted: bool = False,
    moved: bool = False,
    because: str = "",
    more: Sequence[str] = (),
) -> None:
    """Write to the volunteer how they stand now, in the open transaction.

    `moved` says that the shift has a new time and the standing is as before;
    `because` is the reason for a yes that nobody looked at, and `more` are
    sentences that only the email has room for.

    Whoever may be emailed gets an email, with the calendar's event when it
    gives or takes a place. A text goes to those who prefer texts, to those
    whom we can reach in no other way, and for news that cannot wait.
    `sms` is off when the caller answers by text itself. It is in their language; `because`
    and `more` are put into it where they are sentences of ours.
    """
    volunteer = signup.volunteer
    unasked = (
        promoted
        or moved
        or signup.standing in (Standing.DECLINED, Standing.CANCELLED, Standing.OFFERED)
        or _has_lapsed(signup)
        or (signup.way == Way.MANAGER and signup.standing in LIVE)
    )
    by_text, by_email = ways(
        volunteer,
        signup.shift,
        unasked=unasked,
        is_pressing=signup.standing == Standing.OFFERED,  # it has little time
    )
    if by_email:
        body = answer(signup, promoted=promoted, moved=moved, by_email=True)
        _email(signup, volunteer, body, moved, [gettext(one) for one in (because, *more) if one])
    if sms and by_text:
        body = answer(signup, promoted=promoted, moved=moved)
        _text(signup, volunteer, body, quietly=unasked)


def ways(
    volunteer: Volunteer, shift: Shift, *, unasked: bool, is_pressing: bool = False
) -> tuple[bool, bool]:
    """Whether news of the shift goes by text, and whether by email.

    `unasked` news is what the volunteer did not bring about; what `is_pressing`
    comes both ways, whatever they prefer.
    """
    may_text, by_email = reaching.for_own_shifts(volunteer)
    soon = shift.starts_at - clock.now() < SHOW_ADDRESS_FROM
    prefers = volunteer.prefers == Channel.SMS or not by_email or (unasked and soon) or is_pressing
    return may_text and prefers, by_email


def _cause(signup: Signup, channel: Channel) -> str:
    """What gave rise to a letter; another for the text and the email of one moment."""
    return f"signup:{signup.id}:{clock.now().timestamp():.6f}:{channel.value}"


def _text(signup: Signup, volunteer: Volunteer, body: str, *, quietly: bool) -> None:
    now = clock.now()
    zone, quiet = signup.shift.site.zone, current_app.config["QUIET_HOURS"]
    not_before = rest_until(now, zone, quiet, signup.shift.starts_at) if quietly else None
    messaging.write(
        Letter(
            channel=Channel.SMS,
            to=volunteer.phone or "",
            body=body,
            cause=_cause(signup, Channel.SMS),
            recipient=f"volunteer:{volunteer.id}",
            purpose="standing",
            lane=queue.ORDINARY if quietly else queue.ANSWERS,
        ),
        volunteer_id=volunteer.id,
        not_before=not_before,
        deadline=signup.shift.ends_at,
    )


def _email(
    signup: Signup, volunteer: Volunteer, sentence: str, moved: bool, more: Sequence[str]
) -> None:
    shift, to = signup.shift, volunteer.email or ""
    calendar = None
    if signup.standing == Standing.CONFIRMED:
        calendar = invitation(signup, to, where=where(shift))
    elif signup.confirmed_at and signup.standing in (
        Standing.WITHDRAWN,
        Standing.DECLINED,
        Standing.CANCELLED,
    ):
        calendar = invitation(signup, to, cancelled=True, where=where(shift))
    opening = {
        Standing.CONFIRMED: N_("You have a place: %(what)s"),
        Standing.WAITING: N_("You are on the waiting list: %(what)s"),
        Standing.OFFERED: N_("A place came free: %(what)s"),
        Standing.WITHDRAWN: N_("You have left: %(what)s"),
        Standing.DECLINED: N_("No place this time: %(what)s"),
        Standing.CANCELLED: N_("Cancelled: %(what)s"),
    }[signup.standing]
    if signup.answer_due_at is not None:
        opening = N_("You have asked for a place: %(what)s")
    subject = gettext(N_("New time: %(what)s") if moved else opening, what=what_of(signup))
    action = (gettext("See or change your shifts"), f"{current_app.config['PUBLIC_URL']}/my/shifts")
    if moved:
        url = f"{current_app.config['PUBLIC_URL']}/shifts/{shift.id}/new-time"
        action = (gettext("Say if the new time suits you"), url)
    if signup.standing == Standing.OFFERED:
        action = (gettext("Take the place, or say no"), offer_address(signup))
    parts = mail.compose(
        [mail.greeting(volunteer.first_name), sentence, *more, *_practical(signup)],
        action=action,
    )
    messaging.write(
        Letter(
            channel=Channel.EMAIL,
            to=to,
            subject=subject[:200],
            body=parts.text,
            html=parts.html,
            calendar=calendar,
            cause=_cause(signup, Channel.EMAIL),
            recipient=f"volunteer:{volunteer.id}",
            purpose="standing",
        ),
        volunteer_id=volunteer.id,
    )


def _practical(signup: Signup) -> list[str]:
    if signup.standing != Standing.CONFIRMED or signup.way == Way.DEMO:
        return []
    role = signup.shift.opportunity
    lines = []
    if role.what_to_bring:
        lines.append(gettext("Please bring: %(things)s", things=role.what_to_bring))
    if role.contact_name:
        lines.append(gettext("Ask for %(name)s when you arrive.", name=role.contact_name))
    lines.append(
        gettext("If you cannot come after all, tell us as early as you can. It is fine to say no.")
    )
    return lines
