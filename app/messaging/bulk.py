"""Many different letters at once: a few statements for some hundreds, not one for each."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    cast,
    func,
    literal,
    literal_column,
    select,
)

from app.foundation import clock, languages, queue
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.foundation.transaction import transaction
from app.foundation.upsert import insert_ignoring
from app.messaging import queries, service
from app.messaging.models import Message, State
from app.messaging.rules import opting_out, segments
from app.volunteers.models import Channel, Volunteer

# As many as one statement's parameters may be, on either database.
_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Addressed:
    """A letter to a volunteer and until when it may leave; all moments are aware."""

    letter: Letter
    volunteer_id: int
    deadline: datetime | None = None
    not_before: datetime | None = None


def write_many(letters: Sequence[Addressed], *, run_id: int | None = None) -> None:
    """Put letters in the ledger, in the open transaction or one of its own.

    As `service.write`, letter by letter: what a cause has written to a recipient
    already is passed over, and a text says how to stop where its reader has not
    been told lately.
    """
    with transaction():
        for start in range(0, len(letters), _AT_ONCE):
            _write(letters[start : start + _AT_ONCE], run_id)
        for lane in {_lane(one.letter) for one in letters}:
            service.nudge(lane)


def _write(letters: Sequence[Addressed], run_id: int | None) -> None:
    now = clock.now()
    texts = [one.letter.to for one in letters if one.letter.channel == Channel.SMS]
    knowing = _knowing(texts, now - opting_out.EVERY) if texts else set()
    rows = []
    for one in letters:
        row = _row(one, now, run_id, one.letter.to in knowing)
        rows.append(row)
        # The next text to the same phone in this very list need not say it again.
        if row["tells_stop"]:
            knowing.add(one.letter.to)
    db.session.execute(insert_ignoring(Message.__table__), rows)


def _knowing(phones: Sequence[str], since: datetime) -> set[str]:
    """Those of the phones that a text has told how to stop (see `queries.knows_how_to_stop`)."""
    return set(
        db.session.scalars(
            select(Message.to_address).where(
                Message.to_address.in_(set(phones)),
                Message.tells_stop,
                Message.created_at > since,
                Message.channel == Channel.SMS,
                Message.state.in_(opting_out.MAY_BE_READ),
            )
        )
    )


@lru_cache(maxsize=1024)  # the same words go to many, and counting them takes longest
def _worded(body: str, knows: bool, language: str) -> tuple[str, int]:
    """A text in plain characters, with how to stop where its reader is not told; its segments."""
    words = segments.plain(body)
    with languages.speaking(language):
        words = words if knows else opting_out.told(words)
    return words, segments.count(words).segments


def _lane(letter: Letter) -> str:
    return letter.lane if letter.channel == Channel.SMS else queue.EMAIL


def _row(one: Addressed, now: datetime, run_id: int | None, knows: bool) -> dict[str, Any]:
    letter = one.letter
    sms = letter.channel == Channel.SMS
    body, number = _worded(letter.body, knows, letter.language) if sms else (letter.body, 1)
    return {
        "created_at": now,
        "channel": Channel(letter.channel),
        "lane": _lane(letter),
        "cause": letter.cause,
        "recipient": letter.recipient,
        "purpose": letter.purpose,
        "volunteer_id": one.volunteer_id,
        "run_id": run_id,
        "token": secrets.token_hex(16),
        "to_address": letter.to,
        "subject": " ".join(letter.subject.split())[:200],
        "body": body,
        "html": letter.html,
        "calendar": letter.calendar,
        "segments": number,
        "tells_stop": sms and opting_out.tells(body),
        "is_service": False,
        "state": State.QUEUED,
        "reason": "",
        "not_before": one.not_before or now,
        "deadline": one.deadline,
        "attempts": 0,
        "carrier": "",
    }


@dataclass(frozen=True)
class Circular:
    """One letter to many: the same words, unique by cause, recipient and purpose."""

    channel: Channel
    cause: str
    purpose: str
    body: str
    subject: str = ""
    html: str | None = None
    deadline: datetime | None = None


def write_to_all(
    letter: Circular, people: Select[Any], address: ColumnElement[str], *, run_id: int
) -> int:
    """Write one letter to each volunteer whom `people` selects, in the open transaction; how many.

    `people` selects from Volunteer, whatever columns; `address` is the contact point that
    the letter goes to. One statement, however many people; whoever has it already is passed
    over. The run's quiet hours, pauses and stops hold for all of it.
    """
    now = clock.now()
    is_text = letter.channel == Channel.SMS
    words: dict[str, Any] = (
        service.wording(
            segments.plain(letter.body),
            queries.knows_how_to_stop(address, now - opting_out.EVERY),
        )
        if is_text
        else {"body": letter.body, "segments": 1, "tells_stop": False}
    )
    given = {
        "created_at": now,
        "channel": letter.channel,
        "lane": queue.ORDINARY if is_text else queue.EMAIL,
        "cause": letter.cause,
        "purpose": letter.purpose,
        "run_id": run_id,
        "subject": " ".join(letter.subject.split())[:200],
        "html": letter.html,
        "is_service": False,
        "state": State.QUEUED,
        "reason": "",
        "not_before": now,
        "deadline": letter.deadline,
        "attempts": 0,
        "carrier": "",
    }
    columns = Message.__table__.c
    values: dict[str, Any] = {
        **{name: literal(value, columns[name].type) for name, value in given.items()},
        **{
            name: value if isinstance(value, ColumnElement) else literal(value, columns[name].type)
            for name, value in words.items()
        },
        "recipient": literal("volunteer:") + cast(Volunteer.id, String),
        "volunteer_id": Volunteer.id,
        "token": random_token(),
        "to_address": address,
    }
    written = db.session.execute(
        insert_ignoring(Message.__table__)
        .from_select(list(values), people.with_only_columns(*values.values()))
        .returning(columns.id)
    ).all()
    if written:
        service.nudge(queue.ORDINARY if is_text else queue.EMAIL)
    return len(written)


def random_token() -> ColumnElement[str]:
    """SQL: 32 hexadecimal digits made by the database, others for each row."""
    if db.session.get_bind().dialect.name == "postgresql":
        return func.replace(cast(func.gen_random_uuid(), String), "-", "", type_=String)
    return literal_column("lower(hex(randomblob(16)))", String)
