"""Writing to people: a row in the ledger, in the transaction of its cause."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Text, bindparam, case, or_, true, update

from app.foundation import clock, languages, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring, rows_changed
from app.messaging import queries
from app.messaging.models import WAITING, Message, Run, RunState, State
from app.messaging.rules import opting_out, segments
from app.volunteers.models import Channel, Volunteer

DELIVER = "app.messaging.jobs.deliver"


def write(
    letter: Letter,
    *,
    volunteer_id: int | None = None,
    run_id: int | None = None,
    not_before: datetime | None = None,
    deadline: datetime | None = None,
    is_service: bool = False,
) -> int | None:
    """Put a letter in the ledger, in the open transaction or one of its own.

    Returns the message's id, or None when the same cause has already written
    this to the recipient. `not_before` and `deadline` are aware moments; past
    its deadline a message is never sent. `is_service` lets it out to somebody
    who opted out: only for what they asked for themselves, such as a code. Any
    other text also says how to stop, where its reader has not been told lately.
    """
    now = clock.now()
    sms = letter.channel == Channel.SMS
    body = segments.plain(letter.body) if sms else letter.body
    with languages.speaking(letter.language):
        told = opting_out.told(body) if sms and not is_service else body
    lane = queue.EMAIL if not sms else letter.lane
    row = {
        "created_at": now,
        "channel": Channel(letter.channel),
        "lane": lane,
        "cause": letter.cause,
        "recipient": letter.recipient,
        "purpose": letter.purpose,
        "volunteer_id": volunteer_id,
        "run_id": run_id,
        "token": secrets.token_hex(16),
        "to_address": letter.to,
        # A line end, in any of its spellings, would end the header that it stands in.
        "subject": " ".join(letter.subject.split())[:200],
        "html": letter.html,
        "calendar": letter.calendar,
        "is_service": is_service,
        "state": State.QUEUED,
        "reason": "",
        "not_before": not_before or now,
        "deadline": deadline,
        "attempts": 0,
        "carrier": "",
        "needs_no_notice": told == body,
        "told_since": now - opting_out.EVERY,
        "as_it_is": body,
        "told": told,
        "segments_as_it_is": segments.count(body).segments if sms else 1,
        "segments_told": segments.count(told).segments if sms else 1,
        "tells_stop_as_it_is": sms and opting_out.tells(body),
    }
    with transaction():
        message_id: int | None = db.session.scalar(_writing(db.engine.dialect.name), row)
        if message_id is not None:
            nudge(lane)
    return message_id


@cache
def _writing(_dialect: str) -> Any:
    """The INSERT of one message, made once for a database: making it costs more than running it."""
    table: Any = Message.__table__
    # What is chosen below, and what only happens to a message later.
    left_out = {"id", "body", "segments", "tells_stop", "carrier_id", "error_code"}
    left_out |= {"lease_holder", "lease_until", "sending_at", "accepted_at", "ended_at"}
    given = {
        column.name: bindparam(column.name, type_=column.type)
        for column in table.c
        if column.name not in left_out
    }
    is_told = or_(
        bindparam("needs_no_notice", type_=Boolean()),
        queries.knows_how_to_stop(
            given["to_address"],
            bindparam("told_since", type_=table.c.created_at.type),
        ),
    )
    words = _chosen(
        is_told,
        body=(bindparam("as_it_is", type_=Text()), bindparam("told", type_=Text())),
        segments=(
            bindparam("segments_as_it_is", type_=Integer()),
            bindparam("segments_told", type_=Integer()),
        ),
        tells_stop=(bindparam("tells_stop_as_it_is", type_=Boolean()), true()),
    )
    return insert_ignoring(table).values(**given, **words).returning(table.c.id)


def _chosen(
    is_told: ColumnElement[bool], **forms: tuple[Any, Any]
) -> dict[str, ColumnElement[Any]]:
    """Of each column's two forms the first where the reader is told, else the second."""
    return {name: case((is_told, as_it_is), else_=told) for name, (as_it_is, told) in forms.items()}


def wording(body: str, is_told: ColumnElement[bool]) -> dict[str, ColumnElement[Any]]:
    """The columns of a text's words, by whether its reader `is_told` already how to stop.

    Nobody reads the ledger for it beforehand: the database chooses as it writes the row.
    How to stop is said in the present language.
    """
    told = opting_out.told(body)
    return _chosen(
        true() if told == body else is_told,
        body=(body, told),
        segments=(segments.count(body).segments, segments.count(told).segments),
        tells_stop=(opting_out.tells(body), True),
    )


def wordings(
    bodies: Mapping[str, str], is_told: ColumnElement[bool]
) -> dict[str, ColumnElement[Any]]:
    """As `wording`, of a text that each volunteer reads in their own language.

    `bodies` has it by the code of each language, English at least.
    """
    words = {}
    for code, body in bodies.items():
        with languages.speaking(code):
            words[code] = wording(body, is_told)
    english = words.pop(languages.ENGLISH)
    return {
        name: case(
            *((Volunteer.language == code, columns[name]) for code, columns in words.items()),
            else_=column,
        )
        for name, column in english.items()
    }


def nudge(lane: str) -> None:
    """Wake a worker for a lane; the sweep does so anyway within seconds."""
    queue.enqueue_once(DELIVER, lane, queue=lane)


class LedgerOutbox:
    """The ledger as the features below messaging see it (foundation.outbox)."""

    def write(self, letter: Letter) -> None:
        write(letter, is_service=True)


def start_run(deadline: datetime | None, *, is_emergency: bool = False) -> Run:
    """A run: messages that can be held back together.

    In quiet hours they wait, unless an emergency was stated.
    """
    run = Run(state=RunState.RUNNING, deadline=deadline, is_emergency=is_emergency)
    db.session.add(run)
    db.session.flush()
    return run


def set_run(run_id: int, state: RunState) -> int:
    """Let a run go on, pause or stop; a stop cancels what has not left.

    Returns how many messages the stop held back.
    """
    with transaction():
        db.session.execute(update(Run).where(Run.id == run_id).values(state=state))
        if state != RunState.STOPPED:
            return 0
        stopped = db.session.execute(
            update(Message)
            .where(Message.run_id == run_id, Message.state.in_(WAITING))
            .values(state=State.CANCELLED, reason="The request had ended.", ended_at=clock.now())
        )
        return rows_changed(stopped)


def hold_back(channel: Channel, address: str) -> int:
    """Cancel what is queued for a contact point that has opted out; how many."""
    with transaction():
        held = db.session.execute(
            update(Message)
            .where(
                Message.channel == channel,
                Message.to_address == address,
                Message.state.in_(WAITING),
                ~Message.is_service,
            )
            .values(state=State.SUPPRESSED, reason="They opted out.", ended_at=clock.now())
        )
        return rows_changed(held)


def send_again(message_id: int) -> None:
    """A person decides that an uncertain message goes once more.

    Raises `Refusal` when it is not uncertain any longer.
    """
    _decide(message_id, State.QUEUED, "Sent again by a person.")


def leave(message_id: int) -> None:
    """A person decides that an uncertain message is not sent again.

    Raises `Refusal` when it is not uncertain any longer.
    """
    _decide(message_id, State.FAILED, "Uncertain, and left so by a person.")


def _decide(message_id: int, state: State, reason: str) -> None:
    now = clock.now()
    with transaction():
        lane = db.session.scalar(
            update(Message)
            .where(Message.id == message_id, Message.state == State.UNCERTAIN)
            .values(
                state=state,
                reason=reason,
                not_before=now,
                ended_at=None if state == State.QUEUED else now,
            )
            .returning(Message.lane)
        )
        if lane is None:
            raise Refusal("This message is not uncertain any more.")
        if state == State.QUEUED:
            nudge(lane)
