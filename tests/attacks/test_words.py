"""Words that are more than words: scripts in names, formulas in cells, line ends in subjects."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.broadcasts import service as broadcasts
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.messaging import service as messaging
from app.messaging.carriers import Parcel
from app.messaging.carriers.smtp import SmtpConnection, compose
from app.messaging.models import Message
from app.messaging.rules.outcomes import Verdict
from app.signups import calendars
from app.signups import service as places
from app.signups.models import Way
from tests import factories
from tests.attacks.conftest import County, doors

Enter = Callable[[User | None], FlaskClient]
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
BREAK = "</script><script>alert(1)</script><!--"
LIVE = re.compile(r"<script>alert|<img src=x", re.IGNORECASE)


@pytest.fixture
def bent(county: County) -> County:
    """The county with markup in every word that a person can choose."""
    group = factories.group(name=f"G {SCRIPT}"[:120], slug="bent", about=SCRIPT + BREAK)
    site = factories.site(
        group, name=f"S {BREAK}"[:120], address=SCRIPT, access_notes=SCRIPT, district="Charnwood"
    )
    role = factories.opportunity(
        group,
        site,
        title=f"T {SCRIPT}"[:120],
        summary=BREAK,
        about=SCRIPT + BREAK,
        what_to_bring=SCRIPT,
        contact_name=SCRIPT[:60],
    )
    shift = factories.shift(role, starts_at=clock.now() + timedelta(hours=30))
    person = factories.volunteer(name=f"N {SCRIPT}"[:100], emergency_name=SCRIPT[:100])
    factories.known_to(person, group)
    places.claim(shift.id, person.id, way=Way.WEB)
    factories.volunteer(name=f"M {BREAK}"[:100])
    draft = broadcasts.draft([shift.id], county.coordinator.id)
    county.values |= {
        "group_id": group.id,
        "site_id": site.id,
        "opportunity_id": role.id,
        "shift_id": shift.id,
        "volunteer_id": person.id,
        "broadcast_id": draft.id,
        "slug": "bent",
        "token": calendars.new_address(person.id),
    }
    return county


def test_markup_in_names_stays_words_on_every_page(
    app: Flask, bent: County, client_of: Enter
) -> None:
    wrong, shown = [], 0
    for user in (None, bent.administrator):
        client = client_of(user)
        for method, path, _rule in doors(app, bent.values):
            if method != "GET":
                continue
            for query in ("", "?view=map", "?show=all"):
                db.session.rollback()
                answer = client.get(path + query)
                page = answer.get_data().decode(errors="replace")
                shown += "alert(1)" in page
                if answer.mimetype == "text/html" and LIVE.search(page):
                    wrong.append(path + query)
    assert wrong == []
    assert shown > 20


def test_what_machines_read_in_a_page_is_whole_json(
    app: Flask, bent: County, client_of: Enter
) -> None:
    client = client_of(None)
    role = bent.values["opportunity_id"]
    seen = 0
    for path in (f"/opportunities/{role}", "/opportunities?view=map"):
        page = client.get(path, follow_redirects=True).get_data(as_text=True)
        for kind, data in re.findall(
            r"<script[^>]*type=\"(application/[a-z+]*json)\"[^>]*>(.*?)</script>", page, re.DOTALL
        ):
            assert json.loads(data), kind
            seen += 1
    assert seen >= 2


def test_markup_in_names_stays_words_in_emails_and_calendars(
    app: Flask, bent: County, client: FlaskClient
) -> None:
    emails = db.session.scalars(select(Message).where(Message.html.is_not(None))).all()
    assert emails
    for message in emails:
        assert not LIVE.search(message.html or "")
    feed = client.get(f"/calendar/{bent.values['token']}.ics").get_data(as_text=True)
    assert feed.count("BEGIN:VEVENT") == 1


def parcel(**said: object) -> Parcel:
    """A parcel on its first attempt."""
    return Parcel(written_at=clock.now(), attempts=1, **said)  # type: ignore[arg-type]


LINE_ENDS = ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85", "\x1c"]


@pytest.mark.parametrize("end", LINE_ENDS)
def test_a_line_end_in_a_subject_is_a_space(app: Flask, end: str) -> None:
    message_id = messaging.write(
        Letter(
            channel="email",
            to="ann@example.org",
            subject=f"A place{end}Bcc: eve@example.org",
            body="Hello",
            cause="test:1",
            recipient="user:1",
            purpose="test",
        )
    )
    message = db.session.get_one(Message, message_id)
    one = parcel(
        message_id=message.id,
        token=message.token,
        to="ann@example.org",
        body=message.body,
        subject=message.subject,
    )
    mail = message_from_bytes(
        compose(one, "Many Hands <hello@example.org>").as_bytes(), policy=policy.default
    )
    assert mail["Bcc"] is None
    assert mail["Subject"] == "A place Bcc: eve@example.org"


class Server:
    """Takes what it is given."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def noop(self) -> tuple[int, bytes]:
        return 250, b""

    def send_message(self, mail: object) -> None:
        self.taken.append(str(mail["To"]))  # type: ignore[index] # an email

    def quit(self) -> None:
        """Goodbye."""


def test_one_email_that_cannot_be_made_does_not_hold_up_the_next(app: Flask) -> None:
    line = SmtpConnection("smtp://localhost", "hello@example.org")
    server = line._server = Server()  # type: ignore[assignment] # stands in for the connection
    parcels = [
        parcel(message_id=1, token="a", to="ann@example.org", body="x", subject="two\nlines"),
        parcel(message_id=2, token="b", to="eve\n@example.org", body="x", subject="x"),
        parcel(message_id=3, token="c", to="bob@example.org", body="x", subject="x"),
    ]
    verdicts = [line.send(one).verdict for one in parcels]
    assert verdicts == [Verdict.FAILED, Verdict.FAILED, Verdict.ACCEPTED]
    assert server.taken == ["bob@example.org"]


def test_a_manager_cannot_bend_the_subject_through_the_form(
    app: Flask, county: County, client_of: Enter
) -> None:
    client = client_of(county.manager)
    client.post(
        f"/groups/{county.group.id}/opportunities/{county.opportunity.id}/edit",
        data={
            "title": "Driver\r\nBcc: eve@example.org",
            "summary": "Drive.",
            "site_id": str(county.opportunity.site_id),
            "minimum_age": "18",
            "policy": "open",
            "dbs_level": "none",
        },
    )
    db.session.rollback()
    person = factories.volunteer()
    places.claim(county.shift.id, person.id, way=Way.WEB)
    subjects = db.session.scalars(
        select(Message.subject).where(Message.volunteer_id == person.id)
    ).all()
    assert subjects
    assert not any(re.search(r"[\r\n]", subject) for subject in subjects)
