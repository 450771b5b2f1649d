"""What an ask says beside its words, to whom, and what the coordinator is told of it."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.broadcasts import service
from app.broadcasts.models import Pace
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.outbox import Letter
from app.messaging import service as messaging
from app.messaging.models import Message
from app.messaging.rules.opting_out import NOTICE
from app.messaging.rules.segments import count
from tests import factories
from tests.broadcasts.pages import NOW, people, words
from tests.broadcasts.running import started, texts, tonight


def told(phone: str, at_days_ago: int) -> None:
    with clock.stopped_at(clock.now() - timedelta(days=at_days_ago)):
        messaging.write(
            Letter(
                channel="sms",
                to=phone,
                body="Food bank: thank you.",
                cause=f"before:{phone}",
                recipient="r",
                purpose="standing",
            )
        )


def test_an_ask_says_how_to_stop_to_those_only_who_must_be_told(boss: User) -> None:
    never, lately, long_ago = people(3)
    told(lately.phone, 3)
    told(long_ago.phone, 40)
    before = {row.id for row in db.session.scalars(select(Message))}
    broadcast = started(tonight(), boss, pace=Pace.EVERYONE)
    service.advance(broadcast.id)
    bodies = {row.to_address: row.body for row in texts() if row.id not in before}
    assert bodies == {
        never.phone: f"{broadcast.text}\n{NOTICE}",
        lately.phone: broadcast.text,
        long_ago.phone: f"{broadcast.text}\n{NOTICE}",
    }


def test_each_row_counts_the_segments_of_its_own_words(boss: User) -> None:
    never, lately = people(2)
    told(lately.phone, 3)
    draft = service.draft([tonight().id], boss.id)
    long = f"{draft.text} ".ljust(150, "x")
    service.word(draft.id, long, pace=Pace.EVERYONE)
    service.start(draft.id, boss.id)
    service.advance(draft.id)
    found = {row.to_address: (row.segments, row.tells_stop) for row in texts()}
    assert found == {never.phone: (2, True), lately.phone: (1, False)}
    assert all(row.segments == count(row.body).segments for row in texts())


def test_a_text_that_says_it_itself_is_sent_as_it_is(boss: User) -> None:
    people(2)
    draft = service.draft([tonight().id], boss.id)
    text = f"{draft.text} STOP ends our texts."
    service.word(draft.id, text, pace=Pace.EVERYONE)
    service.start(draft.id, boss.id)
    service.advance(draft.id)
    assert {row.body for row in texts()} == {text}
    assert all(row.tells_stop for row in texts())


def test_the_count_tells_both_forms(desk: FlaskClient) -> None:
    page = words(desk.post("/broadcasts/count", data={"text": "x" * 140}))
    assert "140 characters: 1 text." in page
    assert "we add “Reply STOP to opt out.” for you. It is 2 texts then." in page
    page = words(desk.post("/broadcasts/count", data={"text": "x" * 100}))
    assert "It is still one text then." in page
    page = words(desk.post("/broadcasts/count", data={"text": "Help? STOP to opt out."}))
    assert "we add" not in page


def test_the_last_step_names_the_dearer_form_and_its_cost(desk: FlaskClient) -> None:
    people(3)
    draft = service.draft([tonight().id], factories.coordinator().id)
    service.word(draft.id, draft.text.ljust(150, "x"), pace=Pace.EVERYONE)
    page = words(desk.get(f"/broadcasts/{draft.id}/message"))
    assert "1 text each, 2 for those who must be told how to stop" in page
    assert "every 30 days, we add “Reply STOP to opt out.”" in page


def test_the_reason_of_an_emergency_is_seen_on_the_page_of_the_request(
    desk: FlaskClient, boss: User
) -> None:
    people(2)
    with clock.stopped_at(NOW.replace(hour=23)):
        shift = tonight(starts_at=NOW + timedelta(days=1))
        draft = service.draft([shift.id], boss.id)
        service.word(draft.id, draft.text, pace=Pace.WAVES, emergency_reason="The river rises.")
        service.start(draft.id, boss.id)
        page = words(desk.get(f"/broadcasts/{draft.id}"))
    assert "an emergency: The river rises." in page
