"""A story's way from a manager to everybody, and back when somebody changes their mind."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import AuditEvent, User
from app.accounts.queries import PAGE
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.models import Group
from app.stories import service
from app.stories.models import CaseStudy, InStudy, Photograph, StudyState
from app.volunteers import service as volunteers
from tests import factories as make
from tests.stories import made

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def group(app: Flask) -> Iterator[Group]:
    with clock.stopped_at(datetime(2026, 6, 20, 12, tzinfo=UTC)):
        yield make.group(name="Kibworth Community Library")


@pytest.fixture
def boss(group: Group) -> User:
    return make.manager(group)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def picture_of(study: CaseStudy, size: str = "small") -> str:
    digest = db.session.scalar(
        select(Photograph.digest).where(Photograph.case_study_id == study.id)
    )
    return f"/stories/{study.id}/{size}-{digest}.jpg"


def test_a_manager_writes_the_county_publishes_and_everybody_reads(
    group: Group, boss: User, sign_in: SignIn, app: Flask
) -> None:
    manager = sign_in(boss)
    answer = manager.post(
        f"/groups/{group.id}/stories/new",
        data={
            "title": "A library that stays open late",
            "summary": "Eleven neighbours keep the lights on.",
            "body": made.BODY,
            "quotation": "I read to my girl here",
            "quotation_by": "A father",
            "quotation_agreed": "y",
        },
    )
    place = answer.location
    manager.post(
        f"{place}/photograph",
        data={
            "photograph": (io.BytesIO(made.with_notes()), "../../../IMG 0001.exe"),
            "alt": "Children read under a lamp",
            "consent_by": "Joan Reader",
            "consent_on": "19 June 2026",
            "for_web": "y",
        },
    )
    page = manager.get(place).text
    assert "Children read under a lamp" in page
    assert "for the web only" in words(page)
    manager.post(f"{place}/offer")
    study = db.session.scalars(select(CaseStudy)).one()
    everybody = app.test_client()
    assert everybody.get(f"/stories/{study.id}").status_code == 404
    assert everybody.get(picture_of(study)).status_code == 404

    county = sign_in(make.coordinator())
    assert "A library that stays open late" in county.get("/county/stories").text
    shown = county.get(picture_of(study))
    assert shown.headers["Cache-Control"] == "private, no-store"
    county.post(f"/county/stories/{study.id}/publish")

    page = everybody.get(f"/stories/{study.id}").text
    assert "Eleven neighbours took turns" in page
    assert "“I read to my girl here”" in page
    assert 'alt="Children read under a lamp"' in page
    answer = everybody.get(picture_of(study, "large"))
    assert answer.mimetype == "image/jpeg"
    assert answer.data.startswith(b"\xff\xd8")
    assert "public" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "A library that stays open late" in everybody.get("/stories").text
    assert "A library that stays open late" in everybody.get(f"/g/{group.slug}").text
    actions = set(db.session.scalars(select(AuditEvent.action)))
    assert {"wrote case study", "set photograph of case study", "offered case study"} <= actions
    assert "published case study" in actions


def test_the_county_sends_it_back_with_words(group: Group, boss: User, sign_in: SignIn) -> None:
    study = made.published(group, boss)
    county = sign_in(make.coordinator())
    page = county.post(f"/county/stories/{study.id}", data={"words": ""}).text
    assert "Say what should change" in page
    county.post(f"/county/stories/{study.id}", data={"words": "Who are the eleven?"})
    assert county.get(f"/stories/{study.id}").status_code == 404
    assert county.get(picture_of(study)).status_code == 404  # a draft is its group's
    page = sign_in(boss).get(f"/groups/{group.id}/stories/{study.id}").text
    assert "Who are the eleven?" in page


def test_nobody_publishes_a_draft_nor_changes_what_is_public(
    group: Group, boss: User, sign_in: SignIn
) -> None:
    study = made.draft(group, boss)
    sign_in(make.coordinator()).post(f"/county/stories/{study.id}/publish")
    assert db.session.get_one(CaseStudy, study.id).state == StudyState.DRAFT
    public = made.published(group, boss)
    answer = sign_in(boss).post(
        f"/groups/{group.id}/stories/{public.id}/words", data={"title": "Other", "body": "Other"}
    )
    assert answer.status_code == 302
    db.session.rollback()
    assert db.session.get_one(CaseStudy, public.id).title != "Other"


@pytest.mark.parametrize(
    ("said", "needs"),
    [
        ({"body": "Too short."}, "200 letters"),
        ({"summary": ""}, "one sentence"),
        ({"quotation_by": ""}, "whose words"),
        ({"quotation_agreed": False}, "they agree"),
    ],
)
def test_what_is_missing_is_said_before_it_is_handed_over(
    group: Group, boss: User, sign_in: SignIn, said: dict[str, object], needs: str
) -> None:
    study = made.draft(group, boss, **said)
    client = sign_in(boss)
    place = f"/groups/{group.id}/stories/{study.id}"
    assert needs in words(client.get(place).text)
    client.post(f"{place}/offer")
    assert db.session.get_one(CaseStudy, study.id).state == StudyState.DRAFT


def test_a_photograph_goes_everywhere_at_once_when_consent_is_taken_back(
    group: Group, boss: User, sign_in: SignIn, app: Flask
) -> None:
    study = made.published(group, boss)
    address = picture_of(study)
    assert app.test_client().get(address).status_code == 200
    sign_in(boss).post(f"/groups/{group.id}/stories/{study.id}/photograph/take-back")
    assert app.test_client().get(address).status_code == 404
    assert "<img" not in app.test_client().get(f"/stories/{study.id}").text
    assert db.session.scalar(select(func.count()).select_from(Photograph)) == 0


def test_a_picture_for_print_alone_is_not_on_the_web(
    group: Group, boss: User, app: Flask, sign_in: SignIn
) -> None:
    study = made.published(group, boss, for_web=False)
    address = picture_of(study)
    assert app.test_client().get(address).status_code == 404
    assert "<img" not in app.test_client().get(f"/stories/{study.id}").text
    assert sign_in(boss).get(address).status_code == 200


def test_bad_uploads_are_told_beside_the_field_and_lose_nothing(
    group: Group, boss: User, sign_in: SignIn
) -> None:
    study = made.draft(group, boss)
    said = {"alt": "Tins on a shelf", "consent_by": "Joan", "consent_on": "1 June 2026"}
    place = f"/groups/{group.id}/stories/{study.id}/photograph"
    client = sign_in(boss)
    for more, says in (
        ({"photograph": (io.BytesIO(b"<svg/>"), "a.jpg"), "for_web": "y"}, "cannot read this"),
        ({"photograph": (io.BytesIO(made.bomb()), "a.png"), "for_web": "y"}, "too many pixels"),
        ({"for_web": "y"}, "Choose a photograph"),
        ({"photograph": (io.BytesIO(made.photo()), "a.jpg")}, "Tick what"),
        ({"consent_on": "21 June 2026", "for_web": "y"}, "still to come"),
    ):
        page = client.post(place, data=said | more).text
        assert says in page
        assert "Tins on a shelf" in page
    assert db.session.scalar(select(func.count()).select_from(Photograph)) == 0


def test_another_groups_manager_finds_nothing(group: Group, boss: User, sign_in: SignIn) -> None:
    study = made.draft(group, boss)
    other = make.group()
    client = sign_in(make.manager(other))
    for path in ("", "/words", "/photograph"):
        assert client.get(f"/groups/{other.id}/stories/{study.id}{path}").status_code == 404
    for path in ("/offer", "/drop", "/people", "/photograph/take-back"):
        assert client.post(f"/groups/{other.id}/stories/{study.id}{path}").status_code == 404


def test_a_person_in_a_story_is_told_of_it_and_forgotten_with_it(
    group: Group, boss: User, sign_in: SignIn, app: Flask
) -> None:
    person = make.volunteer(name="Nadia Unforgettable")
    make.known_to(person, group)
    study = made.published(group, boss, body=made.BODY + " Nadia brought the lamp.")
    address = picture_of(study)
    place = f"/groups/{group.id}/stories/{study.id}"
    client = sign_in(boss)
    for nobody in (make.volunteer().id, 2**64):
        assert client.post(f"{place}/people", data={"volunteer_id": nobody}).status_code == 302
    assert db.session.scalar(select(func.count()).select_from(InStudy)) == 0  # not on the list
    client.post(f"{place}/people", data={"volunteer_id": person.id})
    assert "Nadia Unforgettable" in client.get(place).text
    assert "Nadia brought the lamp" in json.dumps(volunteers.everything_held(person.id))
    volunteers.erase(person.id)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(CaseStudy)) == 0
    assert app.test_client().get(address).status_code == 404


def test_lists_and_stories_stand_long_words(group: Group, boss: User, app: Flask) -> None:
    for _ in range(PAGE + 1):
        study = made.draft(group, boss, title="W" * 100, quotation="", quotation_by="")
        service.offer(group.id, study.id)
        service.publish(study.id, boss.id)
    page = app.test_client().get("/stories?page=2")
    assert page.status_code == 200
    assert "Page 2 of" in page.text
