"""A text that answers an offered place: YES takes it, NO lets the next person have it.

What names a request answers that request, and while one runs that was put to this phone
its answer is the request's: the offer has its own link and page. Of an offer and a reminder
the newer is answered by a NO or an OK; a plain YES is only asked for by the offer.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.broadcasts import queries as broadcasts
from app.foundation import clock
from app.foundation.errors import Refusal
from app.inbox import answers
from app.inbox.models import Reply
from app.inbox.outcomes import Outcome
from app.inbox.rules import Meaning, Understanding
from app.reminders import queries as reminders
from app.signups import letters, offers
from app.signups import service as places
from app.signups.models import Signup, Way
from app.volunteers.models import Volunteer


def answer(
    reply: Reply,
    understanding: Understanding,
    senders: Sequence[Volunteer],
    asked: Sequence[broadcasts.Open],
) -> Outcome | None:
    """What is done with a text that answers an offer; None for one that does not."""
    says_no = understanding.meaning == Meaning.no
    says_yes = understanding.meaning == Meaning.yes or understanding.is_ok
    if understanding.number is not None or not (says_no or says_yes):
        return None
    if any(one.is_running for one in asked):
        return None
    people = [volunteer.id for volunteer in senders]
    # Found hours late: it cannot be the answer to what was asked after it.
    before = reply.created_at if reply.found_at is not None else clock.now()
    kept = [offer for offer in offers.open_to(people) if offer.at <= before]
    if not kept:
        return None
    if says_no or understanding.is_ok:
        reminder = reminders.waits_for_answer(people, before, or_answered=says_no)
        if reminder is not None and reminder.written_at > max(offer.at for offer in kept):
            return None
    if len(kept) > 1:
        return Outcome("Was asked which offer is meant.", answers.WHICH_OFFER)
    signup = kept[0].signup
    return _no(reply, signup) if says_no else _yes(signup)


def _yes(signup: Signup) -> Outcome:
    outcome = Outcome("", volunteer_id=signup.volunteer_id)
    try:
        taken = offers.accept(signup.id, Way.TEXT, tell=False)
    except Refusal as refusal:
        outcome.did = "Said yes to an offer, but could not be given the place."
        outcome.tell = answers.thanks_but(refusal.sentence)
        return outcome
    outcome.did, outcome.tell = "Took the place that was offered.", letters.answer(taken)
    return outcome


def _no(reply: Reply, signup: Signup) -> Outcome:
    left = places.withdraw(
        signup.shift_id, signup.volunteer_id, way=Way.TEXT, reason=reply.body[:300], tell=False
    )
    return Outcome(
        "Did not want the place that was offered.",
        letters.answer(left) if left else answers.NO_THANKS,
        volunteer_id=signup.volunteer_id,
    )
