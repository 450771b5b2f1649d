"""What the tests of the pages share: a need, people near it, and a page in words."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.broadcasts import service
from app.broadcasts.models import Broadcast
from app.foundation.extensions import db
from app.opportunities.models import Shift
from app.volunteers.models import Volunteer
from tests import factories

# A Tuesday, 17:40 in Leicestershire; far from quiet hours.
NOW = datetime(2026, 12, 1, 17, 40, tzinfo=UTC)


def drivers(**said: Any) -> Shift:
    group = factories.group(name="Gorse Covert Food Bank")
    site = factories.site(group, name="Gorse Covert Hall")
    role = factories.opportunity(group, site, title="Food parcel driver")
    return factories.shift(role, **({"starts_at": NOW + timedelta(hours=1), "places": 2} | said))


def people(number: int, **said: Any) -> list[Volunteer]:
    numbers = range(100, 100 + number)
    return [factories.volunteer(phone=factories.drama_phone(n), **said) for n in numbers]


def words(page: TestResponse) -> str:
    """The page's words without its markup, in one line."""
    body = re.sub(r"<(script|style).*?</\1>", " ", page.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def latest() -> Broadcast:
    db.session.rollback()
    found = db.session.scalar(select(Broadcast).order_by(Broadcast.id.desc()))
    assert found is not None
    return found


def running(shift: Shift, **word: Any) -> Broadcast:
    boss = factories.coordinator()
    broadcast = service.draft([shift.id], boss.id)
    if word:
        service.word(broadcast.id, broadcast.text, **word)
    service.start(broadcast.id, boss.id)
    service.advance(broadcast.id)
    return latest()


def drivers_of(n: int) -> Shift:
    role = factories.opportunity(factories.group(name=f"Food bank {n}"))
    return factories.shift(role, starts_at=NOW + timedelta(hours=n + 1))
