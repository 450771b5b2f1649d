"""What a text asks for, done: a claim, a withdrawal, an opt-out, or a person's eye.

Runs in the transaction of the reply. Locks, always in this order: the reply's
row, then the shift's, the volunteer's, the broadcast's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from app.broadcasts import queries as broadcasts
from app.broadcasts import service as broadcasting
from app.broadcasts.models import Answer
from app.foundation import clock, languages
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.inbox import answers, arriving, offering, reminding
from app.inbox.models import Reply
from app.inbox.outcomes import Outcome
from app.inbox.queries import Sender
from app.inbox.rules import (
    ANSWER_EXPECTED,
    Meaning,
    Understanding,
    answers_the_ask,
    choose_request,
)
from app.signups import letters, new_times
from app.signups import queries as signups
from app.signups import service as places
from app.signups.models import OCCUPYING, Signup, Standing, Way
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer
from app.volunteers.rules import spoken_asks

# We do not talk with machines: so many puzzled answers an hour to one number.
MOST_PUZZLED_ANSWERS: Final = 3
# A bare no gives up a place on a shift this near; one further off only where our text about
# it has said that a NO does: just after it was given, or while its new time is not answered.
SOON: Final = timedelta(days=8)


def act(reply: Reply, understanding: Understanding, sender: Sender) -> Outcome:
    """Do what the text asks for, as understood; what was done and what to tell the sender."""
    meaning = understanding.meaning
    if reply.found_at is not None and (overtaken := _overtaken(reply, meaning)):
        return overtaken
    # The carrier has already answered its own keywords (Advanced Opt-Out).
    answered_by_carrier = bool(reply.payload.get("OptOutType"))
    if meaning == Meaning.stop:
        volunteers.opt_out(Channel.SMS, reply.from_address, how="text STOP")
        return Outcome(
            "Opted out of texts, and says more: please read it."
            if understanding.says_more
            else "Opted out of texts.",
            "" if answered_by_carrier else answers.STOPPED,
            for_a_person=understanding.says_more,
            is_service=True,
        )
    if meaning == Meaning.start:
        volunteers.opt_in(Channel.SMS, reply.from_address)
        return Outcome("May be texted again.", "" if answered_by_carrier else answers.STARTED)
    if meaning == Meaning.help:
        return Outcome("Was told how this works.", "" if answered_by_carrier else answers.HELP)
    if not sender.volunteers:
        return Outcome("From a number that we do not know.", for_a_person=True)
    if understanding.how_often is not None:
        per_week = volunteers.ask_as_often(reply.from_address, understanding.how_often)
        with languages.speaking(languages.ENGLISH):
            did = f"Changed how often they are asked: {spoken_asks(per_week).lower()}."
        return Outcome(did, answers.asked_as_often(per_week))
    asked = broadcasts.open_to([volunteer.id for volunteer in sender.volunteers])
    if reply.found_at is not None:
        # Found hours late: it cannot be the answer to what was asked after it.
        asked = [one for one in asked if one.asked_at <= reply.created_at]
    request = _request(asked, understanding.number)
    if answered := offering.answer(reply, understanding, sender.volunteers, asked):
        return answered
    if answered := reminding.answer(reply, understanding, sender.volunteers, request):
        return answered
    if present := arriving.answer(reply, understanding, sender.volunteers):
        return present
    if meaning == Meaning.yes:
        return _yes(sender, asked, request, understanding.number)
    if meaning == Meaning.no:
        return _no(reply, sender.volunteers, asked, request, understanding.number)
    return _puzzled(reply, request, meaning)


def _overtaken(reply: Reply, meaning: Meaning) -> Outcome | None:
    """What is done with a text that was found late, when its sender has texted again since.

    Their newer word stands. A STOP takes effect whatever its age, unless they
    have asked to start again after it; of anything else a person decides.
    """
    newer = db.session.scalars(
        select(Reply.meaning).where(
            Reply.from_address == reply.from_address,
            Reply.created_at > reply.created_at,
            Reply.id != reply.id,
        )
    ).all()
    if meaning == Meaning.stop:
        if Meaning.start.value in newer:
            return Outcome("Came late; they have asked to start again since.")
        return None
    if not newer:
        return None
    return Outcome("Came late, after a newer text from them.", for_a_person=True)


def _request(asked: Sequence[broadcasts.Open], named: int | None) -> broadcasts.Open | None:
    """Which request is meant: the named one, else the only one that still runs.

    When none runs, the only one that ran in the last days: its answer is late.
    """
    by_number = {one.number: one for one in reversed(asked)}
    running = [one.number for one in asked if one.is_running]
    number = choose_request(
        list(by_number) if named is not None else (running or list(by_number)), named
    )
    return by_number.get(number) if number is not None else None


def _yes(
    sender: Sender,
    asked: Sequence[broadcasts.Open],
    request: broadcasts.Open | None,
    named: int | None,
) -> Outcome:
    if request is None:
        return _which(asked, named, "YES")
    outcome = Outcome("", volunteer_id=request.volunteer_id, broadcast_id=request.broadcast_id)
    broadcasting.note_answer(request.broadcast_id, request.volunteer_id, Answer.YES)
    try:
        signup = places.claim_one_of(
            request.shift_ids,
            request.volunteer_id,
            way=Way.TEXT,
            cause=f"broadcast:{request.broadcast_id}",
            tell=False,
        )
    except Refusal as refusal:
        outcome.did = "Said yes, but could not be given a place."
        outcome.tell = answers.thanks_but(refusal.sentence)
        return outcome
    confirmed = signup.standing in OCCUPYING
    outcome.did = "Said yes and has a place." if confirmed else "Said yes and is waiting."
    outcome.tell = letters.answer(signup)
    if sender.is_opted_out:
        # A yes never lifts our own opt-out, so a person has to ring.
        outcome.did = "Said yes, but has opted out of texts: please call."
        outcome.for_a_person = True
    return outcome


def _no(
    reply: Reply,
    senders: Sequence[Volunteer],
    asked: Sequence[broadcasts.Open],
    request: broadcasts.Open | None,
    named: int | None,
) -> Outcome:
    place: Signup | None = None
    could_mean: list[Signup] = []
    # With several requests open, or none of the number named, it could mean any of them.
    if request is not None or not (named or any(one.is_running for one in asked)):
        request, could_mean = _meant_by_no(reply, senders, request, named)
        place = could_mean[0] if len(could_mean) == 1 else None
    if request is None and place is None:
        if could_mean:
            return Outcome(
                "Cannot come to a shift, and has places on several: please ask which.",
                answers.WHICH_SHIFT,
                for_a_person=True,
            )
        return _which(asked, named, "NO")
    outcome = Outcome("Said no.", answers.NO_THANKS)
    if request is not None:
        broadcasting.note_answer(request.broadcast_id, request.volunteer_id, Answer.NO)
        outcome.volunteer_id = request.volunteer_id
        outcome.broadcast_id = request.broadcast_id
    if place is not None:
        outcome.volunteer_id = place.volunteer_id
        left = places.withdraw(
            place.shift_id,
            place.volunteer_id,
            way=Way.TEXT,
            reason=reply.body[:300],
            tell=False,
        )
        if left is not None:
            outcome.did, outcome.tell = "Has left the shift.", letters.answer(left)
    return outcome


def _meant_by_no(
    reply: Reply,
    senders: Sequence[Volunteer],
    request: broadcasts.Open | None,
    named: int | None,
) -> tuple[broadcasts.Open | None, list[Signup]]:
    """The request that a no answers, and the places that it could give up: with one, no doubt."""
    coming = [one for sender in senders for one in signups.coming(sender.id)]
    if request is not None:
        through_it = _place_through(request, coming)
        if named is not None or through_it is not None:
            return request, [through_it] if through_it else []
        if request.is_running:
            return request, []
    now, said = clock.now(), reply.created_at
    could_mean = [
        one
        for one in coming
        if one.standing == Standing.CONFIRMED
        and (
            one.shift.starts_at < now + SOON
            or (one.confirmed_at and said - ANSWER_EXPECTED <= one.confirmed_at <= said)
        )
    ] or [one for one in coming if new_times.is_unanswered(one)]
    confirmed = [one.confirmed_at for one in could_mean if one.confirmed_at]
    if request is not None and answers_the_ask(request.asked_at, confirmed, now):
        return request, []
    return None, could_mean


def _place_through(request: broadcasts.Open, coming: Sequence[Signup]) -> Signup | None:
    """The coming place, or place in a queue, that the request brought its recipient."""
    held = (
        one
        for one in coming
        if one.volunteer_id == request.volunteer_id and one.shift_id in request.shift_ids
    )
    return next(held, None)


def _which(asked: Sequence[broadcasts.Open], named: int | None, word: str) -> Outcome:
    running = [one for one in asked if one.is_running]
    if running and (named is not None or len(running) > 1):
        return Outcome(
            "Was asked which request is meant.",
            answers.which([one.number for one in running], word),
            for_a_person=named is not None,
        )
    return Outcome(
        "Answered, but no request is open to them.", answers.NOTHING_OPEN, for_a_person=True
    )


def _puzzled(reply: Reply, request: broadcasts.Open | None, meaning: Meaning) -> Outcome:
    outcome = Outcome(
        "Asked a question." if meaning == Meaning.question else "We did not understand it.",
        for_a_person=True,
        volunteer_id=request.volunteer_id if request else None,
        broadcast_id=request.broadcast_id if request else None,
    )
    if request is not None and request.answer == Answer.NONE:
        broadcasting.note_answer(request.broadcast_id, request.volunteer_id, Answer.UNCLEAR)
    if _puzzled_lately(reply) < MOST_PUZZLED_ANSWERS:
        # Who has said yes already need not say it again.
        is_asked = request is not None and request.answer != Answer.YES
        outcome.tell = answers.person_reads(request.number if request and is_asked else None)
    return outcome


def _puzzled_lately(reply: Reply) -> int:
    return (
        db.session.scalar(
            select(func.count()).where(
                Reply.from_address == reply.from_address,
                Reply.meaning.in_((Meaning.unclear.value, Meaning.question.value)),
                Reply.created_at > clock.now() - timedelta(hours=1),
                Reply.id != reply.id,
            )
        )
        or 0
    )
