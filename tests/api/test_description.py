"""The API held to its own description, by a program that tries what nobody thinks of.

`schemathesis` makes requests that are as described, and others that are not, and
looks whether the answers are: no fault of ours, every status, type, header and shape
described, what is right accepted, what is wrong refused, no door without its token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from jsonschema_rs import Draft202012Validator
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import ignored_auth

from app.api.description import as_text, describe
from app.api.door import IF_MATCH, KEY
from app.foundation.extensions import db
from tests.api.conftest import Caller, Seeded, _keys

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
CONFIG = {
    "generation": {"with-security-parameters": False},
    "checks": {
        # The status of RFC 6585 for a missing If-Match.
        "missing_required_header": {"expected-statuses": ["400", "401", "403", "422", "428"]},
    },
}
FEW_ROWS = 1000
FEW = hypothesis.settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)


def real(seeded: Seeded, name: str, number: int) -> int:
    """One of the rows that are there, ours or a neighbour's, or the number as it is."""
    ours, theirs = {
        "shift_id": (seeded.shift.id, seeded.their_shift.id),
        "signup_id": (seeded.signup.id, seeded.their_signup.id),
        "volunteer_id": (seeded.volunteer.id, seeded.their_volunteer.id),
        "opportunity_id": (seeded.role.id, seeded.their_shift.opportunity_id),
        "site_id": (seeded.role.site_id, seeded.their_shift.site_id),
        "slot_id": (seeded.slot.id, seeded.their_slot.id),
        "group_id": (seeded.group.id, seeded.others.id),
    }[name]
    if number < FEW_ROWS:
        return number  # an earlier call gave it
    return (ours, ours, theirs, number)[number % 4]


def bring_to_life(seeded: Seeded, case: Any) -> None:
    """Let a made-up case meet rows that are there; what is meant to be wrong stays wrong."""
    db.session.rollback()
    for part in (case.path_parameters, case.body, case.query):
        if not isinstance(part, dict):
            continue
        for name, number in part.items():
            if name.endswith("_id") and type(number) is int and number > 0:
                part[name] = real(seeded, name, number)
    body = case.meta.components.get(ParameterLocation.BODY)
    if body is not None and body.mode.is_positive and isinstance(case.body, dict):
        hours = len(str(case.body)) * 24  # another day for another case
        start = seeded.shift.starts_at + timedelta(hours=hours)
        moments = {"starts_at": start, "ends_at": start + timedelta(hours=3)}
        for name in moments.keys() & case.body.keys():
            case.body[name] = moments[name].isoformat()
    header = case.meta.components.get(ParameterLocation.HEADER)
    if header is None or not header.mode.is_positive:
        return
    if re.match(KEY, str(case.headers.get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = f"key-of-schemathesis-{next(_keys)}"
    if re.match(IF_MATCH, str(case.headers.get("If-Match", ""))):
        case.headers["If-Match"] = "*"


class App:
    """The app of the test in hand: the description is read before there is any."""

    now: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.now(environ, start_response)


THE_APP = App()
SCHEMA = schemathesis.openapi.from_path(FILE, config=SchemathesisConfig.from_dict(CONFIG))
SCHEMA.app = THE_APP


@pytest.fixture
def headers(app: Flask, caller: Caller) -> Iterator[dict[str, str]]:
    """What lets a case in; the app answers as long as the test runs."""
    THE_APP.now = app
    yield {"Authorization": f"Bearer {caller.secret}", "Accept-Encoding": "identity"}
    THE_APP.now = None


@SCHEMA.parametrize()
@FEW
def test_every_answer_is_as_described(case: Any, seeded: Seeded, headers: dict[str, str]) -> None:
    bring_to_life(seeded, case)
    case.call_and_validate(headers=headers)


def test_what_is_made_can_be_read_and_ended(seeded: Seeded, headers: dict[str, str]) -> None:
    """Chains of calls, each with what the one before gave: made, read, changed, withdrawn."""
    reached: set[str] = set()

    class Chain(SCHEMA.as_state_machine()):  # type: ignore[misc] # made as the test runs
        def before_call(self, case: Any) -> None:
            bring_to_life(seeded, case)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, *_: Any, **kwargs: Any) -> None:
            # That no door opens without its token is asked above; here each call has one.
            case.validate_response(
                response, excluded_checks=[ignored_auth], transport_kwargs=kwargs
            )

        def after_call(self, response: Any, case: Any) -> None:
            if response.status_code < 300:
                reached.add(case.operation.definition.raw["operationId"])

    Chain.run(
        settings=hypothesis.settings(
            max_examples=12,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
    )
    # Which chains are found differs with the rows' numbers; one at least begins with a new row.
    assert "create_shift" in reached
    assert len(reached) >= 6, reached


def test_the_description_in_the_docs_is_that_of_the_app(app: Flask) -> None:
    assert FILE.read_text("utf-8") == as_text(), "run: flask api describe > docs/openapi.json"


def test_the_description_is_openapi_3_1(app: Flask) -> None:
    described = describe()
    assert described["openapi"] == "3.1.0"
    for name, schema in described["components"]["schemas"].items():
        Draft202012Validator({"components": described["components"], **schema}, None), name
