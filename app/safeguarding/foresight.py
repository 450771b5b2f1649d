"""Before a rule is saved: whom it would leave without what their shift needs."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, Final

from flask import render_template
from markupsafe import Markup

from app.accounts import audit
from app.safeguarding import service
from app.safeguarding.queries import fitness
from app.safeguarding.queries.fitness import Change, Unmet
from app.safeguarding.rules.decisions import said
from app.web.consequences import Consequence, Kind

SHOWN: Final = 12


def see(
    kind: Kind, group_id: int, row_id: int | None, values: Mapping[str, Any]
) -> Consequence | None:
    """The people whom new values of a role, a duty or a group's rules would newly affect."""
    found = fitness.foreseen(group_id, _change(kind, row_id, values))
    if not found:
        return None
    audit.record("viewed who a change affects", group_id=group_id)
    people: dict[int, list[Unmet]] = {}
    for one in found:
        people.setdefault(one.volunteer_id, []).append(one)
    html = render_template(
        "safeguarding/_foreseen.html",
        people=list(people.values())[:SHOWN],
        number=len(people),
        more=max(0, len(people) - SHOWN),
        said=said,
    )
    return Consequence(Markup(html), _mark(found))


def _change(kind: Kind, row_id: int | None, values: Mapping[str, Any]) -> Change:
    if kind == "role":
        return Change(opportunity_id=row_id, role=values)
    if kind == "duty":
        return Change(duty_id=row_id, duty=values)
    if kind == "group":
        return Change(recheck_months=values.get("recheck_months"))
    return Change(adds_first_step=True)


def _mark(found: list[Unmet]) -> str:
    """The same for the same people and reasons: what was read is what is saved."""
    facts = sorted((one.signup_id, *sorted(one.reasons)) for one in found)
    return str(zlib.crc32(repr(facts).encode()))


def follow(group_id: int) -> None:
    """The rules have changed: the list of people to decide about is brought up to date."""
    service.refresh_findings(group_id)
