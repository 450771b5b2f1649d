"""Tuesday afternoon, and what the tests of matching say over and over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.matching.queries import Wish, audience_select
from app.messaging.models import Message, State
from app.opportunities.models import Opportunity, Shift
from app.volunteers.models import Channel, Volunteer
from app.volunteers.vocabulary import Skill
from tests import factories
from tests.matching.times import NOW, TONIGHT


@pytest.fixture(autouse=True)
def _tuesday_afternoon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def food_bank(app: Flask) -> Group:
    return factories.group(name="Food bank")


@pytest.fixture
def role(food_bank: Group) -> Opportunity:
    """Needs a driver of 18 or over; asks for nothing else."""
    return factories.opportunity(food_bank, needs_skills=Skill.DRIVE_CAR)


@pytest.fixture
def tonight(role: Opportunity) -> Shift:
    """From 18:00 to 20:00 at the site."""
    return factories.shift(role, starts_at=TONIGHT)


@pytest.fixture
def driver(app: Flask) -> Callable[..., Volunteer]:
    """Makes somebody who fits tonight's shift, but for what is said."""

    def make(**said: Any) -> Volunteer:
        return factories.volunteer(**({"skills": Skill.DRIVE_CAR} | said))

    return make


@pytest.fixture
def ask(app: Flask) -> Callable[..., None]:
    """Puts an ask of so many days ago into the ledger."""

    def write(person: Volunteer, days: int = 1, state: State = State.DELIVERED) -> None:
        cause = f"broadcast:{days}{state}"
        factories.save(
            Message(
                channel=Channel.SMS,
                lane="urgent",
                cause=cause,
                recipient=f"volunteer:{person.id}",
                purpose="ask",
                volunteer_id=person.id,
                token=f"{person.id}{cause}"[:32],
                to_address=person.phone,
                body="Can you help?",
                state=state,
                not_before=NOW,
                created_at=NOW - timedelta(days=days),
            )
        )

    return write


@pytest.fixture
def excluded(app: Flask) -> Callable[..., str]:
    """The code with which a volunteer is excluded from a wish; empty when asked."""

    def find(person: Volunteer, shift: Shift, **wish: Any) -> str:
        rows = db.session.execute(audience_select(Wish(shift_ids=[shift.id], **wish)))
        return {row.volunteer_id: row.excluded for row in rows}[person.id]

    return find
