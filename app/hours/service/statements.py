"""A signed statement of hours: what it says is kept, sealed, and can be looked up by its code.

The seal is an HMAC-SHA256 under a key of its own, made from `SECRET_KEY`,
over the contents as JSON with sorted keys. Whoever changes the paper finds
other totals at the code's page; whoever changes the row breaks the seal.
"""

from __future__ import annotations

import json
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import segno
from flask import current_app
from sqlalchemy import select

from app.accounts import audit, secrets
from app.foundation import clock, languages, typesetting
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.sentences import gettext
from app.foundation.transaction import transaction
from app.hours import queries, rules
from app.hours.models import Statement
from app.volunteers.models import Volunteer
from app.web.filters import initials

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH: Final = 12  # of 32 letters each: 60 bits
TEMPLATE: Final = Path(__file__).parent.parent / "statement.typ"
MOST_YEARS: Final = 10


def make(volunteer_id: int, first_day: date, last_day: date) -> Statement:
    """Seal what the volunteer gave from the first to the last day, both included.

    Raises `Refusal` beside `first_day` or `last_day`, and for a time without
    any hours.
    """
    today = clock.today(current_app.config["TIMEZONE"])
    if last_day > today:
        raise Refusal(gettext("The last day is still to come."), "last_day")
    if first_day > last_day:
        raise Refusal(gettext("The first day must be before the last."), "first_day")
    if last_day.year - first_day.year > MOST_YEARS:
        raise Refusal(gettext("A statement is for ten years at most."), "first_day")
    with transaction():
        volunteer = db.session.get_one(Volunteer, volunteer_id)
        given = queries.given(volunteer_id, first_day, last_day)
        if not given:
            raise Refusal(gettext("You have no hours in that time."), "first_day")
        contents = contents_of(volunteer, first_day, last_day, given, today)
        statement = Statement(
            volunteer_id=volunteer_id,
            code="".join(random.choice(_LETTERS) for _ in range(CODE_LENGTH)),
            contents=contents,
            signature=seal(contents),
        )
        db.session.add(statement)
        db.session.flush()
        audit.record("made statement of hours", subject=statement)
        return statement


def contents_of(
    volunteer: Volunteer,
    first_day: date,
    last_day: date,
    given: list[rules.Given],
    today: date,
) -> dict[str, Any]:
    """What a statement says, as values that JSON can write; minutes are whole numbers."""
    return {
        "name": volunteer.name,
        "first_day": first_day.isoformat(),
        "last_day": last_day.isoformat(),
        "made_on": today.isoformat(),
        "minutes": rules.total(given),
        "groups": [[one.name, one.minutes] for one in rules.by_group(given)],
        "months": [[one.name, one.minutes] for one in rules.by_month(given)],
        "rows": [[one.day.isoformat(), one.group, one.what, one.minutes] for one in given],
    }


def seal(contents: Mapping[str, Any]) -> str:
    """The HMAC over the contents, in hexadecimal digits."""
    written = json.dumps(contents, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return secrets.keyed_hash("statement", written)


@dataclass(frozen=True)
class Verdict:
    """What whoever holds a statement may learn of it: no more than is printed on it."""

    initials: str
    first_day: date
    last_day: date
    made_on: date
    minutes: int
    groups: list[rules.Sum]
    is_genuine: bool
    # The hours were put right since: the paper tells what held when it was made.
    is_current: bool


def look_up(code: str) -> Verdict | None:
    """What became of the statement with this code; None when we made no such one."""
    wanted = plain(code)
    statement = db.session.scalar(select(Statement).where(Statement.code == wanted))
    if statement is None:
        return None
    said = statement.contents
    first_day, last_day = (date.fromisoformat(said[key]) for key in ("first_day", "last_day"))
    today = rules.total(queries.given(statement.volunteer_id, first_day, last_day))
    return Verdict(
        initials=initials(said["name"]),
        first_day=first_day,
        last_day=last_day,
        made_on=date.fromisoformat(said["made_on"]),
        minutes=said["minutes"],
        groups=[rules.Sum(name, minutes) for name, minutes in said["groups"]],
        is_genuine=secrets.same(seal(said), statement.signature),
        is_current=today == said["minutes"],
    )


def plain(code: str) -> str:
    """A code as it is kept, however it was typed."""
    return "".join(letter for letter in code.upper() if letter.isalnum())[:CODE_LENGTH]


def spoken(code: str) -> str:
    """A code as it is printed: "K7QF-3MXD-92TB"."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def own(volunteer_id: int, statement_id: int) -> Statement | None:
    """A statement, if it is this volunteer's."""
    return db.session.scalar(
        select(Statement).where(
            Statement.id == statement_id, Statement.volunteer_id == volunteer_id
        )
    )


@languages.in_english
def pdf(statement: Statement) -> bytes:
    """The statement on A4, in English: it is for whoever asks for it in England."""
    said = statement.contents
    address = f"{current_app.config['PUBLIC_URL']}/statements"
    code = spoken(statement.code)

    return typesetting.pdf(
        TEMPLATE,
        {
            "name": said["name"],
            "total": rules.spoken_minutes(said["minutes"]),
            "first": _day(said["first_day"]),
            "last": _day(said["last_day"]),
            "made": _day(said["made_on"]),
            "code": code,
            "address": address,
            "picture": segno.make(f"{address}/{code}", error="m").svg_inline(border=0),
            "groups": _sums(said["groups"]),
            "months": _sums(said["months"]),
            "rows": [
                {
                    "day": _day(on),
                    "group": group,
                    "what": what,
                    "time": rules.spoken_minutes(minutes),
                }
                for on, group, what, minutes in said["rows"]
            ],
        },
    )


def _day(written: str) -> str:
    return rules.full_day(date.fromisoformat(written))


def _sums(rows: list[list[Any]]) -> list[dict[str, str]]:
    return [{"name": name, "time": rules.spoken_minutes(minutes)} for name, minutes in rows]
