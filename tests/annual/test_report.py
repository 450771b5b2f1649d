"""A year's report: what it counts, that it stays, and who sees it when."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent, User
from app.annual import queries, service
from app.annual.models import AnnualReport, HourValue, Progress
from app.annual.service import making
from app.broadcasts.models import Answer, Broadcast, BroadcastShift, BroadcastState, Recipient
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.groups.models import GroupKind
from app.signups.models import Standing
from app.stories import service as stories
from app.volunteers import service as volunteers
from tests import factories as make
from tests.annual.conftest import NOW, County
from tests.stories import made

SignIn = Callable[[User], FlaskClient]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_it_counts_the_year_and_nothing_beside_it(county: County) -> None:
    said = county.report().contents
    assert said["total"] == {
        "volunteers": 6,
        "minutes": 6 * 120 + 5 * 90 + 60,
        "groups": 2,
        "shifts": 2,
        "newcomers": 0,
    }
    assert {one["kind"]: one["minutes"] for one in said["kinds"]} == {
        "library": 720,
        "food-bank": 510,
    }
    assert [one["name"] for one in said["districts"]] == ["Charnwood", "Harborough"]


def test_a_month_of_few_is_not_told_nor_what_gives_it_away(county: County) -> None:
    told = {one["name"]: one["minutes"] for one in county.report().contents["months"]}
    # One person alone gave something in December; the whole and the other months would tell it.
    assert told["December 2025"] == told["April 2025"] == told["March 2026"] == "not shown"
    assert told["July 2025"] == 0
    for person in county.people[1:5]:
        county.add(county.food_bank, date(2025, 12, 24), 60, person)
    told = {one["name"]: one["minutes"] for one in county.report().contents["months"]}
    assert (told["December 2025"], told["April 2025"], told["March 2026"]) == (300, 720, 450)


def test_the_value_is_the_stated_figure_times_the_hours(
    county: County, sign_in: SignIn, app: Flask
) -> None:
    client = sign_in(make.administrator())
    for bad in ("", "0", "a lot", "1000"):
        page = client.post("/admin/annual/value", data={"pounds": bad, "source": "x"}).text
        assert "Enter " in page
    assert (
        "Say where" in client.post("/admin/annual/value", data={"pounds": "10", "source": ""}).text
    )
    client.post("/admin/annual/value", data={"pounds": "10.50", "source": "our own sums"})
    assert db.session.scalars(select(HourValue.pence)).all() == [1050]
    county.report()
    page = words(sign_in(county.coordinator).get("/annual/2025-26").text)
    assert "6 volunteers gave 21 hours to 2 groups" in page  # 20 and a half
    assert "£215" in page  # 20.5 hours at £10.50 are £215.25
    assert "The value of an hour is counted at £10.50: our own sums." in page


def test_what_is_frozen_stays_when_hours_are_put_right(county: County) -> None:
    report = county.report()
    before = dict(report.contents)
    county.give(county.library, date(2025, 9, 1), 300, county.people)
    db.session.rollback()
    assert db.session.get_one(AnnualReport, report.id).contents == before
    assert county.report().contents["total"]["minutes"] == before["total"]["minutes"] + 1800


def test_a_published_report_is_everybodys_and_stays(
    county: County, sign_in: SignIn, app: Flask
) -> None:
    report = county.report()
    everybody = app.test_client()
    for path in ("", "/food-banks", "/report.pdf"):
        assert everybody.get(f"/annual/2025-26{path}").status_code == 404
    assert "No report yet" in everybody.get("/annual").text
    client = sign_in(county.coordinator)
    assert "This is a draft" in client.get("/annual/2025-26").text
    client.post(f"/county/annual/{report.id}/publish")
    for path in ("", "/food-banks", "/community-libraries", "/report.pdf"):
        assert everybody.get(f"/annual/2025-26{path}").status_code == 200
    assert everybody.get("/annual/2025-26/response-groups").status_code == 404
    assert "April 2025 to March 2026" in everybody.get("/annual").text
    for wish in ("again", "drop", "publish"):
        client.post(f"/county/annual/{report.id}/{wish}")
    client.post(f"/county/annual/{report.id}/foreword", data={"foreword": "Late words"})
    db.session.rollback()
    kept = db.session.get_one(AnnualReport, report.id)
    assert kept.progress == Progress.DONE
    assert kept.foreword == ""
    assert "published annual report" in db.session.scalars(select(AuditEvent.action)).all()
    with pytest.raises(Refusal, match="published"):
        service.start("2025-26", county.coordinator.id)


def test_last_year_is_told_as_its_own_report_told_it(county: County) -> None:
    earlier = county.report("2024-25")
    assert earlier.contents["total"]["minutes"] == 3600
    service.publish(earlier.id, county.coordinator.id)
    county.give(county.library, date(2025, 3, 1), 999, county.people)  # found too late
    said = county.report().contents
    assert said["last"]["total"]["minutes"] == 3600
    assert said["last_is_published"]
    # Records of that year begin in its last month, which the report says.
    assert said["last"]["since"] == "31 March 2025"


def test_it_is_honest_where_last_year_has_nothing(county: County, sign_in: SignIn) -> None:
    said = county.report("2024-25").contents
    assert said["last"] is None
    page = words(sign_in(county.coordinator).get("/annual/2024-25").text)
    assert "there is nothing to compare with" in page
    assert "Hours have been kept since 31 March 2025" in page


def test_a_year_without_anything_says_so(county: County, sign_in: SignIn) -> None:
    county.report("2023-24")
    page = words(sign_in(county.coordinator).get("/annual/2023-24").text)
    assert "No hours are kept for the year from 1 April 2023 to 31 March 2024." in page
    assert sign_in(county.coordinator).get("/annual/2023-24/report.pdf").status_code == 200


def test_a_group_of_few_is_not_told_nor_what_gives_it_away(county: County, sign_in: SignIn) -> None:
    small = make.group(name="Quiet Corner", kind=GroupKind.LIBRARY, district="Harborough")
    county.give(small, date(2025, 6, 1), 333, county.people[:2])
    said = county.report().contents
    rows = {row["name"]: row for one in said["kinds"] for row in one["rows"]}
    assert rows["Quiet Corner"]["volunteers"] == "fewer than 5"
    assert rows["Quiet Corner"]["minutes"] == "not shown"
    assert rows["Kibworth Community Library"]["minutes"] == "not shown"
    page = sign_in(county.coordinator).get("/annual/2025-26/community-libraries").text
    assert "fewer than 5" in page
    assert str(round(666 / 60)) not in words(page)


def test_urgent_requests_and_how_fast_they_were_answered(county: County, sign_in: SignIn) -> None:
    begun = NOW - timedelta(days=60)
    for answered in (12, 48, None):
        shift = make.shift(make.opportunity(county.food_bank), starts_at=begun + timedelta(hours=5))
        request = make.save(
            Broadcast(
                number=answered or 1,
                number_is_live=False,
                state=BroadcastState.ENDED,
                started_at=begun,
            )
        )
        make.save(BroadcastShift(broadcast_id=request.id, shift_id=shift.id))
        make.save(
            Recipient(
                broadcast_id=request.id,
                volunteer_id=county.people[0].id,
                wave=1,
                asked_at=begun,
                answer=Answer.YES if answered else Answer.NO,
            )
        )
        if answered:
            make.signup(
                shift,
                county.people[0],
                standing=Standing.NO_SHOW,
                cause=f"broadcast:{request.id}",
                confirmed_at=begun + timedelta(minutes=answered),
            )
    said = county.report().contents["requests"]
    assert (said["number"], said["answered"], said["places"]) == (3, 2, 2)
    assert (said["first_median"], said["first_fastest"], said["within_hour"]) == (12, 12, 2)
    page = words(sign_in(county.coordinator).get("/annual/2025-26").text)
    assert "Groups asked for urgent help 3 times. 2 requests were answered" in page


def test_stories_and_thanks_of_the_year_are_in_it_and_leave_it_when_taken_back(
    county: County, sign_in: SignIn, app: Flask
) -> None:
    with clock.stopped_at(NOW - timedelta(days=90)):
        story = made.published(county.library, county.boss)
        person = county.people[0]
        make.known_to(person, county.library)
        stories.thank_volunteer(
            county.library.id,
            person.id,
            county.boss.id,
            "You kept the lamp lit.",
            by_email=False,
            may_print=True,
        )
        stories.name(county.library.id, story.id, person.id)
    report = county.report()
    service.publish(report.id, county.coordinator.id)
    everybody = app.test_client()
    page = everybody.get("/annual/2025-26").text
    assert "A library that stays open late" in page
    assert 'alt="A red half and a blue half"' in page
    assert "You kept the lamp lit." in page
    with_picture = len(everybody.get("/annual/2025-26/report.pdf").data)

    stories.take_photograph_back(county.library.id, story.id)
    page = everybody.get("/annual/2025-26")
    assert "A library that stays open late" in page.text
    assert "A red half" not in page.text
    answer = everybody.get("/annual/2025-26/report.pdf")
    assert answer.status_code == 503  # the old one is not handed out any more
    assert answer.headers["Retry-After"] == "30"
    service.print_anew(report.id)
    answer = everybody.get("/annual/2025-26/report.pdf")
    assert answer.status_code == 200
    assert len(answer.data) < with_picture - 1000

    volunteers.erase(person.id)
    page = everybody.get("/annual/2025-26").text
    assert "A library that stays open late" not in page
    assert "You kept the lamp lit." not in page
    # Nothing else of a published report moves.
    assert "6 volunteers gave" in words(page)


def test_one_click_makes_it_and_the_page_says_how_far_it_is(
    county: County, sign_in: SignIn
) -> None:
    client = sign_in(county.coordinator)
    page = client.get("/county/annual").text
    assert "April 2025 to March 2026 (council year)" in page
    assert "Choose one of the answers" in client.post("/county/annual", data={"year": "1"}).text
    place = client.post("/county/annual", data={"year": "2025-26"}).location
    assert "Waiting for its turn" in client.get(place).text
    again = client.post("/county/annual", data={"year": "2025-26"})
    assert "being made already" in again.text
    report = db.session.scalars(select(AnnualReport)).one()
    number = making._take_up(report.id)
    assert number == 1
    making._note(report.id, 1, "Counting June 2025", 14, 24)
    live = client.get(f"{place}/progress").text
    assert "Counting June 2025: step 15 of 24" in live
    # The worker dies; another takes up what it left, and the first can write no more.
    with clock.stopped_at(NOW + timedelta(minutes=4)):
        service.sweep()
        service.make(report.id)
    with pytest.raises(making._TakenOver):
        making._note(report.id, 1, "Counting July 2025", 15, 24)
    done = client.get(f"{place}/progress")
    assert done.headers["HX-Redirect"] == place
    page = client.get(place).text
    assert "Publish the report" in page
    client.post(
        f"{place}/foreword", data={"foreword": "A year of lamps.", "foreword_by": "The Chair"}
    )
    page = client.get(place).text
    assert "The PDF is being printed" in page
    assert "Publish the report" not in page  # nobody is offered what is refused
    client.post(f"{place}/publish")
    db.session.rollback()
    assert db.session.get_one(AnnualReport, report.id).published_at is None  # not before it is
    service.print_anew(report.id)
    client.post(f"{place}/publish")
    assert "A year of lamps." in client.get("/annual/2025-26").text


def test_a_fault_is_told_and_can_be_tried_again(
    county: County, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = service.start("2025-26", county.coordinator.id)
    monkeypatch.setattr(making.counting, "count", _fails)
    with pytest.raises(ZeroDivisionError):
        service.make(report.id)
    monkeypatch.undo()
    client = sign_in(county.coordinator)
    place = f"/county/annual/{report.id}"
    assert "Something went wrong on our side" in client.get(place).text
    client.post(f"{place}/again")
    service.make(report.id)
    assert "Publish the report" in client.get(place).text


def _fails(*_: object) -> None:
    raise ZeroDivisionError


def test_a_draft_can_be_deleted(county: County, sign_in: SignIn) -> None:
    report = county.report()
    sign_in(county.coordinator).post(f"/county/annual/{report.id}/drop")
    db.session.rollback()
    assert db.session.get(AnnualReport, report.id) is None
    assert queries.print_of(report.id) is None


def test_a_page_asks_little_of_the_database(
    county: County, app: Flask, count_queries: Callable[[], object]
) -> None:
    report = county.report()
    service.publish(report.id, county.coordinator.id)
    client = app.test_client()
    for path, most in (("", 2), ("/food-banks", 1), ("/report.pdf", 2)):
        with count_queries() as statements:  # type: ignore[attr-defined]
            assert client.get(f"/annual/2025-26{path}").status_code == 200
        assert len(statements) <= most


def test_what_is_typed_wrongly_loses_nothing(county: County, sign_in: SignIn) -> None:
    report = county.report()
    page = (
        sign_in(county.coordinator)
        .post(f"/county/annual/{report.id}/foreword", data={"foreword": "long " * 600})
        .text
    )
    assert "Shorten the foreword" in page
    assert "long long" in page


def test_two_workers_make_one_report(county: County) -> None:
    report = service.start("2025-26", county.coordinator.id)
    service.make(report.id)
    with transaction():
        row = db.session.get_one(AnnualReport, report.id)
        row.contents = row.contents | {"label": "as it was"}
    service.make(report.id)  # a nudge that came twice
    db.session.rollback()
    assert db.session.get_one(AnnualReport, report.id).contents["label"] == "as it was"
