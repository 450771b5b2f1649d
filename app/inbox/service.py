"""From a stored text to what it asks for: a claim, a withdrawal, an opt-out, a person's eye.

Replies are taken in the order of arrival, each in one transaction with what
it causes and with its answer. Locks, always in this order: the reply's row,
then the shift's, the volunteer's, the broadcast's.
"""

from __future__ import annotations

import logging
import math
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from app.accounts import audit
from app.foundation import clock, languages, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.sentences import gettext
from app.foundation.transaction import harmless_twice, transaction, write_at_once
from app.foundation.upsert import insert_ignoring
from app.inbox import acting, answers, queries
from app.inbox.models import Reply, ReplyState
from app.inbox.rules import Meaning, Understanding, understand
from app.messaging import service as messaging
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, Volunteer

log = logging.getLogger(__name__)

PROCESS: Final = "app.inbox.jobs.process"
MOST_ATTEMPTS: Final = 3
# A cut connection or a deadlock says nothing of the text: a STOP must not end with a person by it.
MOST_ATTEMPTS_OF_THE_DATABASE: Final = 10
# So long a job takes replies before the answers to them get their turn.
TURN_SECONDS: Final = 0.5
# To one number in an hour: two machines that answer each other must come to an end.
MOST_ANSWERS: Final = 20
# Who it is from and how to stop may be added to what the carrier takes at most, 1,600.
MOST_CHARACTERS: Final = 1500
_KEEP: Final[dict[str, Any]] = {}
# Made once, like the other statements that each reply runs: making one costs as much as
# running it.
_OLDEST: Final = (
    select(Reply)
    .where(
        Reply.id
        == select(func.min(Reply.id)).where(Reply.state == ReplyState.NEW).scalar_subquery()
    )
    .with_for_update()
    .execution_options(populate_existing=True)
)
_PHONE: Final = re.compile(r"\+[1-9]\d{7,14}", re.ASCII)


def store(
    payload: Mapping[str, Any],
    *,
    arrived_at: datetime | None = None,
    found_at: datetime | None = None,
) -> int | None:
    """Keep an inbound text as it came; None when its carrier's id is known already.

    `payload` has Twilio's fields (twilio.com/docs/messaging/guides/webhook-request).
    A text that the carrier's list told of says when it arrived there, and
    when we found it.
    """
    # PostgreSQL keeps every character but this one.
    payload = {
        name.replace("\0", ""): str(value).replace("\0", "") for name, value in payload.items()
    }
    carrier_id = (payload.get("MessageSid") or payload.get("SmsSid") or "")[:64]
    row = {
        "created_at": arrived_at or clock.now(),
        "found_at": found_at,
        # Two texts without an id are two texts: better read twice than lost.
        "carrier_id": carrier_id or f"none:{secrets.token_hex(16)}",
        "from_address": (payload.get("From") or "")[:40],
        "to_address": (payload.get("To") or "")[:40],
        "body": payload.get("Body") or "",
        "payload": payload,
        "state": ReplyState.NEW,
        "meaning": "",
        "outcome": "",
        "attempts": 0,
    }

    reply_id: int | None = harmless_twice(lambda: write_at_once(_keep_once(), row))
    if reply_id is not None:
        queue.enqueue_soon(PROCESS, queue=queue.ANSWERS)
    return reply_id


def _keep_once() -> Any:
    """The INSERT of a reply, made once for a database: making it costs more than running it."""
    dialect = db.engine.dialect.name
    if dialect not in _KEEP:
        _KEEP[dialect] = insert_ignoring(Reply.__table__).returning(Reply.__table__.c.id)
    return _KEEP[dialect]


def process_all(seconds: float = math.inf) -> int:
    """Take the stored replies in the order of arrival until none is left; how many.

    Several workers may do so at once: the oldest reply's row is the lock, so
    that they take turns. When the seconds are up the lane is nudged, and
    another job goes on once the answers written so far have left.
    """
    until = time.monotonic() + seconds
    done = 0
    while _process_next() is not None:
        done += 1
        if time.monotonic() > until:
            queue.enqueue_once(PROCESS, queue=queue.ANSWERS)
            break
    return done


def _process_next() -> int | None:
    reply_id: int | None = None
    try:
        with transaction():
            reply = db.session.scalar(_OLDEST)
            if reply is None:
                return None
            reply_id = reply.id
            if reply.state == ReplyState.NEW:
                _process(reply)
    except Exception as fault:
        if reply_id is None:
            raise
        # Kept for a person after a few tries, so that it neither blocks the others nor is lost.
        log.exception("reply %s could not be processed", reply_id)
        is_the_databases = isinstance(fault, (OperationalError, InterfaceError))
        _note_failure(
            reply_id, MOST_ATTEMPTS_OF_THE_DATABASE if is_the_databases else MOST_ATTEMPTS
        )
    return reply_id


def _note_failure(reply_id: int, most_attempts: int) -> None:
    with transaction():
        attempts = db.session.scalar(
            update(Reply)
            .where(Reply.id == reply_id)
            .values(attempts=Reply.attempts + 1)
            .returning(Reply.attempts)
        )
        if (attempts or 0) >= most_attempts:
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
    sender = queries.sender_of(reply.from_address)
    known = sender.volunteers
    language = _language_of(known)
    with languages.speaking(language):
        outcome = acting.act(reply, understanding, sender)
    reply.meaning = understanding.meaning.value
    reply.outcome = outcome.did[:200]
    reply.volunteer_id = outcome.volunteer_id or (known[0].id if len(known) == 1 else None)
    reply.broadcast_id = outcome.broadcast_id
    reply.state = ReplyState.WAITING if outcome.for_a_person else ReplyState.DONE
    reply.processed_at = clock.now()
    # Senders with a name and short codes are machines; so is whoever writes all the time.
    is_a_phone = _PHONE.fullmatch(reply.from_address) and sender.answered_lately < MOST_ANSWERS
    if outcome.tell and is_a_phone:
        with languages.speaking(language):
            _text(reply, gettext(outcome.tell), queries.ANSWER, is_service=outcome.is_service)


def _language_of(senders: Sequence[Volunteer]) -> str:
    """The language of whoever writes; English where several share the phone and differ."""
    codes = {sender.language for sender in senders}
    return codes.pop() if len(codes) == 1 else languages.ENGLISH


def _text(reply: Reply, body: str, purpose: str, *, is_service: bool = False) -> None:
    messaging.write(
        Letter(
            channel=Channel.SMS,
            to=reply.from_address,
            body=body,
            cause=f"reply:{reply.id}",
            recipient=f"phone:reply:{reply.id}",
            purpose=purpose,
            lane=queue.ANSWERS,
        ),
        volunteer_id=reply.volunteer_id,
        is_service=is_service,
    )


def respond(reply_id: int, text: str, by_user_id: int) -> None:
    """A person answers a reply by text, which names us, and closes it.

    Raises `Refusal` for an empty or overlong text, and when the sender has
    opted out.
    """
    text = text.strip()
    if not text:
        raise Refusal("Write your answer.", "text")
    if len(text) > MOST_CHARACTERS:
        raise Refusal(f"Shorten your answer to {MOST_CHARACTERS:,} characters.", "text")
    with transaction():
        reply = _for_a_person(reply_id)
        if volunteers.is_opted_out(Channel.SMS, reply.from_address):
            raise Refusal("They have opted out of texts. Call them if you must.", "text")
        _text(reply, answers.signed(text), "personal answer")
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
        sender = queries.sender_of(reply.from_address)
        language = _language_of(sender.volunteers)
        with languages.speaking(language):
            outcome = acting.act(reply, Understanding(meaning, number), sender)
        # A no may give up a place that no request had asked for.
        if outcome.volunteer_id is None:
            raise Refusal("We cannot tell which request is meant. Answer by text instead.")
        reply.meaning = meaning.value
        reply.volunteer_id = outcome.volunteer_id or reply.volunteer_id
        reply.broadcast_id = outcome.broadcast_id
        if outcome.tell:
            with languages.speaking(language):
                _text(reply, gettext(outcome.tell), "later answer")
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
