"""What the stand-in carrier reads, and the shapes in which it tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from datetime import time as day_time
from email.utils import format_datetime
from typing import Any, Final

from flask import current_app
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import User
from app.foundation import clock, phone
from app.foundation.extensions import db
from app.messaging.rules import segments
from app.simulator import rules
from app.simulator.models import (
    Direction,
    SimulatedCallback,
    SimulatedHandset,
    SimulatedText,
    SimulatorSettings,
)
from app.simulator.rules import Dials, Keyword
from app.volunteers.models import Volunteer

API_VERSION: Final = "2010-04-01"
SHOWN_AT_ONCE: Final = 20
IN_A_CONVERSATION: Final = 60


@dataclass(frozen=True)
class Phone:
    """A line of the list of handsets."""

    name: str
    handset_id: int | None
    volunteer_id: int | None
    last: SimulatedText | None


def dials() -> Dials:
    """How the carrier behaves at present."""
    row = db.session.scalar(select(SimulatorSettings))
    if row is None:
        return Dials()
    return Dials(**{field.name: getattr(row, field.name) for field in fields(Dials)})


# What the carrier posts. Source: twilio.com/docs/messaging/guides/webhook-request and
# twilio.com/docs/messaging/guides/track-outbound-message-status.
def receipt_form(text: SimulatedText) -> dict[str, str]:
    """The form of a status callback."""
    form = {
        "MessageSid": text.sid,
        "SmsSid": text.sid,
        "AccountSid": _account(),
        "From": text.from_number,
        "To": text.to_number,
        "MessageStatus": text.status.value,
        "SmsStatus": text.status.value,
        "ApiVersion": API_VERSION,
    }
    if text.service_sid:
        form["MessagingServiceSid"] = text.service_sid
    if text.error_code:
        form["ErrorCode"] = str(text.error_code)
    return form


def inbound_form(text: SimulatedText, number: str, keyword: Keyword | None) -> dict[str, str]:
    """The form of a text that came in."""
    form = {
        "ToCountry": "GB",
        "SmsMessageSid": text.sid,
        "NumMedia": "0",
        "SmsSid": text.sid,
        "SmsStatus": "received",
        "FromCountry": "GB",
        "To": text.our_number,
        "NumSegments": str(max(1, segments.count(text.body).segments)),
        "MessageSid": text.sid,
        "AccountSid": _account(),
        "From": number,
        "Body": text.body,
        "ApiVersion": API_VERSION,
    }
    if service_sid := current_app.config["TWILIO_MESSAGING_SERVICE_SID"]:
        form["MessagingServiceSid"] = service_sid
    if keyword:
        form["OptOutType"] = keyword.value
    return form


def _account() -> str:
    return str(current_app.config["TWILIO_ACCOUNT_SID"])


def _rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment else None


def resource(text: SimulatedText) -> dict[str, Any]:
    """A text as the carrier's API shows it."""
    path = f"/{API_VERSION}/Accounts/{_account()}/Messages/{text.sid}"
    return {
        "account_sid": _account(),
        "api_version": API_VERSION,
        "body": text.body,
        "date_created": _rfc2822(text.created_at),
        "date_sent": _rfc2822(text.sent_at),
        "date_updated": _rfc2822(text.updated_at),
        "direction": text.direction.value,
        "error_code": text.error_code,
        "error_message": None,
        "from": text.from_number,
        "messaging_service_sid": text.service_sid,
        "num_media": "0",
        "num_segments": str(text.segments),
        "price": None,
        "price_unit": "GBP",
        "sid": text.sid,
        "status": text.status.value,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": text.to_number,
        "uri": f"{path}.json",
    }


def text_by_sid(sid: str) -> SimulatedText | None:
    return db.session.scalar(
        select(SimulatedText)
        .where(SimulatedText.sid == sid)
        .options(joinedload(SimulatedText.handset))
    )


def text_by_id(text_id: int) -> SimulatedText:
    return db.session.scalars(
        select(SimulatedText)
        .where(SimulatedText.id == text_id)
        .options(joinedload(SimulatedText.handset))
    ).one()


def texts(
    asked: dict[str, str], page_size: int, before: SimulatedText | None
) -> tuple[Sequence[SimulatedText], bool]:
    """A page of texts, newest first, by the carrier's filters; and whether more follow.

    Raises `ValueError` for a date that is none.
    """
    query = select(SimulatedText).join(SimulatedText.handset)
    if to := asked.get("To"):
        query = query.where(_goes(to, inbound=False))
    if sender := asked.get("From"):
        query = query.where(_goes(sender, inbound=True))
    query = _sent_between(query, asked)
    if before is not None:
        query = query.where(SimulatedText.id < before.id)
    found = db.session.scalars(
        query.options(joinedload(SimulatedText.handset))
        .order_by(SimulatedText.id.desc())
        .limit(page_size + 1)
    ).all()
    return found[:page_size], len(found) > page_size


def _goes(number: str, *, inbound: bool) -> Any:
    """Texts whose handset is at that end, or whose other end is our number."""
    came_in = SimulatedText.direction == Direction.INBOUND
    at_phone, at_us = (came_in, ~came_in) if inbound else (~came_in, came_in)
    return or_(
        at_phone & (SimulatedHandset.phone == number), at_us & (SimulatedText.our_number == number)
    )


def _sent_between(query: Select[Any], asked: dict[str, str]) -> Select[Any]:
    """Days are UTC; "on or before" a day includes it, as the carrier's does."""
    if text := asked.get("DateSent"):
        first, after = _span(text)
        query = query.where(SimulatedText.sent_at >= first, SimulatedText.sent_at < after)
    if text := asked.get("DateSent>"):
        query = query.where(SimulatedText.sent_at >= _span(text)[0])
    if text := asked.get("DateSent<"):
        query = query.where(SimulatedText.sent_at < _span(text)[1])
    return query


def _span(text: str) -> tuple[datetime, datetime]:
    """The day, or the second, that a date or a moment names: its start, and the next one's."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        start = datetime.combine(date.fromisoformat(text), day_time(), tzinfo=clock.now().tzinfo)
        return start, start + timedelta(days=1)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.now().tzinfo)
    return moment, moment + timedelta(seconds=1)


def is_anything_due() -> tuple[bool, bool]:
    """Whether a text must move on, and whether a call must be made; without a lock."""
    now = clock.now()
    step, call = db.session.execute(
        select(
            exists().where(SimulatedText.next_step_at <= now),
            exists().where(SimulatedCallback.sent_at.is_(None), SimulatedCallback.due_at <= now),
        )
    ).one()
    return bool(step), bool(call)


def asked_and_silent(most: int) -> list[tuple[SimulatedHandset, str]]:
    """The handsets asked last that sent nothing since: each with the text that asked it.

    A handset counts once, by its newest question.
    """
    newer = aliased(SimulatedText)
    rows = db.session.execute(
        select(SimulatedHandset, SimulatedText.body)
        .join(SimulatedText, SimulatedText.handset_id == SimulatedHandset.id)
        .where(
            SimulatedText.asks,
            ~exists().where(
                newer.handset_id == SimulatedHandset.id,
                newer.id > SimulatedText.id,
                or_(newer.direction == Direction.INBOUND, newer.asks),
            ),
        )
        .order_by(SimulatedText.id.desc())
        .limit(most)
    )
    return [(handset, body) for handset, body in rows]


def phone_of(volunteer_id: int) -> str | None:
    return db.session.scalar(select(Volunteer.phone).where(Volunteer.id == volunteer_id))


def phones(search: str, page: int) -> tuple[list[Phone], bool]:
    """The handsets, newest text first; with a search, those of matching people, texted or not.

    Also whether there is a next page.
    """
    start = (page - 1) * SHOWN_AT_ONCE
    if search:
        people = db.session.execute(
            select(Volunteer.id, Volunteer.name, SimulatedHandset.id, SimulatedHandset.last_text_id)
            .outerjoin(SimulatedHandset, SimulatedHandset.phone == Volunteer.phone)
            .where(Volunteer.phone.is_not(None), Volunteer.name.icontains(search, autoescape=True))
            .order_by(SimulatedHandset.last_text_id.desc().nulls_last(), Volunteer.name)
            .offset(start)
            .limit(SHOWN_AT_ONCE + 1)
        ).all()
        last = _texts_by_id([row[3] for row in people if row[3]])
        found = [Phone(name, at, who, last.get(text or 0)) for who, name, at, text in people]
    else:
        handsets = db.session.scalars(
            select(SimulatedHandset)
            .where(SimulatedHandset.last_text_id > 0)
            .order_by(SimulatedHandset.last_text_id.desc())
            .offset(start)
            .limit(SHOWN_AT_ONCE + 1)
        ).all()
        last = _texts_by_id([handset.last_text_id for handset in handsets])
        names = names_of([handset.phone for handset in handsets])
        found = [
            Phone(names[each.phone], each.id, None, last.get(each.last_text_id))
            for each in handsets
        ]
    return found[:SHOWN_AT_ONCE], len(found) > SHOWN_AT_ONCE


def _texts_by_id(ids: list[int]) -> dict[int, SimulatedText]:
    if not ids:
        return {}
    query = select(SimulatedText).where(SimulatedText.id.in_(ids))
    return {text.id: text for text in db.session.scalars(query)}


def names_of(numbers: Sequence[str]) -> dict[str, str]:
    """Who holds each phone, in words; two people may share one."""
    holders: dict[str, list[str]] = {number: [] for number in numbers}
    for person in (Volunteer, User):
        rows = db.session.execute(
            select(person.phone, person.name).where(person.phone.in_(numbers)).order_by(person.name)
        )
        for number, name in rows:
            if number and name not in holders[number]:
                holders[number].append(name)
    return {
        number: " and ".join(names) or phone.spoken(number) for number, names in holders.items()
    }


def conversation(handset_id: int) -> list[SimulatedText]:
    """The last texts of a handset, oldest first."""
    newest = db.session.scalars(
        select(SimulatedText)
        .where(SimulatedText.handset_id == handset_id)
        .order_by(SimulatedText.id.desc())
        .limit(IN_A_CONVERSATION)
    ).all()
    return list(reversed(newest))


def quick_answers(conversation: Sequence[SimulatedText], *, stopped: bool) -> list[str]:
    """The buttons below a conversation: they answer the last text that asked."""
    asked = (text.body for text in reversed(conversation) if text.asks)
    return rules.quick_answers(next(asked, ""), stopped=stopped)
