"""How many roles somebody would find if they told us more."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.matching.queries.untold import would_fit
from app.opportunities.models import Policy, Stage
from app.volunteers.vocabulary import AgeBand, Skill
from tests import factories as make


def test_roles_for_grown_ups_are_counted_once_each(app: Flask) -> None:
    person = make.volunteer(age_band=AgeBand.NOT_TOLD)
    role = make.opportunity(minimum_age=18)
    make.shift(role)
    make.shift(role)
    make.shift(make.opportunity(minimum_age=16))
    assert would_fit(person, "age") == 1


def test_roles_that_ask_for_a_skill_one_has_not_told(app: Flask) -> None:
    person = make.volunteer(skills=Skill.DRIVE_CAR)
    for needs in (Skill(0), Skill.DRIVE_CAR, Skill.CHAINSAW, Skill.DRIVE_CAR | Skill.CHAINSAW):
        make.shift(make.opportunity(needs_skills=needs))
    assert would_fit(person, "skills") == 2


@pytest.mark.parametrize(
    ("role", "shift"),
    [
        ({"stage": Stage.DRAFT}, {}),
        ({"policy": Policy.INVITATION}, {}),
        ({}, {"stage": Stage.CANCELLED}),
    ],
)
def test_what_cannot_be_taken_is_not_counted(
    app: Flask, role: dict[str, Any], shift: dict[str, Any]
) -> None:
    make.shift(make.opportunity(minimum_age=18, **role), **shift)
    assert would_fit(make.volunteer(), "age") == 0


def test_what_is_full_or_too_far_is_not_counted(app: Flask) -> None:
    full = make.shift(make.opportunity(minimum_age=18), places=1)
    make.signup(full, make.volunteer())
    far = make.site(**make.position(53.4, -2.9))
    make.shift(make.opportunity(at=far, minimum_age=18))
    assert would_fit(make.volunteer(), "age") == 0
