"""A request in the language of each of its readers: the words, the segments, the pounds."""

from __future__ import annotations

import pytest

from app.accounts.models import User
from app.broadcasts import queries, service
from app.broadcasts.queries.look import look
from app.foundation import languages
from app.foundation.extensions import db
from app.messaging.models import Message
from app.messaging.rules import segments
from app.volunteers.models import Volunteer
from tests import factories
from tests.broadcasts.running import fresh, started, texts, tonight


@pytest.fixture
def boss(app) -> User:
    return factories.coordinator()


def of(person: Volunteer) -> Message:
    return next(one for one in texts() if one.volunteer_id == person.id)


def test_each_is_asked_in_their_own_language(boss: User) -> None:
    people = {code: factories.volunteer(language=code) for code in languages.LANGUAGES}
    shift = tonight(places=5)
    draft = service.draft([shift.id], boss.id)
    service.start(draft.id, boss.id)
    service.advance(draft.id)
    broadcast = fresh(draft)
    bodies = {code: of(person).body for code, person in people.items()}
    assert len(set(bodies.values())) == len(languages.LANGUAGES)
    assert "Reply" in bodies["en"]
    assert "Odpisz" in bodies["pl"]
    for body in bodies.values():
        # How to answer stays the carrier's and our own word, and the names stay the group's.
        assert f"{broadcast.number} YES" in body
        assert "STOP" in body
        assert shift.opportunity.group.name in body


def test_urdu_takes_more_segments_than_english_and_the_ledger_counts_them(boss: User) -> None:
    english, urdu = factories.volunteer(), factories.volunteer(language="ur")
    service.advance(started(tonight(), boss).id)
    in_english, in_urdu = of(english), of(urdu)
    assert segments.count(in_urdu.body).encoding == "UCS-2"
    assert in_urdu.segments == segments.count(in_urdu.body).segments
    assert in_urdu.segments > in_english.segments == 1


def test_the_estimate_counts_each_with_the_text_that_they_will_read(boss: User, app) -> None:
    for _ in range(3):
        factories.volunteer()
    for _ in range(2):
        factories.volunteer(language="ur")
    draft = service.draft([tonight().id], boss.id)
    seen = look(draft, queries.shifts_of(draft.id))
    by_code = {one.code: one for one in seen.read_in}
    assert (by_code["en"].people, by_code["ur"].people) == (3, 2)
    assert by_code["ur"].takes > by_code["en"].takes
    pence = app.config["SMS_SEGMENT_PENCE"]
    all_texts = 3 * by_code["en"].takes + 2 * by_code["ur"].takes
    assert seen.most_pence == pytest.approx(all_texts * pence)


def test_a_coordinators_own_words_stay_and_only_how_to_answer_is_translated(boss: User) -> None:
    polish = factories.volunteer(language="pl")
    draft = service.draft([tonight().id], boss.id)
    own = f"Many Hands: the river rises, please bring boots. Reply {draft.number} YES or " + (
        f"{draft.number} NO."
    )
    service.word(draft.id, own, pace=draft.pace)
    service.start(draft.id, boss.id)
    service.advance(draft.id)
    body = of(polish).body
    assert body.startswith("Many Hands: the river rises, please bring boots. Odpisz")


def test_the_draft_is_english_even_when_somebody_polish_gave_cause(app, boss: User) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "pl"}):
        draft = service.draft([tonight().id], boss.id)
        assert "Reply" in draft.text
    assert "Odpisz" in db.session.get_one(type(draft), draft.id).texts["pl"]
