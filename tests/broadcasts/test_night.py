"""Quiet hours: a request leaves people in peace unless an emergency is stated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.broadcasts import service
from app.broadcasts.models import Pace
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from tests import factories
from tests.broadcasts.pages import NOW, people
from tests.broadcasts.running import asked, fresh, started, texts, tonight


def test_people_are_left_in_peace_at_night(boss: User) -> None:
    people(3)
    night = NOW.replace(hour=23)
    with clock.stopped_at(night):
        broadcast = service.draft([tonight(starts_at=night + timedelta(hours=12)).id], boss.id)
        with pytest.raises(Refusal, match="left in peace") as refusal:
            service.start(broadcast.id, boss.id)
    assert refusal.value.field == "emergency_reason"


def test_a_stated_emergency_goes_out_at_night_and_past_weekly_limits(boss: User) -> None:
    people(3, asks_per_week=0)
    night = NOW.replace(hour=23)
    with clock.stopped_at(night):
        broadcast = service.draft([tonight(starts_at=night + timedelta(hours=12)).id], boss.id)
        service.word(
            broadcast.id, broadcast.text, pace=Pace.WAVES, emergency_reason="Flood in Loughborough"
        )
        service.start(broadcast.id, boss.id)
        assert fresh(broadcast).audience_size == 3
    event = db.session.scalar(
        select(AuditEvent).where(AuditEvent.action == "started urgent request")
    )
    assert event is not None
    assert event.detail["emergency"] == "Flood in Loughborough"


def test_a_request_asks_nobody_new_once_the_quiet_hours_have_begun(boss: User) -> None:
    people(60)
    evening = NOW.replace(hour=20, minute=50)
    with clock.stopped_at(evening):
        broadcast = started(tonight(starts_at=evening + timedelta(hours=20)), boss)
        service.advance(broadcast.id)
        first = len(asked(broadcast))
    assert 0 < first < 60
    with clock.stopped_at(evening + timedelta(hours=2)):
        service.advance(broadcast.id)
        assert len(asked(broadcast)) == first
        assert "left in peace" in fresh(broadcast).wave_reason
        assert fresh(broadcast).next_wave_at == evening.replace(hour=8, minute=0) + timedelta(
            days=1
        )
    with clock.stopped_at(evening.replace(hour=8, minute=1) + timedelta(days=1)):
        service.advance(broadcast.id)
        assert len(asked(broadcast)) > first


def test_an_emergency_goes_on_asking_at_night(boss: User) -> None:
    people(60)
    evening = NOW.replace(hour=20, minute=50)
    with clock.stopped_at(evening):
        shift = tonight(starts_at=evening + timedelta(hours=20))
        broadcast = started(shift, boss, pace=Pace.WAVES, emergency_reason="Flood")
        service.advance(broadcast.id)
        first = len(asked(broadcast))
    with clock.stopped_at(evening + timedelta(hours=2)):
        service.advance(broadcast.id)
        assert len(asked(broadcast)) > first


def test_a_text_drafted_at_night_tells_the_right_day_in_the_morning(boss: User) -> None:
    polish = factories.volunteer(language="pl")
    night = NOW.replace(hour=22, minute=30)
    morning = night.replace(hour=8, minute=30) + timedelta(days=1)
    with clock.stopped_at(night):
        draft = service.draft([tonight(starts_at=morning + timedelta(hours=2)).id], boss.id)
        assert "tomorrow" not in draft.text
        assert f"{morning:%A} {morning.day} {morning:%B}" in draft.text
    with clock.stopped_at(morning):
        # Sent as it stands, it is still a draft of ours, in their language too.
        service.word(draft.id, draft.text, pace=Pace.WAVES)
        service.start(draft.id, boss.id)
        service.advance(draft.id)
        body = texts()[0].body
        assert texts()[0].volunteer_id == polish.id
    assert "can you help" not in body
    assert f" {morning.day} " in body


def test_a_draft_of_the_night_before_is_still_as_drafted(boss: User) -> None:
    night = NOW.replace(hour=22, minute=30)
    with clock.stopped_at(night):
        first, other = (tonight(starts_at=night + timedelta(hours=hours)) for hours in (12, 14))
        draft = service.draft([first.id], boss.id)
    with clock.stopped_at(night + timedelta(hours=10)):
        assert service.choose(draft.id, [other.id])
        assert fresh(draft).text.count("today") == 1
