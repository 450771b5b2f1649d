"""What sign-ups tell a person of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.foundation.extensions import db
from app.signups import privacy
from app.volunteers.models import Volunteer
from tests import factories


def test_what_we_hold_takes_as_few_statements_however_many_sign_ups(
    count_queries: Callable[[], Any],
) -> None:
    person = factories.volunteer()
    for _ in range(3):
        factories.signup(factories.shift(), person)
    number = person.id
    db.session.remove()
    person = db.session.get_one(Volunteer, number)
    with count_queries() as statements:
        told = privacy.held(person)
    assert len(told["shifts"]) == 3
    assert len(statements) == 3
