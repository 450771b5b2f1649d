"""What the stand-in carrier writes: texts taken, moved on, typed; calls owed and settled."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import selectinload

from app.foundation import clock, phone
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.messaging.rules import segments
from app.simulator import queries, rules
from app.simulator.models import (
    Direction,
    SimulatedCallback,
    SimulatedHandset,
    SimulatedText,
    SimulatorSettings,
    Status,
)
from app.simulator.rules import Dials, Keyword

STEPS_AT_ONCE: Final = 200
LEASE: Final = timedelta(seconds=60)  # longer than the timeout of a call
MOST_ANSWERS: Final = 200


class Refused(Exception):
    """The carrier refuses a request, in the shape of its own errors."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Taken:
    """A text that was accepted, and whether the answer about it gets lost."""

    text_id: int
    answer_is_lost: bool


@dataclass(frozen=True)
class Call:
    """A callback to post, read before the transaction closed."""

    callback_id: int
    url: str
    form: dict[str, str]
    attempts: int


def _sid() -> str:
    return "SM" + secrets.token_hex(16)


def _our_number() -> str:
    """The number that texts come from; a messaging service picks one that we do not name."""
    return str(current_app.config["TWILIO_FROM_NUMBER"] or "+447700900000")


def _handset(number: str) -> SimulatedHandset:
    """The handset of a number, made when it is new; within the open transaction."""
    known = select(SimulatedHandset).where(SimulatedHandset.phone == number)
    found = db.session.scalar(known)
    if found is None:
        db.session.execute(
            insert_ignoring(SimulatedHandset).values(
                phone=number, last_text_id=0, created_at=clock.now()
            )
        )
        found = db.session.scalars(known).one()
    return found


def _keep(
    handset: SimulatedHandset,
    direction: Direction,
    body: str,
    now: datetime,
    *,
    status: Status,
    ends_as: Status | None = None,
    **said: Any,
) -> SimulatedText:
    """Put a text in the book as its handset's newest; it ends at `status`, or at `ends_as`."""
    text = SimulatedText(
        sid=_sid(),
        handset_id=handset.id,
        direction=direction,
        our_number=_our_number(),
        body=body,
        segments=segments.count(body).segments,
        status=status,
        ends_as=ends_as or status,
        updated_at=now,
        **said,
    )
    db.session.add(text)
    db.session.flush()
    db.session.execute(
        update(SimulatedHandset)
        .where(SimulatedHandset.id == text.handset_id)
        .values(last_text_id=text.id)
    )
    return text


def accept(form: dict[str, str]) -> Taken:
    """Take a text from us for a handset, as the carrier's create request does.

    Raises `Refused` with the carrier's own code for what it would not take.
    """
    to, body, callback = form.get("To", ""), form.get("Body", ""), form.get("StatusCallback", "")
    service_sid = form.get("MessagingServiceSid") or None
    number = _checked(to, form.get("From", ""), service_sid, body, callback)
    dials = queries.dials()
    if rules.happens(dials.refused_percent):
        raise Refused(429, 20429, "Too Many Requests")
    now = clock.now()
    ends_as, code, leaves_first = Status.DELIVERED, None, True
    if rules.happens(dials.failed_percent):
        code, leaves_first = rules.failure()
        ends_as = Status.UNDELIVERED if leaves_first else Status.FAILED
    with transaction():
        handset = _handset(number)
        if handset.stopped_at is not None:
            raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")
        text = _keep(
            handset,
            Direction.OUTBOUND,
            body,
            now,
            status=Status.QUEUED,
            ends_as=ends_as,
            service_sid=service_sid,
            asks=rules.asks(body),
            error_code_later=code,
            status_callback=callback,
            next_step_at=now + dials.pause(),
        )
        return Taken(text.id, rules.happens(dials.lost_percent))


def _checked(to: str, sender: str, service_sid: str | None, body: str, callback: str) -> str:
    if not to.strip():
        raise Refused(400, 21604, "A 'To' phone number is required.")
    try:
        number = phone.parse(to)
    except Refusal:
        raise Refused(400, 21211, "Invalid 'To' Phone Number") from None
    if not sender and not service_sid:
        raise Refused(400, 21603, "A 'From' phone number is required.")
    if sender and sender != current_app.config["TWILIO_FROM_NUMBER"]:
        raise Refused(400, 21606, "The 'From' phone number is not one of this account.")
    if not body.strip():
        raise Refused(400, 21602, "Message body is required.")
    if len(body) > rules.MOST_CHARACTERS:
        raise Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if callback and not callback.startswith(current_app.config["PUBLIC_URL"] + "/"):
        # A stand-in calls us and nobody else.
        raise Refused(400, 21609, "The 'StatusCallback' URL is not a valid URL.")
    return number


def move_on() -> int:
    """Take each text that is due one step further and owe its receipt; how many moved."""
    now = clock.now()
    dials = queries.dials()
    with transaction():
        texts = list(
            db.session.scalars(
                select(SimulatedText)
                .options(selectinload(SimulatedText.handset))
                .where(SimulatedText.next_step_at <= now)
                .order_by(SimulatedText.next_step_at, SimulatedText.id)
                .limit(STEPS_AT_ONCE)
                .with_for_update(skip_locked=True)
            )
        )
        for text in texts:
            _step(text, dials, now)
    return len(texts)


def _step(text: SimulatedText, dials: Dials, now: datetime) -> None:
    text.updated_at = now
    text.sent_at = text.sent_at or now
    if text.status == Status.QUEUED and text.ends_as != Status.FAILED:
        text.status, text.next_step_at = Status.SENT, now + dials.pause()
    else:
        text.status, text.error_code = text.ends_as, text.error_code_later
        text.next_step_at = None
    if text.status_callback:
        _owe(text.status_callback, queries.receipt_form(text), dials, now)


def _owe(url: str, form: dict[str, str], dials: Dials, due_at: datetime) -> None:
    """Owe a call, and by the dials a late one or the same one twice."""
    if rules.happens(dials.shuffled_percent):
        due_at += rules.lateness()
    db.session.add(SimulatedCallback(url=url, form=form, due_at=due_at))
    if rules.happens(dials.doubled_percent):
        db.session.add(SimulatedCallback(url=url, form=form, due_at=due_at + dials.pause()))


def open_handset(volunteer_id: int) -> int | None:
    """The handset of a volunteer's phone; None for who has none."""
    number = queries.phone_of(volunteer_id)
    if number is None:
        return None
    with transaction():
        return _handset(number).id


def type_text(handset_id: int, body: str) -> SimulatedText:
    """Send a text from a handset to us. Raises `Refusal` for one that no phone would send."""
    if not body.strip():
        raise Refusal("Type a text first.", "body")
    if len(body) > rules.MOST_CHARACTERS:
        raise Refusal("A text has room for 1,600 characters.", "body")
    dials = queries.dials()
    with transaction():
        return _type(db.get_or_404(SimulatedHandset, handset_id), body, dials)


def answer_for_several(people: int) -> int:
    """Answer YES from the handsets that were asked last and have not answered; how many did.

    The one that was asked last answers first.
    """
    if not 1 <= people <= MOST_ANSWERS:
        raise Refusal(f"Choose from 1 to {MOST_ANSWERS} people.", "people")
    dials = queries.dials()
    with transaction():
        asked = queries.asked_and_silent(people)
        for handset, body in asked:
            _type(handset, rules.answer(body), dials)
    return len(asked)


def _type(handset: SimulatedHandset, body: str, dials: Dials) -> SimulatedText:
    now = clock.now()
    keyword = rules.keyword(body)
    text = _keep(handset, Direction.INBOUND, body, now, status=Status.RECEIVED, sent_at=now)
    url = current_app.config["PUBLIC_URL"] + "/webhooks/twilio/sms"
    _owe(url, queries.inbound_form(text, handset.phone, keyword), dials, now + dials.pause())
    if keyword is not None:
        _obey(handset, keyword, now)
    return text


def _obey(handset: SimulatedHandset, keyword: Keyword, now: datetime) -> None:
    """What the carrier does by itself with a keyword, before anybody here has read it."""
    if keyword == Keyword.STOP:
        handset.stopped_at = handset.stopped_at or now
    elif keyword == Keyword.START:
        handset.stopped_at = None
    answer = rules.AUTOMATIC_REPLIES[keyword]
    _keep(handset, Direction.AUTOMATIC, answer, now, status=Status.DELIVERED, sent_at=now)


def take_calls(most: int) -> list[Call]:
    """Take calls that are due, oldest first; whoever dies with one leaves it to a later pump."""
    now = clock.now()
    with transaction():
        calls = list(
            db.session.scalars(
                select(SimulatedCallback)
                .where(SimulatedCallback.sent_at.is_(None), SimulatedCallback.due_at <= now)
                .order_by(SimulatedCallback.due_at, SimulatedCallback.id)
                .limit(most)
                .with_for_update(skip_locked=True)
            )
        )
        for call in calls:
            call.attempts += 1
            call.due_at = now + LEASE
        return [Call(call.id, call.url, dict(call.form), call.attempts) for call in calls]


def settle(answers: Sequence[tuple[Call, bool, str]]) -> None:
    """Note how calls went, as (call, whether it was answered well, the answer in words).

    A failed one comes again, a few times.
    """
    now = clock.now()
    with transaction():
        for call, answered, words in answers:
            wait = None if answered else rules.retry_after(call.attempts)
            values: dict[str, Any] = {"answer": words[:100]}
            values |= {"sent_at": now} if wait is None else {"due_at": now + wait}
            db.session.execute(
                update(SimulatedCallback)
                .where(SimulatedCallback.id == call.callback_id)
                .values(values)
            )


def turn_dials(dials: Dials) -> None:
    """Set how the carrier behaves from now on."""
    with transaction():
        row = db.session.scalar(select(SimulatorSettings))
        if row is None:
            db.session.add(SimulatorSettings(**asdict(dials)))
            return
        for name, value in asdict(dials).items():
            setattr(row, name, value)
