"""A text that answers a reminder: OK says that they come, NO gives the place up.

What names a request answers that request. Otherwise the newer of our texts is the one that
is answered: a reminder that was written after the last ask, or the ask. A plain YES goes to
a request that still runs, whichever is newer, because only the ask asks for that word.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.broadcasts import queries as broadcasts
from app.foundation import clock
from app.foundation.sentences import gettext
from app.inbox import answers
from app.inbox.models import Reply
from app.inbox.outcomes import Outcome
from app.inbox.rules import Meaning, Understanding
from app.reminders import queries as reminders
from app.reminders import service as reminding
from app.signups import letters
from app.signups import queries as signups
from app.signups import service as places
from app.signups.models import Signup, Standing, Way
from app.volunteers.models import Volunteer


def answer(
    reply: Reply,
    understanding: Understanding,
    senders: Sequence[Volunteer],
    request: broadcasts.Open | None,
) -> Outcome | None:
    """What is done with a text that answers a reminder; None for one that does not."""
    says_no = understanding.meaning == Meaning.no
    says_yes = understanding.meaning == Meaning.yes or understanding.is_ok
    if understanding.number is not None or not (says_no or says_yes):
        return None
    if says_yes and not understanding.is_ok and request is not None and request.is_running:
        return None
    people = [volunteer.id for volunteer in senders]
    # Found hours late: it cannot be the answer to what was asked after it.
    before = reply.created_at if reply.found_at is not None else clock.now()
    asked = reminders.waits_for_answer(people, before, or_answered=says_no)
    if asked is None or (request is not None and request.asked_at > asked.written_at):
        return None
    return _no(reply, senders, asked) if says_no else _yes(asked)


def _yes(asked: reminders.Asked) -> Outcome | None:
    """Note that they come; of what was moved or left at this very moment they are not thanked."""
    if not reminding.assure({one.id: one.shift.revision for one in asked.signups}):
        return None
    return Outcome(
        "Said that they come.",
        gettext(
            "%(sender)s: thank you, see you then! %(what)s.",
            sender=_sender(asked.signups),
            what=_said(asked.signups),
        ),
        volunteer_id=asked.signups[0].volunteer_id,
    )


def _no(reply: Reply, senders: Sequence[Volunteer], asked: reminders.Asked) -> Outcome | None:
    """Give up what the one text was about. Of several texts a person finds out which.

    Whoever has been given another place since may mean that one: such a no is not for us.
    """
    since = asked.written_at
    coming = [place for sender in senders for place in signups.coming(sender.id)]
    if any(
        place.standing == Standing.CONFIRMED and place.confirmed_at and place.confirmed_at > since
        for place in coming
    ):
        return None
    volunteer_id = asked.signups[0].volunteer_id
    if asked.texts > 1:
        return Outcome(
            "Cannot come to a shift, and was reminded of several: please ask which.",
            answers.WHICH_SHIFT,
            for_a_person=True,
            volunteer_id=volunteer_id,
        )
    left = [
        signup
        for signup in asked.signups
        if places.withdraw(
            signup.shift_id, signup.volunteer_id, way=Way.TEXT, reason=reply.body[:300], tell=False
        )
    ]
    if not left:
        return None
    many = "the shift" if len(left) == 1 else f"{len(left)} shifts"
    return Outcome(
        f"Has left {many} that they were reminded of.",
        gettext(
            "%(group)s: thank you for telling us. You are off %(what)s.",
            group=_sender(left),
            what=_said(left),
        ),
        volunteer_id=volunteer_id,
    )


def _sender(places_: Sequence[Signup]) -> str:
    names = {one.shift.opportunity.group.name for one in places_}
    return names.pop() if len(names) == 1 else "Many Hands"


def _said(places_: Sequence[Signup]) -> str:
    # A couple on one phone may have a place each on the same shift.
    said = ""
    for one in dict.fromkeys(letters.what(place.shift) for place in places_):
        said = gettext("%(one)s; and %(other)s", one=said, other=one) if said else one
    return said
