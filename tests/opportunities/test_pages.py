"""The public page of an opportunity and its managers' screens, as a browser meets them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.foundation import clock
from app.foundation.extensions import db
from app.foundation.transaction import transaction
from app.opportunities.models import Opportunity, Pattern, Shift, Stage
from app.volunteers.vocabulary import DbsLevel
from tests import factories as make

SignIn = Callable[[User], FlaskClient]


def structured_of(page: str) -> list[dict[str, Any]]:
    """What the page says to search engines."""
    block = re.search(r'<script type="application/ld\+json" nonce="[^"]+">(.*?)</script>', page)
    assert block
    said: list[dict[str, Any]] = json.loads(block[1])["@graph"]
    return said


def test_a_page_worth_sharing_has_its_words_for_others(app: Flask, client: FlaskClient) -> None:
    role = make.opportunity(title="Story time helper", summary="Read <to> children & parents.")
    make.shift(role)
    page = client.get(f"/opportunities/{role.id}-story-time-helper").text
    assert '<meta property="og:title" content="Story time helper' in page
    assert '<meta name="description" content="Read &lt;to&gt; children &amp; parents.">' in page
    assert f'href="http://localhost/opportunities/{role.id}-story-time-helper"' in page
    posting, event = structured_of(page)
    assert (posting["@type"], posting["employmentType"]) == ("JobPosting", "VOLUNTEER")
    assert event["@type"] == "Event"
    assert posting["description"] == "Read <to> children & parents."


def test_a_wrong_or_missing_slug_leads_to_the_right_address(
    app: Flask, client: FlaskClient
) -> None:
    role = make.opportunity(title="Story time helper")
    for wrong in (f"/opportunities/{role.id}", f"/opportunities/{role.id}-old-name"):
        answer = client.get(wrong)
        assert answer.status_code == 308
        assert answer.location.endswith(f"/opportunities/{role.id}-story-time-helper")


def test_a_draft_is_not_there_for_the_public(app: Flask, client: FlaskClient) -> None:
    role = make.opportunity(stage=Stage.DRAFT)
    assert client.get(f"/opportunities/{role.id}-food-parcel-driver").status_code == 404


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.CANCELLED])
def test_a_closed_role_says_so_kindly(app: Flask, client: FlaskClient, stage: Stage) -> None:
    role = make.opportunity(stage=stage)
    answer = client.get(f"/opportunities/{role.id}")
    assert answer.status_code == 404
    assert "This role is closed" in answer.text


def test_its_managers_may_look_at_a_draft(app: Flask, sign_in: SignIn) -> None:
    role = make.opportunity(stage=Stage.DRAFT)
    client = sign_in(make.manager(role.group))
    page = client.get(f"/opportunities/{role.id}-food-parcel-driver")
    assert page.status_code == 200
    assert "application/ld+json" not in page.text


def test_the_public_page_tells_no_address_and_no_way_in(app: Flask, client: FlaskClient) -> None:
    at = make.site(address="1 Secret Lane", access_notes="Code 1234")
    role = make.opportunity(at=at)
    make.shift(role)
    page = client.get(f"/opportunities/{role.id}-food-parcel-driver").text
    assert "Secret Lane" not in page
    assert "1234" not in page


def test_the_public_page_tells_the_area_and_neither_postcode_nor_street(
    app: Flask, client: FlaskClient
) -> None:
    at = make.site(postcode="LE11 3TU", district="Charnwood", **make.position(52.770512, -1.204678))
    role = make.opportunity(at=at)
    make.shift(role)
    page = client.get(f"/opportunities/{role.id}-food-parcel-driver").text
    assert "Charnwood, LE11<" in page
    assert "3TU" not in page
    assert "52.770" not in page
    assert "1.204" not in page
    for described in structured_of(page):
        place = described.get("jobLocation") or described["location"]
        assert place["address"]["postalCode"] == "LE11"
        assert (place["geo"]["latitude"], place["geo"]["longitude"]) == (52.77, -1.2)


def test_a_time_at_another_site_is_described_there(app: Flask, client: FlaskClient) -> None:
    role = make.opportunity()
    shift, barn = make.shift(role), make.site(role.group, name="The barn")
    with transaction():
        db.session.get_one(Shift, shift.id).site_id = barn.id
    page = client.get(f"/opportunities/{role.id}-food-parcel-driver").text
    posting, event = structured_of(page)
    assert (posting["jobLocation"]["name"], event["location"]["name"]) == ("The hall", "The barn")


def test_the_public_pages_statements_are_pinned(
    app: Flask, client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    role = make.opportunity()
    for day in range(1, 5):
        make.shift(role, starts_at=clock.now() + timedelta(days=day))
    address = f"/opportunities/{role.id}-food-parcel-driver"
    with count_queries() as statements:
        assert client.get(address).status_code == 200
    assert len(statements) == 2


def form(at_site: int, /, **said: Any) -> dict[str, Any]:
    return {
        "title": "Driver",
        "summary": "Drive parcels.",
        "site_id": at_site,
        "activity": ["2"],
        "minimum_age": "18",
        "policy": "open",
        "dbs_level": "none",
        "dbs_ground": "",
        "dbs_workforce": "",
    } | said


def test_a_manager_posts_a_role_in_one_form(app: Flask, sign_in: SignIn) -> None:
    at = make.site()
    client = sign_in(make.manager(at.group))
    answer = client.post(f"/groups/{at.group_id}/opportunities/new", data=form(at.id))
    role = db.session.scalars(select(Opportunity)).one()
    assert answer.location.endswith(f"/groups/{at.group_id}/opportunities/{role.id}")
    assert (role.title, role.stage, int(role.activity)) == ("Driver", Stage.DRAFT, 2)


@pytest.mark.parametrize("name", ["dbs_level", "dbs_ground", "dbs_workforce"])
def test_a_role_without_a_check_is_drawn_as_chosen(app: Flask, sign_in: SignIn, name: str) -> None:
    """A browser posts what is drawn as chosen: else a role could not be saved as it stands."""
    role = make.opportunity()
    client = sign_in(make.manager(role.group))
    here = f"/groups/{role.group_id}/opportunities"
    for page in (f"{here}/new", f"{here}/{role.id}/edit"):
        inputs = re.findall(rf'<input[^>]*name="{name}"[^>]*>', client.get(page).text)
        assert [" checked" in one for one in inputs].count(True) == 1


def test_bad_input_is_said_beside_the_field_and_nothing_is_lost(
    app: Flask, sign_in: SignIn
) -> None:
    at = make.site()
    client = sign_in(make.manager(at.group))
    sent = form(at.id, title="", about="A long story", dbs_level="enhanced-barred",
                dbs_ground="basic-need")  # fmt: skip
    page = client.post(f"/groups/{at.group_id}/opportunities/new", data=sent).text
    assert "Give the role a name" in page
    assert "A long story" in page
    page = client.post(
        f"/groups/{at.group_id}/opportunities/new", data=sent | {"title": "Driver"}
    ).text
    assert "Only a role in regulated activity may ask for the barred list" in page


@pytest.mark.parametrize(
    "said",
    [
        {"site_id": "999999"},
        {"site_id": "x"},
        {"minimum_age": "21"},
        {"activity": ["3.5", "x"]},
        {"activity": ["-1"]},
        {"policy": "bribe"},
        {"dbs_level": "root"},
        {"title": "x" * 121},
        {"summary": "x" * 201},
        {"about": "x" * 5001},
        {"title": " "},
    ],
)
def test_nothing_is_made_from_nonsense(app: Flask, sign_in: SignIn, said: dict[str, Any]) -> None:
    at = make.site()
    client = sign_in(make.manager(at.group))
    answer = client.post(f"/groups/{at.group_id}/opportunities/new", data=form(at.id, **said))
    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert db.session.scalar(select(func.count(Opportunity.id))) == 0


def test_an_edit_shows_what_is_there_and_saves_it(app: Flask, sign_in: SignIn) -> None:
    role = make.opportunity(dbs_level=DbsLevel.NONE, about="As it was")
    client = sign_in(make.manager(role.group))
    url = f"/groups/{role.group_id}/opportunities/{role.id}/edit"
    page = client.get(url).text
    assert "As it was" in page
    assert re.search(r'value="18"[^>]*checked', page)
    client.post(url, data=form(role.site_id, about="As it is", minimum_age="16"))
    role = db.session.get_one(Opportunity, role.id)
    assert (role.about, role.minimum_age) == ("As it is", 16)


def test_a_role_is_published_and_closed_by_its_buttons(app: Flask, sign_in: SignIn) -> None:
    role = make.opportunity(stage=Stage.DRAFT)
    client = sign_in(make.manager(role.group))
    base = f"/groups/{role.group_id}/opportunities/{role.id}"
    client.post(f"{base}/publish")
    assert db.session.get_one(Opportunity, role.id).stage == Stage.PUBLISHED
    client.post(f"{base}/close")
    db.session.rollback()
    assert db.session.get_one(Opportunity, role.id).stage == Stage.CLOSED


@pytest.mark.parametrize(
    "path", ["", "/new", "/{id}", "/{id}/edit", "/{id}/shifts/new", "/{id}/repeat", "/{id}/cancel"]
)
def test_another_groups_manager_finds_nothing(app: Flask, sign_in: SignIn, path: str) -> None:
    role, others = make.opportunity(), make.group()
    client = sign_in(make.manager(others))
    path = path.format(id=role.id)
    assert client.get(f"/groups/{role.group_id}/opportunities{path}").status_code == 404
    if "{" not in path and path not in ("", "/new"):
        assert client.get(f"/groups/{others.id}/opportunities{path}").status_code == 404


def test_a_shift_is_added_as_people_write_times(app: Flask, sign_in: SignIn) -> None:
    role = make.opportunity()
    client = sign_in(make.manager(role.group))
    tomorrow = {"day": "tomorrow", "starts": "6.30pm", "ends": "8pm", "places": " 3 "}
    client.post(
        f"/groups/{role.group_id}/opportunities/{role.id}/shifts/new",
        data=tomorrow | {"minimum": "2"},
    )
    shift = db.session.scalars(select(Shift)).one()
    assert (shift.places, shift.minimum) == (3, 2)
    assert shift.ends_at - shift.starts_at == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"day": "32 May"}, "Enter a date, like 5 December or 5/12/2026."),
        ({"day": ""}, "Give a date."),
        ({"starts": "25:99"}, "Enter a time, like 6:30pm or 18:30."),
        ({"ends": ""}, "Say when it ends."),
        ({"places": "many"}, "Give a number from 1 to 500."),
        ({"places": "-1"}, "Give a number from 1 to 500."),
        ({"minimum": "9"}, "The minimum cannot be more than the places."),
        ({"day": "1/1/2020"}, "That time has passed."),
    ],
)
def test_a_bad_shift_is_explained_and_kept(
    app: Flask, sign_in: SignIn, said: dict[str, str], sentence: str
) -> None:
    role = make.opportunity()
    client = sign_in(make.manager(role.group))
    sent = {"day": "tomorrow", "starts": "10:00", "ends": "12:00", "places": "3", "minimum": "1"}
    page = client.post(
        f"/groups/{role.group_id}/opportunities/{role.id}/shifts/new", data=sent | said
    ).text
    assert sentence in page
    for value in said.values():
        assert f'value="{value}"' in page or not value or value == "1/1/2020"
    assert db.session.scalar(select(func.count(Shift.id))) == 0


def repeating(**said: Any) -> dict[str, Any]:
    return {
        "weekdays": ["2"],
        "every": "week",
        "holidays": "open",
        "starts": "10:00",
        "ends": "12:00",
        "first_day": "today",
        "last_day": (clock.now() + timedelta(weeks=4)).date().isoformat(),
        "skipped": "",
        "places": "3",
        "minimum": "1",
    } | said


def test_what_repeats_is_shown_before_it_is_made(app: Flask, sign_in: SignIn) -> None:
    role = make.opportunity()
    client = sign_in(make.manager(role.group))
    url = f"/groups/{role.group_id}/opportunities/{role.id}/repeat"
    page = client.post(url, data=repeating()).text
    assert "shifts will be made" in page
    assert db.session.scalar(select(func.count(Pattern.id))) == 0
    token = re.search(r'value="(\d+)"[^>]*name="make"|name="make"[^>]*value="(\d+)"', page)
    assert token
    client.post(url, data=repeating(make=token[1] or token[2]))
    assert (db.session.scalar(select(func.count(Shift.id))) or 0) >= 3


def test_a_form_changed_since_the_preview_is_shown_again(app: Flask, sign_in: SignIn) -> None:
    role = make.opportunity()
    client = sign_in(make.manager(role.group))
    url = f"/groups/{role.group_id}/opportunities/{role.id}/repeat"
    page = client.post(url, data=repeating(make="12345"))
    assert page.status_code == 200
    assert db.session.scalar(select(func.count(Pattern.id))) == 0


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"weekdays": []}, "Choose at least one day."),
        ({"weekdays": ["1024"]}, "Choose from the list."),
        ({"last_day": "1/1/2020"}, "The last date must not be before the first."),
        ({"last_day": "1/1/2090"}, "Choose a date within three years."),
        ({"skipped": "25 December\nChristmas"}, "“Christmas” is not a date that we can read."),
        ({"minimum": "5"}, "The minimum cannot be more than the places."),
        ({"ends": "10:00"}, "The end must be after the start."),
        # One day, and it is no Tuesday.
        ({"weekdays": ["2"], "first_day": "2/12/2026", "last_day": "2/12/2026"}, "No day fits."),
        ({"first_day": "1/7/2027", "last_day": ""}, "Shifts are made up to 26 weeks ahead."),
    ],
)
def test_a_bad_repeat_is_explained(
    app: Flask, sign_in: SignIn, said: dict[str, Any], sentence: str
) -> None:
    with clock.stopped_at(datetime(2026, 12, 1, 9, 0, tzinfo=UTC)):
        role = make.opportunity()
        client = sign_in(make.manager(role.group))
        page = client.post(
            f"/groups/{role.group_id}/opportunities/{role.id}/repeat", data=repeating(**said)
        ).text
    assert sentence in page
    assert db.session.scalar(select(func.count(Pattern.id))) == 0


def test_the_only_group_is_opened_at_once(app: Flask, sign_in: SignIn) -> None:
    of = make.group()
    client = sign_in(make.manager(of))
    assert client.get("/my/opportunities").location.endswith(f"/groups/{of.id}/opportunities")


def test_the_managers_pages_statements_are_pinned(
    app: Flask, sign_in: SignIn, count_queries: Callable[[], Any]
) -> None:
    role = make.opportunity()
    for day in range(1, 9):
        make.shift(role, starts_at=clock.now() + timedelta(days=day))
    client = sign_in(make.manager(role.group))
    base, counts = f"/groups/{role.group_id}/opportunities", []
    for address in (base, f"{base}/{role.id}"):
        with count_queries() as statements:
            assert client.get(address).status_code == 200
        counts.append(len(statements))
    assert max(counts) <= 9


def test_a_groups_public_page_shows_its_next_shifts(app: Flask, client: FlaskClient) -> None:
    role = make.opportunity(title="Story time helper")
    make.shift(role)
    assert "Story time helper" in client.get(f"/g/{role.group.slug}").text


@pytest.mark.parametrize(
    ("said", "rule", "words"),
    [
        ({}, "FREQ=WEEKLY;BYDAY=TU", "Every Tuesday, 10am to noon"),
        (
            {"every": "fortnight", "weekdays": ["2", "8"]},
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
            "Every second Tuesday and Thursday, 10am to noon",
        ),
        (
            {"every": "last"},
            "FREQ=MONTHLY;BYDAY=-1TU",
            "The last Tuesday of the month, 10am to noon",
        ),
    ],
)
def test_a_pattern_is_said_in_words_and_kept_as_a_rule(
    app: Flask, sign_in: SignIn, said: dict[str, Any], rule: str, words: str
) -> None:
    role = make.opportunity()
    client = sign_in(make.manager(role.group))
    url = f"/groups/{role.group_id}/opportunities/{role.id}/repeat"
    sent = repeating(last_day="", holidays="closed", **said)
    page = client.post(url, data=sent).text
    assert words in page
    token = re.search(r'value="(\d+)"[^>]*name="make"|name="make"[^>]*value="(\d+)"', page)
    assert token
    client.post(url, data=sent | {"make": token[1] or token[2]})
    pattern = db.session.scalars(select(Pattern)).one()
    assert (pattern.rule, pattern.last_day, pattern.works_on_holidays) == (rule, None, False)
    page = client.get(f"/groups/{role.group_id}/opportunities/{role.id}").text
    assert f"{words}, until you say, not on bank holidays" in page


def test_the_preview_says_which_days_are_closed(app: Flask, sign_in: SignIn) -> None:
    # From half a year before on, the days are not made yet: the test has an hour of its own.
    with clock.stopped_at(datetime(2026, 12, 1, 9, 0, tzinfo=UTC)):
        role = make.opportunity()
        client = sign_in(make.manager(role.group))
        page = client.post(
            f"/groups/{role.group_id}/opportunities/{role.id}/repeat",
            data=repeating(weekdays=["1", "2", "4", "8", "16", "32", "64"], holidays="closed",
                           first_day="24 December", last_day="27 December"),
        ).text  # fmt: skip
    assert "Christmas Day" in page
    assert "Boxing Day" in page
