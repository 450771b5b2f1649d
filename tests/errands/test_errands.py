"""Long work is done once, survives its worker, and is found again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.errands import jobs, kinds, queries, rules, service
from app.errands.kinds import Kind
from app.errands.models import Errand, Progress
from app.errands.pen import Pen, heard
from app.foundation import clock, queue
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import Group
from tests import factories

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def user(app: Flask) -> User:
    return factories.user()


class Doing:
    """Work that renames a group: what it does to `errand` can be said by each test."""

    def __init__(self) -> None:
        self.before: Callable[[Errand, Pen], None] = lambda _errand, _pen: None

    def __call__(self, errand: Errand, pen: Pen) -> None:
        pen.tell(2, 5, "Writing")
        self.before(errand, pen)
        with transaction():
            db.session.get_one(Group, errand.about_id).name += " (done)"
            pen.finish("It is done.")


@pytest.fixture
def doing() -> Iterator[Doing]:
    work = Doing()
    kinds.register(
        Kind("test", "work", work, lambda e: f"/g/{e.about_id}", "See it", lambda e: "/again")
    )
    yield work
    del kinds._kinds["test"]


@pytest.fixture
def errand_id(doing: Doing, user: User) -> int:
    return service.begin("test", factories.group(name="Library").id, None, user.id, "people.csv")


def errand(errand_id: int) -> Errand:
    db.session.rollback()
    return db.session.get_one(Errand, errand_id, populate_existing=True)


def name() -> str:
    return db.session.scalars(select(Group.name)).one()


def test_it_is_done_once(errand_id: int) -> None:
    jobs.work(errand_id)
    jobs.work(errand_id)
    assert (errand(errand_id).progress, errand(errand_id).outcome) == (
        Progress.DONE,
        "It is done.",
    )
    assert name() == "Library (done)"


def test_the_same_work_under_way_is_not_begun_twice(errand_id: int, user: User) -> None:
    about_id = errand(errand_id).about_id
    assert service.begin("test", about_id, None, user.id, "again.csv") == errand_id
    jobs.work(errand_id)
    assert service.begin("test", about_id, None, user.id, "again.csv") != errand_id


def test_a_refusal_says_what_to_mend(errand_id: int, doing: Doing) -> None:
    def refuse(_errand: Errand, _pen: Pen) -> None:
        raise Refusal("The file was thrown away.")

    doing.before = refuse
    jobs.work(errand_id)
    assert (errand(errand_id).progress, errand(errand_id).outcome) == (
        Progress.REFUSED,
        "The file was thrown away.",
    )


def test_a_fault_is_told_kindly_and_is_loud(errand_id: int, doing: Doing) -> None:
    def fail(_errand: Errand, _pen: Pen) -> None:
        raise ZeroDivisionError

    doing.before = fail
    with pytest.raises(ZeroDivisionError):
        jobs.work(errand_id)
    assert errand(errand_id).progress == Progress.FAILED
    assert name() == "Library"


def killed(errand_id: int) -> None:
    """A worker took it up and died at once, long enough ago."""
    assert service._take_up(errand_id) is not None
    queue.connection().flushdb()
    with transaction():
        row = db.session.get_one(Errand, errand_id)
        row.changed_at = clock.now() - service.WORKER_LOST - timedelta(seconds=1)


def test_a_killed_workers_errand_is_done_by_another(errand_id: int) -> None:
    killed(errand_id)
    service.sweep()
    assert errand(errand_id).progress == Progress.WAITING
    jobs.work(errand_id)
    assert name() == "Library (done)"


def test_one_that_is_still_heard_of_is_left_alone(errand_id: int) -> None:
    killed(errand_id)
    Pen(errand_id, 1).tell(1, 9, "Writing")
    service.sweep()
    assert errand(errand_id).progress == Progress.WORKING


def test_a_worker_that_was_given_up_undoes_what_it_did(errand_id: int, doing: Doing) -> None:
    def overtaken(_errand: Errand, _pen: Pen) -> None:
        doing.before = lambda _errand, _pen: None
        db.session.rollback()
        with transaction():
            row = db.session.get_one(Errand, errand_id)
            row.progress = Progress.WAITING
        service.work(errand_id)  # another worker does it, whole

    doing.before = overtaken
    jobs.work(errand_id)
    assert name() == "Library (done)"
    assert (errand(errand_id).progress, errand(errand_id).tries) == (Progress.DONE, 2)


def test_three_deaths_are_enough(errand_id: int) -> None:
    for _ in range(service.MOST_TRIES):
        killed(errand_id)
        service.sweep()
    assert errand(errand_id).progress == Progress.FAILED


def test_a_lost_nudge_is_left_again(app: Flask, errand_id: int) -> None:
    queue.connection().flushdb()
    with clock.stopped_at(clock.now() + timedelta(seconds=30)):
        service.sweep()
    assert queue.has_waiting(queue.ORDINARY)


def test_the_page_says_the_same_after_a_reload(
    errand_id: int, user: User, sign_in: SignIn, doing: Doing
) -> None:
    client = sign_in(user)
    page = client.get(f"/my/work/{errand_id}").text
    assert "It waits for its turn." in page
    seen: list[str] = []
    doing.before = lambda _errand, _pen: seen.append(
        client.get(f"/my/work/{errand_id}/progress").text
    )
    jobs.work(errand_id)
    assert "Writing: 2 of 5, 40 percent" in seen[0]
    assert 'value="40"' in seen[0]
    assert 'hx-trigger="every 2s"' in seen[0]
    page = client.get(f"/my/work/{errand_id}").text
    assert "It is done." in page
    assert "hx-trigger" not in page


def test_what_ended_is_news_until_it_was_looked_at(
    errand_id: int, user: User, sign_in: SignIn
) -> None:
    jobs.work(errand_id)
    about_id = errand(errand_id).about_id
    assert [one.id for one in queries.news(user.id)] == [errand_id]
    answer = sign_in(user).get(f"/my/work/{errand_id}/result")
    assert answer.location == f"/g/{about_id}"
    assert queries.news(user.id) == []


def test_somebody_elses_errand_is_not_there(errand_id: int, sign_in: SignIn) -> None:
    client = sign_in(factories.user())
    for page in ("", "/progress", "/result"):
        assert client.get(f"/my/work/{errand_id}{page}").status_code == 404


def test_it_is_forgotten_after_a_day(errand_id: int) -> None:
    jobs.work(errand_id)
    service.forget_old()
    assert errand(errand_id)
    with clock.stopped_at(clock.now() + service.KEEP_FOR + timedelta(hours=1)):
        service.forget_old()
    assert db.session.get(Errand, errand_id) is None


def test_without_redis_the_work_goes_on_unwatched(
    errand_id: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from redis import Redis  # noqa: PLC0415

    away = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.1)
    monkeypatch.setattr(queue, "connection", lambda: away)
    jobs.work(errand_id)
    assert heard(errand_id) is None
    assert errand(errand_id).progress == Progress.DONE


def test_percent_is_never_a_hundred_before_it_is_done() -> None:
    told = rules.Heard(5000, 5000, "Writing", clock.now())
    assert told.words == "Writing: 5,000 of 5,000, 99 percent"
    assert rules.read(rules.written(told)) == told
    assert rules.Heard(0, 0, "Writing", clock.now()).words == "Writing"
