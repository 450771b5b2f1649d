"""Every field of every form on every page, filled with what nobody should type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.opportunities import service as opportunities
from app.signups import changes
from tests import factories
from tests.attacks.conftest import County, doors

Enter = Callable[[User | None], FlaskClient]
ODD = ("a\0b", "x" * 10_000, "9" * 40, "9999-12-31", "\r\nBcc: eve@example.org")


@dataclass
class Sheet:
    """A form as a browser finds it."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page, each with its fields and what they begin with."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Sheet] = []
        self._open: Sheet | None = None
        self._choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name = said.get("name", "")
        if tag == "form":
            self._open = Sheet(said.get("action", ""), said.get("method", "get").lower())
            self.found.append(self._open)
        elif self._open is None:
            return
        elif tag in ("input", "textarea", "button", "select") and name:
            self._choice = name
            values = self._open.fields.setdefault(name, [])
            if tag != "select":
                values.append(said.get("value", ""))
        elif tag == "option":
            self._open.fields[self._choice].append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def likely(name: str) -> str:
    """Something that the other fields may hold, so that the odd one is reached."""
    if any(part in name for part in ("day", "until", "date", "_on")):
        return (clock.now() + timedelta(days=9)).date().isoformat()
    if name.startswith("starts"):
        return "10:00"
    if name.startswith("ends"):
        return "11:00"
    return "LE11 3TU" if "postcode" in name or name == "near" else "3"


def sheets(app: Flask, county: County, client: FlaskClient) -> Iterator[tuple[str, Sheet]]:
    draft = county.draft.id
    pages = [path for method, path, _ in doors(app, county.values) if method == "GET"]
    pages += [f"/broadcasts/{draft}/audience", f"/broadcasts/{draft}/message"]
    for path in pages:
        db.session.rollback()
        answer = client.get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            forms = Forms()
            forms.feed(answer.get_data(as_text=True))
            for sheet in forms.found:
                yield sheet.action or path, sheet


@pytest.mark.parametrize("who", ["nobody", "person", "administrator"])
def test_no_field_of_any_form_makes_a_fault(
    app: Flask, county: County, client_of: Enter, who: str, errors_are_pages: None
) -> None:
    user = getattr(county, who, None)
    session_id = user.get_id() if user else ""
    tried: set[tuple[str, str]] = set()
    wrong = []

    def enter() -> FlaskClient:
        client = app.test_client()
        if session_id:
            with client.session_transaction() as session:
                session["_user_id"], session["_fresh"] = session_id, True
        return client

    for path, sheet in list(sheets(app, county, enter())):
        plain = {
            name: (values[0] if values else "") or likely(name)
            for name, values in sheet.fields.items()
            if name != "csrf_token"
        }
        for name in plain:
            if (path, name) in tried or path == "/sign-out":
                continue
            tried.add((path, name))
            for odd in ODD:
                db.session.rollback()
                filled = plain | {name: odd}
                client = enter()
                if sheet.method == "post":
                    status = client.post(path, data=filled).status_code
                else:
                    status = client.get(path, query_string=filled).status_code
                if status >= 500:
                    wrong.append((path, name, odd[:12], status))
    assert wrong == []
    assert tried


@pytest.mark.parametrize(("places", "minimum"), [(10**12, 1), (-5, 1), (0, 0), (1, 1), (3, 99)])
def test_places_that_cannot_be_are_refused(app: Flask, places: int, minimum: int) -> None:
    shift = factories.shift(places=4)
    for _ in range(2):
        factories.signup(shift, factories.volunteer())
    group_id = shift.opportunity.group_id
    day = shift.starts_at.date()
    with pytest.raises(Refusal):
        changes.edit_shift(
            group_id,
            shift.id,
            day=day,
            starts=time(10),
            ends=time(12),
            places=places,
            minimum=minimum,
        )
    db.session.rollback()
    db.session.refresh(shift)
    assert (shift.places, shift.taken) == (4, 2)


@pytest.mark.parametrize(
    ("day", "starts", "ends"),
    [
        (date(2027, 3, 28), time(1, 30), time(3, 0)),  # begins in the hour that is left out
        (date(2027, 3, 28), time(0, 30), time(1, 30)),  # ends in it
        (date(2027, 10, 31), time(1, 30), time(1, 45)),  # in the hour that comes twice
        (date(2027, 10, 30), time(23, 0), time(3, 0)),  # across the night
    ],
)
def test_a_shift_across_a_change_of_the_clocks_has_a_length(
    app: Flask, day: date, starts: time, ends: time
) -> None:
    opportunity = factories.opportunity()
    shift = opportunities.add_shift(
        opportunity.group_id,
        opportunity.id,
        day=day,
        starts=starts,
        ends=ends,
        places=2,
        minimum=1,
    )
    assert timedelta(0) < shift.ends_at - shift.starts_at <= timedelta(hours=6)
    local = shift.starts_at.astimezone(ZoneInfo("Europe/London"))
    assert abs(datetime.combine(day, starts) - local.replace(tzinfo=None)) <= timedelta(hours=1)
