"""From a stored text to what it asks for: a claim, a withdrawal, an opt-out, a person's eye.

Replies are taken in the order of arrival, each in one transaction with what
it causes and with its answer. Locks, always in this order: the reply's row,
then the shift's, the volunteer's, the broadcast's.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select, update

from app.accounts import audit
from app.broadcasts import queries as broadcasts
from app.broadcasts import service as broadcasting
from app.broadcasts.models import Answer
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.inbox import answers
from app.inbox.models import Reply, ReplyState
from app.inbox.rules import Meaning, Understanding, choose_request, understand
from app.messaging import service as messaging
from app.signups import letters
from app.signups import queries as signups
from app.signups import service as places
from app.signups.models import OCCUPYING, Standing, Way
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer

log = logging.getLogger(__name__)

PROCESS: Final = "app.inbox.jobs.process"
MOST_ATTEMPTS: Final = 3
# We do not talk with machines: so many puzzled answers an hour to one number.
MOST_PUZZLED_ANSWERS: Final = 3


@dataclass
class Outcome:
    """What was done with a reply, and what its sender is told."""

    did: str
    tell: str = ""
    for_a_person: bool = False
    volunteer_id: int | None = None
    broadcast_id: int | None = None
    is_service: bool = False


def store(payload: dict[str, Any]) -> int | None:
    """Keep an inbound text as it came; None when its carrier's id is known already.

    `payload` has Twilio's fields (twilio.com/docs/messaging/guides/webhook-request).
    """
    # PostgreSQL keeps every character but this one.
    payload = {name: str(value).replace("\0", "") for name, value in payload.items()}
    statement = (
        insert_ignoring(Reply.__table__)
        .values(
            created_at=clock.now(),
            carrier_id=str(payload.get("MessageSid") or payload.get("SmsSid") or "")[:64],
            from_address=str(payload.get("From") or "")[:40],
            to_address=str(payload.get("To") or "")[:40],
            body=str(payload.get("Body") or ""),
            payload=payload,
            state=ReplyState.NEW,
            meaning="",
            outcome="",
            attempts=0,
        )
        .returning(Reply.__table__.c.id)
    )
    with transaction():
        reply_id: int | None = db.session.scalar(statement)
        if reply_id is not None:
            queue.enqueue_once(PROCESS, queue=queue.ANSWERS)
    return reply_id


def process_all(most: int = 2000) -> int:
    """Take the stored replies in the order of arrival until none is left; how many.

    Several workers may do so at once: the oldest reply's row is the lock, so
    that they take turns.
    """
    done = 0
    while done < most:
        reply_id = _process_next()
        if reply_id is None:
            break
        done += 1
    return done


def _process_next() -> int | None:
    reply_id: int | None = None
    try:
        with transaction():
            oldest = select(func.min(Reply.id)).where(Reply.state == ReplyState.NEW)
            reply = db.session.scalar(
                select(Reply)
                .where(Reply.id == oldest.scalar_subquery())
                .with_for_update()
                .execution_options(populate_existing=True)
            )
            if reply is None:
                return None
            reply_id = reply.id
            if reply.state == ReplyState.NEW:
                _process(reply)
    except Exception:
        if reply_id is None:
            raise
        # Kept for a person after a few tries, so that it neither blocks the others nor is lost.
        log.exception("reply %s could not be processed", reply_id)
        _note_failure(reply_id)
    return reply_id


def _note_failure(reply_id: int) -> None:
    with transaction():
        attempts = db.session.scalar(
            update(Reply)
            .where(Reply.id == reply_id)
            .values(attempts=Reply.attempts + 1)
            .returning(Reply.attempts)
        )
        if (attempts or 0) >= MOST_ATTEMPTS:
            db.session.execute(
                update(Reply)
                .where(Reply.id == reply_id, Reply.state == ReplyState.NEW)
                .values(
                    state=ReplyState.WAITING,
                    processed_at=clock.now(),
                    outcome="We could not act on this text: please read it.",
                )
            )


def _process(reply: Reply) -> None:
    understanding = understand(reply.body)
    senders = _senders(reply.from_address)
    outcome = _act(reply, understanding, senders)
    reply.meaning = understanding.meaning.value
    reply.outcome = outcome.did[:200]
    reply.volunteer_id = outcome.volunteer_id or (senders[0].id if len(senders) == 1 else None)
    reply.broadcast_id = outcome.broadcast_id
    reply.state = ReplyState.WAITING if outcome.for_a_person else ReplyState.DONE
    reply.processed_at = clock.now()
    if outcome.tell:
        _answer(reply, outcome)


def _senders(address: str) -> Sequence[Volunteer]:
    return db.session.scalars(
        select(Volunteer)
        .where(Volunteer.phone == address, Volunteer.erased_at.is_(None))
        .order_by(Volunteer.id)
    ).all()


def _answer(reply: Reply, outcome: Outcome) -> None:
    messaging.write(
        Letter(
            channel=Channel.SMS,
            to=reply.from_address,
            body=outcome.tell,
            cause=f"reply:{reply.id}",
            recipient=f"phone:reply:{reply.id}",
            purpose="answer",
            lane=queue.ANSWERS,
        ),
        volunteer_id=reply.volunteer_id,
        is_service=outcome.is_service,
    )


def _act(reply: Reply, understanding: Understanding, senders: Sequence[Volunteer]) -> Outcome:
    meaning = understanding.meaning
    # The carrier has already answered its own keywords (Advanced Opt-Out).
    answered_by_carrier = bool(reply.payload.get("OptOutType"))
    if meaning == Meaning.stop:
        volunteers.opt_out(Channel.SMS, reply.from_address, how="text STOP")
        tell = "" if answered_by_carrier else answers.STOPPED
        return Outcome("Opted out of texts.", tell, is_service=True)
    if meaning == Meaning.start:
        volunteers.opt_in(Channel.SMS, reply.from_address)
        return Outcome("May be texted again.", "" if answered_by_carrier else answers.STARTED)
    if meaning == Meaning.help:
        return Outcome("Was told how this works.", "" if answered_by_carrier else answers.HELP)
    if not senders:
        return Outcome("From a number that we do not know.", for_a_person=True)
    asked = broadcasts.open_to([sender.id for sender in senders])
    request = _request(asked, understanding.number)
    if meaning == Meaning.yes:
        return _yes(reply, asked, request, understanding.number)
    if meaning == Meaning.no:
        return _no(reply, senders, asked, request, understanding.number)
    return _puzzled(reply, asked, request, meaning)


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
    reply: Reply,
    asked: Sequence[broadcasts.Open],
    request: broadcasts.Open | None,
    named: int | None,
) -> Outcome:
    if request is None:
        return _which(asked, named)
    outcome = Outcome("", volunteer_id=request.volunteer_id, broadcast_id=request.broadcast_id)
    broadcasting.note_answer(request.broadcast_id, request.volunteer_id, Answer.YES)
    shift_ids = [shift.id for shift in broadcasts.shifts_of(request.broadcast_id)]
    try:
        signup = places.claim_one_of(
            shift_ids,
            request.volunteer_id,
            way=Way.TEXT,
            cause=f"broadcast:{request.broadcast_id}",
            tell=False,
        )
    except Refusal as refusal:
        outcome.did = "Said yes, but could not be given a place."
        outcome.tell = f"Thank you for saying yes! {refusal.sentence}"
        return outcome
    confirmed = signup.standing in OCCUPYING
    outcome.did = "Said yes and has a place." if confirmed else "Said yes and is waiting."
    outcome.tell = letters.answer(signup)
    if volunteers.is_opted_out(Channel.SMS, reply.from_address):
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
    place = _place_meant(senders, request, named)
    if place is not None:
        shift_id, volunteer_id = place
        if request is not None:
            broadcasting.note_answer(request.broadcast_id, request.volunteer_id, Answer.NO)
        signup = places.withdraw(
            shift_id, volunteer_id, way=Way.TEXT, reason=reply.body[:300], tell=False
        )
        if signup is not None:
            return Outcome(
                "Has left the shift.",
                letters.answer(signup),
                volunteer_id=volunteer_id,
                broadcast_id=request.broadcast_id if request else None,
            )
    if request is not None:
        broadcasting.note_answer(request.broadcast_id, request.volunteer_id, Answer.NO)
        return Outcome(
            "Said no.",
            answers.NO_THANKS,
            volunteer_id=request.volunteer_id,
            broadcast_id=request.broadcast_id,
        )
    return _which(asked, named)


def _place_meant(
    senders: Sequence[Volunteer], request: broadcasts.Open | None, named: int | None
) -> tuple[int, int] | None:
    """The (shift, volunteer) that a no gives up, when there is no doubt which."""
    if request is not None and (named is not None or request.answer == Answer.YES):
        for shift in broadcasts.shifts_of(request.broadcast_id):
            signup = signups.live_of(request.volunteer_id, shift.id)
            if signup is not None:
                return shift.id, request.volunteer_id
        return None
    if request is not None and request.is_running:
        return None
    coming = [
        signup
        for sender in senders
        for signup in signups.coming(sender.id)
        if signup.standing == Standing.CONFIRMED
    ]
    soon = [one for one in coming if one.shift.starts_at < clock.now() + timedelta(days=8)]
    if len(soon) == 1:
        return soon[0].shift_id, soon[0].volunteer_id
    return None


def _which(asked: Sequence[broadcasts.Open], named: int | None) -> Outcome:
    running = [one for one in asked if one.is_running]
    if running and (named is not None or len(running) > 1):
        return Outcome(
            "Was asked which request is meant.",
            answers.which([one.number for one in running]),
            for_a_person=named is not None,
        )
    return Outcome(
        "Answered, but no request is open to them.", answers.NOTHING_OPEN, for_a_person=True
    )


def _puzzled(
    reply: Reply,
    asked: Sequence[broadcasts.Open],
    request: broadcasts.Open | None,
    meaning: Meaning,
) -> Outcome:
    outcome = Outcome(
        "Asked a question." if meaning == Meaning.question else "We did not understand it.",
        for_a_person=True,
        volunteer_id=request.volunteer_id if request else None,
        broadcast_id=request.broadcast_id if request else None,
    )
    if request is not None and request.answer == Answer.NONE:
        broadcasting.note_answer(request.broadcast_id, request.volunteer_id, Answer.UNCLEAR)
    if _puzzled_lately(reply) < MOST_PUZZLED_ANSWERS:
        outcome.tell = answers.person_reads(request.number if request else None)
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


def respond(reply_id: int, text: str, by_user_id: int) -> None:
    """A person answers a reply by text and closes it.

    Raises `Refusal` for an empty or overlong text, and when the sender has
    opted out.
    """
    text = text.strip()
    if not text:
        raise Refusal("Write your answer.", "text")
    if len(text) > 1600:
        raise Refusal("Shorten your answer to 1,600 characters.", "text")
    with transaction():
        reply = _for_a_person(reply_id)
        if volunteers.is_opted_out(Channel.SMS, reply.from_address):
            raise Refusal("They have opted out of texts. Call them if you must.", "text")
        messaging.write(
            Letter(
                channel=Channel.SMS,
                to=reply.from_address,
                body=text,
                cause=f"reply:{reply.id}",
                recipient=f"phone:reply:{reply.id}",
                purpose="personal answer",
                lane=queue.ANSWERS,
            ),
            volunteer_id=reply.volunteer_id,
        )
        _close(reply, by_user_id, "Answered by a person.")


def close(reply_id: int, by_user_id: int) -> None:
    """A person has seen to a reply without a text. Raises `Refusal` when it is closed."""
    with transaction():
        _close(_for_a_person(reply_id), by_user_id, "Seen to by a person.")


def take_as(reply_id: int, meaning: Meaning, by_user_id: int) -> str:
    """A person says what a reply meant, yes or no; it is then acted on like any other.

    Returns what came of it, in words.

    Raises `Refusal` when the reply does not wait for a person.
    """
    if meaning not in (Meaning.yes, Meaning.no):
        raise ValueError(f"A person cannot take a reply as {meaning}.")
    with transaction():
        reply = _for_a_person(reply_id)
        number = understand(reply.body).number
        outcome = _act(reply, Understanding(meaning, number), _senders(reply.from_address))
        # A no may give up a place that no request had asked for.
        if outcome.volunteer_id is None:
            raise Refusal("We cannot tell which request is meant. Answer by text instead.")
        reply.meaning = meaning.value
        reply.volunteer_id = outcome.volunteer_id or reply.volunteer_id
        reply.broadcast_id = outcome.broadcast_id
        if outcome.tell:
            messaging.write(
                Letter(
                    channel=Channel.SMS,
                    to=reply.from_address,
                    body=outcome.tell,
                    cause=f"reply:{reply.id}",
                    recipient=f"phone:reply:{reply.id}",
                    purpose="later answer",
                    lane=queue.ANSWERS,
                ),
                volunteer_id=reply.volunteer_id,
            )
        _close(reply, by_user_id, f"A person took it as {meaning.value}. {outcome.did}")
        return outcome.did


def _for_a_person(reply_id: int) -> Reply:
    reply = db.session.scalar(
        select(Reply)
        .where(Reply.id == reply_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if reply is None or reply.state != ReplyState.WAITING:
        raise Refusal("Somebody has already seen to this reply.")
    return reply


def _close(reply: Reply, by_user_id: int, did: str) -> None:
    reply.state = ReplyState.CLOSED
    reply.closed_by_id = by_user_id
    reply.closed_at = clock.now()
    reply.outcome = did[:200]
    audit.record("closed reply", subject=reply, actor_id=by_user_id)
