"""Writing to a shift's people, a day's, a group's: whom it reaches, once, and held."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import AuditEvent, User
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from app.messaging import ledger
from app.messaging.models import Message, Run, RunState, State
from app.opportunities.models import Shift, Stage
from app.rosters import service
from app.rosters.models import RosterMessage, RosterRecipient
from app.rosters.rules import MOST_A_DAY, Reach, text_of
from app.signups.models import Standing
from app.volunteers import service as volunteers
from app.volunteers.models import Channel, GroupVolunteer, Volunteer
from tests import factories

NOON = datetime(2026, 6, 9, 11, 0, tzinfo=UTC)
SignIn = Callable[[User], FlaskClient]


@pytest.fixture(autouse=True)
def _noon(app: Flask) -> Iterator[None]:
    with clock.stopped_at(NOON):
        yield


class Library:
    """A group with a site, a shift tomorrow, and a manager who is signed in."""

    def __init__(self, sign_in: SignIn) -> None:
        group = factories.group(name="Hathern Library")
        site = factories.site(group, name="The library")
        role = factories.opportunity(at=site, title="Desk")
        self.group_id, self.site_id, self.role_id = group.id, site.id, role.id
        self.shift_id = factories.shift(role, starts_at=NOON + timedelta(days=1), places=60).id
        self.manager_id = (manager := factories.manager(group)).id
        self.client = sign_in(manager)

    @property
    def base(self) -> str:
        return f"/groups/{self.group_id}/messages"

    def on_shift(self, shift_id: int | None = None, **said: Any) -> Volunteer:
        shift = db.session.get_one(Shift, shift_id or self.shift_id)
        person = factories.volunteer(**said)
        self.knows(person)
        factories.signup(shift, person)
        return person

    def knows(self, person: Volunteer) -> None:
        factories.known_to(person, db.session.get_one(Group, self.group_id))

    def draft(self, where: str = "", **said: str) -> str:
        """The address of a new draft, as the form makes it."""
        said = {"role": "", "channel": "sms", "subject": "", "body": "We open at noon."} | said
        answer = self.client.post(f"{self.base}/new{where}", data=said)
        assert answer.status_code == 302, answer.text
        return answer.location

    def of_shift(self, **said: str) -> str:
        return self.draft(f"?shift={self.shift_id}", **said)

    def send(self, draft: str, **said: str) -> TestResponse:
        return self.client.post(f"{draft}/send", data={"csrf_token": "any"} | said)


@pytest.fixture
def library(sign_in: SignIn) -> Library:
    return Library(sign_in)


def written() -> list[Message]:
    db.session.rollback()
    return list(
        db.session.scalars(select(Message).where(Message.purpose == "roster").order_by(Message.id))
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("We open at noon.", "Hathern Library: We open at noon."),
        ("Hathern Library is shut today.", "Hathern Library is shut today."),
    ],
)
def test_a_text_says_who_it_is_from(body: str, text: str) -> None:
    assert text_of("Hathern Library", body) == text


def test_the_people_of_a_shift_are_shown_the_text_and_then_sent_it(library: Library) -> None:
    ada = library.on_shift(name="Ada")
    factories.signup(
        db.session.get_one(Shift, library.shift_id),
        factories.volunteer(),
        standing=Standing.WITHDRAWN,
    )
    draft = library.of_shift()
    page = library.client.get(draft).text
    assert "Hathern Library: We open at noon." in page
    assert "Send to 1 person" in page
    assert "Everybody on Desk, tomorrow" in page
    assert written() == []
    assert "Sent. See below" in library.client.get(library.send(draft).location).text
    (text,) = written()
    assert (text.to_address, text.lane) == (ada.phone, queue.ORDINARY)
    assert text.body == "Hathern Library: We open at noon.\nReply STOP to opt out."
    assert text.segments == 1
    assert text.run_id is not None


def test_a_double_click_sends_once(library: Library) -> None:
    library.on_shift()
    draft = library.of_shift()
    library.send(draft)
    again = library.client.get(library.send(draft).location).text
    assert "Nobody got it twice" in again
    assert len(written()) == 1


def test_two_presses_in_the_same_moment_send_once(app: Flask, library: Library) -> None:
    for _ in range(5):
        library.on_shift()
    message_id = int(library.of_shift().rpartition("/")[2])
    barrier, sent = threading.Barrier(6), []

    def press() -> None:
        with app.app_context():
            barrier.wait()
            sent.append(service.send(library.group_id, message_id, library.manager_id))
            db.session.remove()

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [False] * 5 + [True]
    assert len(written()) == 5
    assert db.session.scalar(select(func.count()).select_from(Run)) == 1


def test_who_is_not_reached_and_why(library: Library) -> None:
    stopped = library.on_shift(name="Stan Stopped")
    volunteers.opt_out(Channel.SMS, stopped.phone or "", how="text STOP")
    library.on_shift(name="Nora Noconsent", sms_consent_at=None)
    library.on_shift(name="Phil Nophone", phone=None)
    library.on_shift(name="Rita Reached")
    draft = library.of_shift()
    page = library.client.get(draft).text
    for words in ("Asked us to stop all texts: 1", "Have not said yes to texts: 1"):
        assert words in page
    assert "No mobile number: 1" in page
    library.send(draft)
    assert len(written()) == 1
    sent = library.client.get(draft).text
    assert "Stan Stopped" in sent
    assert "Rita Reached" not in sent
    reaches = db.session.scalars(select(RosterRecipient.reach)).all()
    assert sorted(reaches) == sorted(
        [Reach.OPTED_OUT, Reach.NO_CONSENT, Reach.NO_ADDRESS, Reach.WRITTEN]
    )


def test_the_cost_is_shown_before_sending(library: Library, app: Flask) -> None:
    for _ in range(3):
        library.on_shift()
    page = library.client.get(library.of_shift(body="A" * 150)).text
    # With the group's name and how to stop it takes two segments; each is charged.
    pence = 3 * 2 * app.config["SMS_SEGMENT_PENCE"]
    assert f"£{pence / 100:.2f}" in page
    assert "2 texts each" in page


def test_an_email_goes_with_its_subject_and_costs_nothing(library: Library) -> None:
    person = library.on_shift(sms_consent_at=None)
    draft = library.of_shift(channel="email", subject="New keys", body="Hello.\n\nUse code B.")
    page = library.client.get(draft).text
    assert "New keys" in page
    assert "Hathern Library, through Many Hands" in page
    library.send(draft)
    (letter,) = written()
    assert (letter.to_address, letter.subject, letter.lane) == (
        person.email,
        "New keys",
        queue.EMAIL,
    )
    assert "<p" in (letter.html or "")
    assert letter.body.startswith("Hello.\n\nUse code B.")


def test_an_email_leaves_although_they_allow_no_texts(library: Library) -> None:
    library.on_shift(sms_consent_at=None)
    library.send(library.of_shift(channel="email", subject="Keys"))
    leased = ledger.lease(queue.EMAIL, "me", 10)
    assert len(ledger.begin_sending([one.id for one in leased], "me")) == 1


def test_an_email_to_somebody_who_has_just_forbidden_emails_does_not_leave(
    library: Library,
) -> None:
    person = library.on_shift()
    library.send(library.of_shift(channel="email", subject="Keys"))
    leased = ledger.lease(queue.EMAIL, "me", 10)
    with transaction():
        db.session.merge(person).email_consent_at = None
    assert ledger.begin_sending([one.id for one in leased], "me") == []
    assert written()[0].reason == "They no longer allow emails."


def test_at_night_a_text_waits_for_the_morning(library: Library) -> None:
    library.on_shift()
    with clock.stopped_at(datetime(2026, 6, 9, 21, 0, tzinfo=UTC)):
        draft = library.of_shift()
        assert "it leaves from 8am" in library.client.get(draft).text
        library.send(draft)
        assert ledger.lease(queue.ORDINARY, "me", 10) == []
    with clock.stopped_at(datetime(2026, 6, 10, 7, 1, tzinfo=UTC)):
        assert len(ledger.lease(queue.ORDINARY, "me", 10)) == 1


def test_everybody_of_a_day_at_a_site(library: Library) -> None:
    there = library.on_shift()
    role = db.session.get_one(Shift, library.shift_id).opportunity
    later = factories.shift(role, starts_at=NOON + timedelta(days=2)).id
    library.on_shift(later)
    cancelled = factories.shift(
        role, starts_at=NOON + timedelta(days=1, hours=4), stage=Stage.CANCELLED
    ).id
    library.on_shift(cancelled)
    page = library.client.get(f"{library.base}?site={library.site_id}&day=2026-06-10")
    assert page.location == f"{library.base}/new?site={library.site_id}&day=2026-06-10"
    draft = library.draft(f"?site={library.site_id}&day=2026-06-10")
    assert "Everybody at The library on Wednesday 10 June" in library.client.get(draft).text
    library.send(draft)
    assert [text.to_address for text in written()] == [there.phone]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({}, {"Here", "Later", "Idle"}),
        ({"role": "desk"}, {"Here", "Later"}),
        ({"this_week": "y"}, {"Here"}),
    ],
)
def test_a_groups_volunteers_by_role_and_week(
    library: Library, said: dict[str, str], names: set[str]
) -> None:
    library.on_shift(name="Here")
    role = db.session.get_one(Shift, library.shift_id).opportunity
    later = factories.shift(role, starts_at=NOON + timedelta(days=20)).id
    library.on_shift(later, name="Later")
    library.knows(factories.volunteer(name="Idle"))
    library.knows(factories.volunteer(name="Resting", paused_until=NOON.date() + timedelta(9)))
    stranger = factories.volunteer(name="Stranger")
    library.knows(stranger)
    with transaction():
        link = db.session.scalars(
            select(GroupVolunteer).where(GroupVolunteer.volunteer_id == stranger.id)
        ).one()
        link.sees_profile = False
    factories.known_to(factories.volunteer(name="Elsewhere"), factories.group())
    if "role" in said:
        said = said | {"role": str(library.role_id)}
    library.send(library.draft("", **said))
    reached = db.session.scalars(
        select(Volunteer.name)
        .join(Message, Message.volunteer_id == Volunteer.id)
        .where(Message.purpose == "roster")
    ).all()
    assert set(reached) == names


def test_after_some_messages_a_day_the_next_must_be_meant(library: Library) -> None:
    library.on_shift()
    for _ in range(MOST_A_DAY):
        library.send(library.of_shift())
    draft = library.of_shift()
    assert "sent 3 messages since yesterday" in library.client.get(draft).text
    refused = library.send(draft)
    assert refused.status_code == 200
    assert "Tick the box if this one must go as well" in refused.text
    assert len(written()) == MOST_A_DAY
    library.send(draft, although_many="y")
    assert len(written()) == MOST_A_DAY + 1
    with clock.stopped_at(NOON + timedelta(hours=25)):
        assert service.sent_lately(library.group_id) == 0


def test_it_can_be_paused_go_on_and_be_stopped(library: Library) -> None:
    for _ in range(2):
        library.on_shift()
    draft = library.of_shift()
    library.send(draft)
    library.client.post(f"{draft}/pause")
    assert ledger.lease(queue.ORDINARY, "me", 10) == []
    assert "Paused" in library.client.get(draft).text
    library.client.post(f"{draft}/go-on")
    assert len(ledger.lease(queue.ORDINARY, "me", 1)) == 1
    stopped = library.client.get(library.client.post(f"{draft}/stop").location).text
    assert "Stopped. 2 messages were held back." in stopped
    assert {text.state for text in written()} == {State.CANCELLED}
    library.client.post(f"{draft}/go-on")
    assert db.session.scalars(select(Run.state)).one() == RunState.STOPPED


def test_bad_input_is_told_beside_its_field_and_nothing_is_lost(library: Library) -> None:
    where = f"{library.base}/new?shift={library.shift_id}"
    long = "B" * 460
    answer = library.client.post(where, data={"role": "", "channel": "sms", "body": long})
    assert "Shorten it to 459 letters." in answer.text
    assert long in answer.text
    answer = library.client.post(where, data={"role": "", "channel": "email", "body": "Hello"})
    assert "Write a subject" in answer.text
    assert "Hello" in answer.text
    answer = library.client.post(where, data={"role": "", "channel": "sms", "body": ""})
    assert "Write your message." in answer.text
    assert db.session.scalar(select(RosterMessage.id)) is None


def test_a_draft_can_be_changed_and_thrown_away_but_not_what_was_sent(library: Library) -> None:
    library.on_shift()
    draft = library.of_shift()
    assert "We open at noon." in library.client.get(f"{draft}/change").text
    library.client.post(
        f"{draft}/change", data={"role": "", "channel": "sms", "body": "We open at one."}
    )
    assert "We open at one." in library.client.get(draft).text
    library.send(draft)
    message_id = int(draft.rpartition("/")[2])
    with pytest.raises(Refusal, match="sent already"):
        service.change(library.group_id, message_id, {"body": "Never."})
    library.client.post(f"{draft}/drop")
    assert db.session.get(RosterMessage, message_id) is not None
    other = library.of_shift()
    library.client.post(f"{other}/drop")
    assert library.client.get(other).status_code == 404


def test_of_what_is_over_nothing_is_sent(library: Library) -> None:
    library.on_shift()
    draft = library.of_shift()
    message_id = int(draft.rpartition("/")[2])
    with (
        clock.stopped_at(NOON + timedelta(days=3)),
        pytest.raises(Refusal, match="is over"),
    ):
        service.send(library.group_id, message_id, library.manager_id)
    assert written() == []


def test_nobody_to_reach_is_said(library: Library) -> None:
    draft = library.of_shift()
    assert "Nobody can be reached this way" in library.client.get(draft).text
    assert "Nobody can be reached this way" in library.send(draft).text
    assert db.session.scalars(select(RosterMessage.sent_at)).one() is None


def test_another_groups_messages_are_not_found(library: Library, sign_in: SignIn) -> None:
    library.on_shift()
    draft = library.of_shift()
    other = factories.group()
    client = sign_in(factories.manager(other))
    own = draft.replace(f"/groups/{library.group_id}/", f"/groups/{other.id}/")
    assert client.get(own).status_code == 404
    for wish in ("send", "pause", "stop", "drop", "change"):
        assert client.post(f"{own}/{wish}").status_code == 404
    for query in (f"shift={library.shift_id}", f"site={library.site_id}&day=2026-06-10"):
        assert client.get(f"/groups/{other.id}/messages/new?{query}").status_code == 404
    assert client.get(f"{library.base}/new").status_code == 404
    assert written() == []


def test_what_was_done_is_in_the_trail(library: Library) -> None:
    library.on_shift()
    draft = library.of_shift()
    library.send(draft)
    library.client.get(draft)
    library.client.post(f"{draft}/pause")
    actions = db.session.scalars(select(AuditEvent.action)).all()
    assert {
        "sent message to roster",
        "viewed whom a message reaches",
        "steered message to roster",
    } <= set(actions)


def test_an_erased_person_is_on_no_list(library: Library) -> None:
    person = library.on_shift()
    library.send(library.of_shift())
    held = volunteers.everything_held(person.id)
    assert held["messages_to_many"][0]["group"] == "Hathern Library"
    volunteers.erase(person.id)
    assert db.session.scalar(select(RosterRecipient.id)) is None


def test_pages_need_few_statements(library: Library, count_queries: Callable[[], Any]) -> None:
    draft = library.of_shift()
    counted: dict[str, list[int]] = {"draft": [], "sent": [], "index": []}
    for _ in range(2):
        for _ in range(6):
            library.on_shift()
            library.on_shift(sms_consent_at=None)
        for name, path in (("draft", draft), ("index", library.base)):
            db.session.remove()
            with count_queries() as statements:
                library.client.get(path)
            counted[name].append(len(statements))
    sent = library.of_shift()
    library.send(sent)
    db.session.remove()
    with count_queries() as statements:
        library.client.get(sent)
    counted["sent"].append(len(statements))
    assert counted["draft"][0] == counted["draft"][1] <= 14
    assert counted["index"][0] == counted["index"][1] <= 8
    assert counted["sent"][0] <= 14


def test_sending_needs_few_statements_however_many(
    library: Library, count_queries: Callable[[], Any]
) -> None:
    counted = []
    for people in (2, 30):
        for _ in range(people):
            library.on_shift()
        message_id = int(library.of_shift().rpartition("/")[2])
        db.session.remove()
        with count_queries() as statements:
            service.send(library.group_id, message_id, library.manager_id)
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 14
