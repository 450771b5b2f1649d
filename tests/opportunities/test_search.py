"""Finding a role: near, by day and time, by skill; in few statements."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.foundation import clock
from app.foundation.places import Place, miles_to_metres
from app.groups.models import GroupKind, map_spot
from app.opportunities import cards, rules
from app.opportunities.models import Opportunity, Policy, Stage
from app.opportunities.search import PAGE, Wish, on_map, search
from app.volunteers.vocabulary import Activity, DbsLevel, Language, Skill, Training
from tests import factories as make

LOUGHBOROUGH = Place("Loughborough", 52.7705, -1.2046, "Charnwood")
MELTON = (52.7661, -0.8860)  # some 13 miles to the east


def titles(wish: Wish) -> list[str]:
    return [found.opportunity.title for found in search(wish).found]


def role(title: str, **said: Any) -> Opportunity:
    """A published opportunity with one shift that has places free."""
    opportunity = make.opportunity(title=title, **said)
    make.shift(opportunity)
    return opportunity


def test_only_what_can_be_joined_now_is_found(app: Flask) -> None:
    role("Open")
    role("Draft", stage=Stage.DRAFT)
    role("Closed", stage=Stage.CLOSED)
    make.opportunity(title="Without a time")
    make.shift(make.opportunity(title="Over"), starts_at=clock.now() - timedelta(hours=3))
    make.shift(make.opportunity(title="Cancelled time"), stage=Stage.CANCELLED)
    full = make.shift(make.opportunity(title="Full"), places=1)
    make.signup(full, make.volunteer())
    role("Group closed", at=make.site(make.group(is_closed=True)))
    assert titles(Wish()) == ["Open"]


def test_the_nearest_comes_first_with_its_distance(app: Flask) -> None:
    role("Far", at=make.site(**make.position(*MELTON)))
    role("Near")
    found = search(Wish(near=LOUGHBOROUGH)).found
    assert [one.opportunity.title for one in found] == ["Near", "Far"]
    assert found[1].miles == pytest.approx(13.3, abs=0.3)


def test_what_is_too_far_is_left_out(app: Flask) -> None:
    role("Far", at=make.site(**make.position(*MELTON)))
    role("Near")
    assert titles(Wish(near=LOUGHBOROUGH, metres=miles_to_metres(5))) == ["Near"]


def test_the_soonest_comes_first_without_a_place(app: Flask) -> None:
    make.shift(make.opportunity(title="Later"), starts_at=clock.now() + timedelta(days=3))
    make.shift(make.opportunity(title="Sooner"), starts_at=clock.now() + timedelta(days=1))
    assert titles(Wish()) == ["Sooner", "Later"]


def test_a_day_and_a_time_of_day_are_those_of_local_clocks(app: Flask) -> None:
    with clock.stopped_at(datetime(2026, 6, 1, 9, tzinfo=UTC)):
        for title, starts in (("Evening", time(17)), ("Afternoon", time(14))):
            start, end = rules.span(date(2026, 6, 2), starts, time(19), "Europe/London")
            make.shift(make.opportunity(title=title), starts_at=start, ends_at=end)
        tuesday_evening = rules.times_mask([1], [2])
        make.shift(
            make.opportunity(title="Wednesday"),
            starts_at=datetime(2026, 6, 3, 16, tzinfo=UTC),
        )
        assert sorted(titles(Wish(times=tuesday_evening))) == ["Afternoon", "Evening"]
        assert titles(Wish(times=rules.times_mask([1], [1]))) == ["Afternoon"]


def test_only_the_shifts_that_fit_are_counted(app: Flask) -> None:
    with clock.stopped_at(datetime(2026, 6, 1, 9, tzinfo=UTC)):
        both = make.opportunity()
        make.shift(both, starts_at=datetime(2026, 6, 2, 17, tzinfo=UTC))
        make.shift(both, starts_at=datetime(2026, 6, 3, 17, tzinfo=UTC), places=7)
        found = search(Wish(times=rules.times_mask([2], [])))
        assert (found.found[0].shifts, found.found[0].places_left) == (1, 7)
        assert found.found[0].next_start.day == 3


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(kind=GroupKind.LIBRARY), ["Desk"]),
        (Wish(activity=Activity.FOOD), ["Driver"]),
        (Wish(skill=Skill.DRIVE_CAR), ["Driver"]),
        (Wish(skill=Skill.IT), ["Desk"]),
        (Wish(under_18=True), ["Desk"]),
    ],
)
def test_each_choice_narrows(app: Flask, wish: Wish, expected: list[str]) -> None:
    role(
        "Desk",
        at=make.site(make.group(kind=GroupKind.LIBRARY)),
        activity=Activity.LIBRARY_DESK,
        likes_skills=Skill.IT,
        minimum_age=16,
    )
    role("Driver", activity=Activity.FOOD | Activity.DRIVING, needs_skills=Skill.DRIVE_CAR)
    assert titles(wish) == expected


def test_pages_hold_all_and_nothing_twice(app: Flask) -> None:
    at = make.site()
    for number in range(PAGE + 3):
        role(f"Role {number}", at=at)
    pages = [search(Wish(), page) for page in (1, 2)]
    seen = [found.opportunity.id for page in pages for found in page.found]
    assert len(seen) == len(set(seen)) == pages[0].total == PAGE + 3
    assert pages[0].pages == 2


def test_a_page_beyond_the_last_shows_the_first(app: Flask) -> None:
    role("Only")
    assert search(Wish(), 99).page == 1


def test_a_search_takes_two_statements_however_much_there_is(
    app: Flask, count_queries: Callable[[], Any]
) -> None:
    at = make.site()
    for number in range(5):
        opportunity = role(f"Role {number}", at=at)
        make.shift(opportunity, starts_at=clock.now() + timedelta(days=5))
    with count_queries() as statements:
        results = search(Wish(near=LOUGHBOROUGH, metres=5000))
        assert [found.opportunity.group.name for found in results.found]
    assert len(statements) == 2


def test_the_pages_statements_are_pinned(
    app: Flask, client: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    role("Near")
    with count_queries() as statements:
        assert client.get("/opportunities?near=Loughborough&miles=5").status_code == 200
    assert len(statements) == 2


def test_the_map_has_a_pin_no_finer_than_a_kilometre(app: Flask) -> None:
    at = make.site(**make.position(52.770512, -1.204678))
    assert map_spot(at.latitude, at.longitude) == (52.77, -1.2)
    with app.test_request_context():
        assert cards.map_places(on_map(Wish())) == []
        role("Near", at=at)
        assert cards.map_places(on_map(Wish()))[0]["lat"] == 52.77


def test_the_map_view_keeps_the_list(app: Flask, client: FlaskClient) -> None:
    role("Story time helper")
    page = client.get("/opportunities?view=map").text
    assert 'id="map-data"' in page
    assert page.count("Story time helper") >= 2


def test_an_unknown_place_is_said_beside_the_box_and_kept(app: Flask, client: FlaskClient) -> None:
    page = client.get("/opportunities?near=Xyzzyville").text
    assert page.count("We do not know that place") == 2  # in the summary and beside the box
    assert 'value="Xyzzyville"' in page


def test_an_unknown_place_shows_the_whole_county_and_says_so(
    app: Flask, client: FlaskClient
) -> None:
    role("Story time helper")
    page = client.get("/opportunities?near=Xyzzyville").text
    assert "the whole county" in page
    assert "Story time helper" in page


def test_this_week_and_tomorrow_end_where_people_say(app: Flask, client: FlaskClient) -> None:
    # A Monday in summer, late: the site's midnight is an hour before that of UTC.
    with clock.stopped_at(datetime(2026, 6, 1, 20, tzinfo=UTC)):
        for title, starts_at in (
            ("Tomorrow late", datetime(2026, 6, 2, 22, 30, tzinfo=UTC)),
            ("After tomorrow", datetime(2026, 6, 2, 23, 30, tzinfo=UTC)),
            ("In six days", datetime(2026, 6, 7, 20, tzinfo=UTC)),
            ("In eight days", datetime(2026, 6, 9, 20, tzinfo=UTC)),
        ):
            make.shift(make.opportunity(title=title), starts_at=starts_at)
        soon = client.get("/opportunities?when=soon").text
        week = client.get("/opportunities?when=week").text
    assert "Tomorrow late" in soon
    assert "After tomorrow" not in soon
    assert "In six days" in week
    assert "In eight days" not in week


def test_each_choice_can_be_left_out_by_itself(app: Flask, client: FlaskClient) -> None:
    page = client.get("/opportunities?near=Loughborough&miles=5&day=1&day=2&part=2&page=3").text
    found = {
        words: html.unescape(href)
        for href, words in re.findall(r'<a[^>]* href="([^"]*)">Leave out “([^”]*)”', page)
    }
    assert found == {
        "Tuesday": "/opportunities?near=Loughborough&miles=5&day=2&part=2",
        "Wednesday": "/opportunities?near=Loughborough&miles=5&day=1&part=2",
        "Evening": "/opportunities?near=Loughborough&miles=5&day=1&day=2",
    }


def test_nothing_found_says_what_to_do_next(app: Flask, client: FlaskClient) -> None:
    page = client.get("/opportunities?near=Loughborough&miles=1&when=soon").text
    for step in ("Look at any distance", "Leave out “Today or tomorrow”", "Leave your postcode"):
        assert step in page


def test_one_time_is_taken_at_once_and_of_several_one_is_chosen(
    app: Flask, client: FlaskClient
) -> None:
    once = make.shift(make.opportunity(title="Once"))
    often = make.opportunity(title="Often")
    for days in (1, 2):
        make.shift(often, starts_at=clock.now() + timedelta(days=days))
    page = client.get("/opportunities").text
    assert f'href="/shifts/{once.id}/join"' in page
    assert page.count("I can help") == 1
    assert page.count("Choose a time") == 1


def test_what_a_role_asks_stands_on_its_card(app: Flask) -> None:
    with app.test_request_context():
        role("Free for all", minimum_age=16)
        role("For drivers", needs_skills=Skill.DRIVE_CAR)
        role("With a check", dbs_level=DbsLevel.BASIC)
        role("For friends", policy=Policy.MEMBERS)
        said = {found.opportunity.title: cards.found_card(found) for found in search(Wish()).found}
    assert "Begin at once" in said["Free for all"]["reasons"]
    assert "Needs: driving a car" in said["For drivers"]["reasons"]
    assert "Needs a DBS check" in said["With a check"]["reasons"]
    assert "For people whom the group knows" in said["For friends"]["reasons"]
    for title in ("For drivers", "With a check", "For friends"):
        assert "Begin at once" not in said[title]["reasons"]


def test_somebody_new_can_see_only_what_they_can_begin_at_once(
    app: Flask, client: FlaskClient
) -> None:
    role("Free for all")
    role("For drivers", needs_skills=Skill.DRIVE_CAR)
    role("With a check", dbs_level=DbsLevel.BASIC)
    role("For friends", policy=Policy.MEMBERS)
    role("After first steps", needs_induction=True)
    role("In Gujarati", needs_languages=Language.GUJARATI)
    role("Trained", needs_training=Training.FOOD_HYGIENE)
    assert titles(Wish(at_once=True)) == ["Free for all"]
    page = client.get("/opportunities?at_once=1").text
    assert "Free for all" in page
    assert "For drivers" not in page
    assert "Leave out: </span>Begin at once" in page


def test_the_list_has_its_map_beside_it(app: Flask, client: FlaskClient) -> None:
    role("Near")
    page = client.get("/opportunities?near=Loughborough").text
    assert '"title": "Near"' in page
    assert "52.77" in page


@pytest.mark.parametrize(
    "query",
    [
        "near=%00&miles=zz&day=99&activity=abc&page=-5&skill=-1&part=x&kind=x&sort=x",
        "page=99999999999999999999999",
        "miles=5&near=" + "a" * 5000,
        "day=1&day=1&day=&part=2",
        "view=map&page=2",
    ],
)
def test_a_search_bears_any_address(app: Flask, client: FlaskClient, query: str) -> None:
    assert client.get(f"/opportunities?{query}").status_code == 200


def test_upcoming_cards_are_of_one_group_the_soonest_first(app: Flask) -> None:
    with app.test_request_context():
        mine = make.group()
        at = make.site(mine)
        for title, days in (("Second", 2), ("First", 1)):
            make.shift(
                make.opportunity(at=at, title=title), starts_at=clock.now() + timedelta(days=days)
            )
        role("Of others")
        found = cards.upcoming_cards(mine.id, LOUGHBOROUGH, limit=5)
        assert [card["title"] for card in found] == ["First", "Second"]
        assert found[0]["miles"] < 0.5
