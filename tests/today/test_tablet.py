"""The tablet in the building: names, taps, the PIN, and being switched off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.hours.models import Attendance, Seen
from app.signups.models import Signup, Standing
from app.today import rules, service
from app.today.models import Device, DeviceAct, DeviceEvent, Knock, SitePin
from tests import factories as make
from tests.today.conftest import PIN, Saturday, set_up

SignIn = Callable[[User], FlaskClient]
Later = Callable[[float], AbstractContextManager[None]]


def standing(place: Signup) -> Standing:
    place_id = place.id
    db.session.rollback()
    return db.session.get_one(Signup, place_id).standing


def acts() -> list[DeviceAct]:
    db.session.rollback()
    return list(db.session.scalars(select(DeviceEvent.act).order_by(DeviceEvent.id)))


def test_the_room_sees_first_names_and_no_more_of_anybody(
    saturday: Saturday, tablet: FlaskClient
) -> None:
    page = tablet.get("/tablet").text
    assert "Amina Kh." in page
    assert "Amina Ka." in page
    assert "Joe B." in page
    for place in saturday.places:
        assert place.volunteer.name not in page
        assert (place.volunteer.phone or "-")[-6:] not in page


def test_whoever_comes_next_finds_the_tablet_in_english(
    saturday: Saturday, tablet: FlaskClient
) -> None:
    def speaks() -> str:
        return tablet.get("/tablet").headers["Content-Language"]

    tablet.get("/language/pl", headers={"Referer": "http://localhost/tablet"})
    front = tablet.get("/tablet")
    assert front.headers["Content-Language"] == "pl"
    # Nobody touches it: it does not stay so for the next.
    assert front.headers["Refresh"] == "90; url=/tablet/rest"
    answer = tablet.post(f"/tablet/here/{saturday.places[2].id}", follow_redirects=True)
    assert answer.headers["Content-Language"] == "pl"
    assert 'href="/tablet/rest"' in answer.text
    assert tablet.post("/tablet/undo", follow_redirects=True).headers["Content-Language"] == "pl"
    assert tablet.get("/tablet/rest", follow_redirects=True).request.path == "/tablet"
    assert speaks() == "en"
    # Whatever the tablet's own browser would like.
    english = tablet.get("/tablet", headers={"Accept-Language": "pl"})
    assert english.headers["Content-Language"] == "en"
    assert english.headers["Refresh"] == "60"


def test_what_is_behind_the_pin_is_english(saturday: Saturday, tablet: FlaskClient) -> None:
    tablet.set_cookie("language", "pl")
    for page in ("/tablet/pin", "/tablet/staff"):
        answer = tablet.get(page, follow_redirects=True)
        assert answer.headers["Content-Language"] == "en"
    assert tablet.get("/tablet").headers["Content-Language"] == "pl"


def test_one_tap_each_to_come_and_to_leave(saturday: Saturday, tablet: FlaskClient) -> None:
    place = saturday.places[2]
    answer = tablet.post(f"/tablet/here/{place.id}", follow_redirects=True)
    assert "Welcome, Joe!" in answer.text
    assert answer.headers["Refresh"] == "10; url=/tablet/rest"
    assert standing(place) == Standing.ATTENDED
    row = db.session.scalars(select(Attendance)).one()
    assert (row.came_by, row.came_by and row.came_by.is_sure) == (Seen.TABLET, True)
    page = tablet.post(f"/tablet/leaving/{row.id}", follow_redirects=True).text
    assert "Thank you, Joe!" in page


def test_a_wrong_tap_is_taken_back_for_two_minutes(
    saturday: Saturday, tablet: FlaskClient, later: Later
) -> None:
    place = saturday.places[0]
    tablet.post(f"/tablet/here/{place.id}")
    with later(21):
        tablet.post("/tablet/undo")
    assert standing(place) == Standing.CONFIRMED
    tablet.post(f"/tablet/here/{place.id}")
    with later(23):
        page = tablet.post("/tablet/undo", follow_redirects=True).text
    assert "too late" in page
    assert standing(place) == Standing.ATTENDED


def test_every_page_goes_back_to_the_front_by_itself(
    saturday: Saturday, tablet: FlaskClient
) -> None:
    for page in ("not-on-the-list", "pin"):
        assert tablet.get(f"/tablet/{page}").headers["Refresh"] == "90; url=/tablet/rest"
    assert tablet.get("/tablet").headers["Refresh"] == "60"
    assert tablet.get("/tablet").headers["Cache-Control"] == "no-store"


def test_whoever_needs_more_time_has_ten_times_as_much(
    saturday: Saturday, tablet: FlaskClient
) -> None:
    """WCAG 2.2, criterion 2.2.1: the limit can be made ten times as long before it is met."""
    for page in ("", "/not-on-the-list", "/pin"):
        assert 'href="?time=more">I need more time' in tablet.get(f"/tablet{page}").text
        slow = tablet.get(f"/tablet{page}?time=more")
        assert slow.headers["Refresh"] == "900; url=/tablet/rest"
        assert "This page stays for 15 minutes." in slow.text
    slow = tablet.get("/tablet?time=more").text
    assert "scan this with your phone" not in slow  # the code would be too old
    tap = f"/tablet/here/{saturday.places[2].id}?time=more"
    assert tap in slow
    answer = tablet.post(tap, follow_redirects=True)
    assert "This page stays for 2 minutes." in answer.text
    assert answer.headers["Refresh"] == "120; url=/tablet/rest"
    assert 'href="/tablet/rest"' in answer.text  # the next person begins with the usual time


def test_another_sites_people_are_nobody_here(saturday: Saturday, tablet: FlaskClient) -> None:
    elsewhere = make.signup(
        make.shift(starts_at=saturday.shift.starts_at, ends_at=saturday.shift.ends_at),
        make.volunteer(),
    )
    assert tablet.post(f"/tablet/here/{elsewhere.id}").status_code == 404
    assert standing(elsewhere) == Standing.CONFIRMED


def test_a_browser_that_is_no_tablet_sees_nothing(app: Flask, saturday: Saturday) -> None:
    browser = app.test_client()
    place = saturday.places[0]
    for path in ("", "/thanks", "/pin", "/staff"):
        assert browser.get(f"/tablet{path}").location == "/tablet/start"
    assert browser.post(f"/tablet/here/{place.id}").location == "/tablet/start"
    browser.set_cookie("tablet", "made-up", path="/tablet")
    assert browser.get("/tablet").location == "/tablet/start"
    assert standing(place) == Standing.CONFIRMED


def test_the_cookie_is_kept_from_scripts_and_its_secret_from_the_database(
    app: Flask, saturday: Saturday
) -> None:
    browser = app.test_client()
    _device, code = service.offer(saturday.site_id, "Door", saturday.boss_id)
    said = browser.post("/tablet/start", data={"code": code}).headers.getlist("Set-Cookie")
    cookie = next(line for line in said if line.startswith("tablet="))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/tablet" in cookie
    secret = cookie.split(";")[0].removeprefix("tablet=")
    kept = db.session.execute(select(*Device.__table__.columns)).one()
    assert secret not in map(str, kept)
    assert code.replace("-", "") not in map(str, kept)


def test_a_code_is_good_once_and_for_fifteen_minutes(
    app: Flask, saturday: Saturday, later: Later
) -> None:
    _device, code = service.offer(saturday.site_id, "Door", saturday.boss_id)
    service.pair(code.lower())
    with pytest.raises(Refusal):
        service.pair(code)
    _device, other = service.offer(saturday.site_id, "Hall", saturday.boss_id)
    with later(20 + 16), pytest.raises(Refusal):
        service.pair(other)


def test_whoever_was_signed_in_on_the_tablet_is_signed_out(
    saturday: Saturday, sign_in: SignIn
) -> None:
    browser = sign_in(db.session.get_one(User, saturday.boss_id))
    _device, code = service.offer(saturday.site_id, "Door", saturday.boss_id)
    browser.post("/tablet/start", data={"code": code})
    with browser.session_transaction() as session:
        assert "_user_id" not in session


def test_a_tablet_that_was_switched_off_shows_nothing(
    saturday: Saturday, tablet: FlaskClient, sign_in: SignIn
) -> None:
    boss = sign_in(db.session.get_one(User, saturday.boss_id))
    device = db.session.scalars(select(Device)).one()
    place = saturday.places[0]
    where = f"/groups/{saturday.shift.opportunity.group_id}/today/{saturday.site_id}/tablets"
    assert "By the door" in boss.get(where).text
    boss.post(f"{where}/{device.id}/off")
    assert tablet.get("/tablet").location == "/tablet/start"
    assert tablet.post(f"/tablet/here/{place.id}").location == "/tablet/start"
    assert standing(place) == Standing.CONFIRMED
    assert acts() == [DeviceAct.PAIRED, DeviceAct.REVOKED]


def test_another_groups_manager_cannot_switch_it_off(
    saturday: Saturday, tablet: FlaskClient, sign_in: SignIn
) -> None:
    other = make.shift()
    stranger = sign_in(make.manager(other.opportunity.group))
    device = db.session.scalars(select(Device)).one()
    group_id = other.opportunity.group_id
    theirs = f"/groups/{saturday.shift.opportunity.group_id}/today/{saturday.site_id}/tablets"
    assert stranger.post(f"{theirs}/{device.id}/off").status_code == 404
    own = f"/groups/{group_id}/today/{other.site_id}/tablets"
    stranger.post(f"{own}/{device.id}/off")
    assert tablet.get("/tablet").status_code == 200


def test_the_pin_opens_what_the_person_in_charge_needs(
    saturday: Saturday, tablet: FlaskClient, later: Later
) -> None:
    service.set_pin(saturday.site_id, PIN, saturday.boss_id)
    place = saturday.places[2]
    assert tablet.get("/tablet/staff").location == "/tablet/pin"
    assert tablet.post("/tablet/pin", data={"pin": PIN}).location == "/tablet/staff"
    page = tablet.get("/tablet/staff").text
    assert "Joe Bloggs" in page
    assert "tel:" not in page
    tablet.post(f"/tablet/staff/missing/{place.id}")
    assert standing(place) == Standing.NO_SHOW
    with later(22):
        assert tablet.get("/tablet/staff").status_code == 200
    with later(24):  # each tap keeps it open for three minutes
        assert tablet.get("/tablet/staff").status_code == 200
    with later(28):
        assert tablet.get("/tablet/staff").location == "/tablet/pin"


def test_the_person_in_charge_can_keep_it_open_for_half_an_hour(
    saturday: Saturday, tablet: FlaskClient, later: Later
) -> None:
    service.set_pin(saturday.site_id, PIN, saturday.boss_id)
    tablet.post("/tablet/pin", data={"pin": PIN})
    usual = tablet.get("/tablet/staff")
    assert usual.headers["Refresh"] == "180; url=/tablet/rest"  # as long as the page says
    assert "three minutes after the last tap" in usual.text
    longer = tablet.get("/tablet/staff?time=more")
    assert longer.headers["Refresh"] == "1800; url=/tablet/rest"
    with later(30):  # and a tap does not cut that short
        page = tablet.post(f"/tablet/staff/missing/{saturday.places[2].id}", follow_redirects=True)
        assert "This closes at" in page.text
    with later(40):
        assert tablet.get("/tablet/staff").status_code == 200
    with later(60):
        assert tablet.get("/tablet/staff").location == "/tablet/pin"


def test_it_is_closed_by_hand_and_by_a_new_pin(saturday: Saturday, tablet: FlaskClient) -> None:
    service.set_pin(saturday.site_id, PIN, saturday.boss_id)
    tablet.post("/tablet/pin", data={"pin": PIN})
    tablet.post("/tablet/close")
    assert tablet.get("/tablet/staff").location == "/tablet/pin"
    tablet.post("/tablet/pin", data={"pin": PIN})
    service.set_pin(saturday.site_id, "918273", saturday.boss_id)
    assert tablet.get("/tablet/staff").location == "/tablet/pin"
    assert "That is not the PIN" in tablet.post("/tablet/pin", data={"pin": PIN}).text


def test_five_wrong_pins_close_it_and_longer_each_time(
    saturday: Saturday, tablet: FlaskClient, later: Later
) -> None:
    service.set_pin(saturday.site_id, PIN, saturday.boss_id)
    for _ in range(5):
        assert "That is not the PIN" in tablet.post("/tablet/pin", data={"pin": "000001"}).text
    assert "Too many wrong PINs" in tablet.post("/tablet/pin", data={"pin": PIN}).text
    with later(20 + 14):
        assert "Too many wrong PINs" in tablet.post("/tablet/pin", data={"pin": PIN}).text
    with later(20 + 16):
        for _ in range(5):
            tablet.post("/tablet/pin", data={"pin": "000001"})
    with later(20 + 16 + 29):
        assert "Too many wrong PINs" in tablet.post("/tablet/pin", data={"pin": PIN}).text
    with later(20 + 16 + 31):
        assert tablet.post("/tablet/pin", data={"pin": PIN}).location == "/tablet/staff"
    assert acts().count(DeviceAct.LOCKED) == 2
    assert acts().count(DeviceAct.WRONG_PIN) == 10


def test_guessing_on_many_tablets_at_once_counts_every_try(
    app: Flask, saturday: Saturday, tablet: FlaskClient
) -> None:
    set_up(app, saturday, "In the hall")
    service.set_pin(saturday.site_id, PIN, saturday.boss_id)
    devices = list(db.session.scalars(select(Device.id)))
    db.session.rollback()
    barrier = threading.Barrier(8)
    wrong: list[str] = []

    def guess(n: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                service.open_staff(devices[n % 2], f"00000{n}")
            except Refusal as refusal:
                wrong.append(refusal.sentence)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("not the PIN" in sentence for sentence in wrong) == 5
    assert sum("Too many" in sentence for sentence in wrong) == 3
    assert db.session.scalar(select(SitePin.failures)) == 5


@pytest.mark.parametrize(
    "pin", ["12345", "123456", "987654", "111111", "112211", "123123", "12 34 56", "abcdef", ""]
)
def test_a_pin_that_is_guessed_first_is_refused(saturday: Saturday, pin: str) -> None:
    with pytest.raises(Refusal) as refused:
        service.set_pin(saturday.site_id, pin, saturday.boss_id)
    assert refused.value.field == "pin"


def test_the_pin_is_kept_as_a_hash_only(saturday: Saturday) -> None:
    service.set_pin(saturday.site_id, PIN, saturday.boss_id)
    assert (db.session.scalar(select(SitePin.pin_hash)) or "").startswith("$argon2id$")


def test_who_is_on_the_groups_list_walks_in_by_name(
    saturday: Saturday, tablet: FlaskClient
) -> None:
    person = make.volunteer(name="Wanda Walk")
    make.known_to(person, saturday.shift.opportunity.group)
    page = tablet.post(
        "/tablet/not-on-the-list", data={"name": " wanda  walk "}, follow_redirects=True
    ).text
    assert "Welcome, Wanda!" in page
    assert db.session.scalars(
        select(Signup.standing).where(Signup.volunteer_id == person.id)
    ).all() == [Standing.ATTENDED]


@pytest.mark.parametrize("why", ["unknown", "namesakes", "full"])
def test_anybody_else_is_announced_and_told_no_reason(
    saturday: Saturday, tablet: FlaskClient, why: str
) -> None:
    group = saturday.shift.opportunity.group
    for _ in range({"unknown": 0, "namesakes": 2, "full": 1}[why]):
        make.known_to(make.volunteer(name="Una Known"), group)
    if why == "full":
        make.signup(saturday.shift, make.volunteer())
    page = tablet.post("/tablet/not-on-the-list", data={"name": "Una Known"}).text
    assert "speak with the person in charge" in page
    assert "full" not in page
    assert db.session.scalars(select(Knock.name)).all() == ["Una Known"]
    assert db.session.scalars(select(Attendance)).all() == []


def test_the_person_in_charge_lets_them_in(saturday: Saturday, tablet: FlaskClient) -> None:
    service.set_pin(saturday.site_id, PIN, saturday.boss_id)
    tablet.post("/tablet/not-on-the-list", data={"name": "Una Known"})
    tablet.post("/tablet/pin", data={"pin": PIN})
    assert "Una Known" in tablet.get("/tablet/staff").text
    tablet.post(
        f"/tablet/staff/let-in/{saturday.shift.id}",
        data={"name": "Una Known", "phone": "07700900999", "age_band": "adult"},
    )
    page = tablet.get("/tablet/staff").text
    assert "at the door" not in page
    assert "Una Known" in page


def test_the_front_takes_as_many_queries_for_many_people(
    saturday: Saturday, tablet: FlaskClient, count_queries: Callable[[], Any]
) -> None:
    def counted() -> int:
        with count_queries() as statements:
            assert tablet.get("/tablet").status_code == 200
        return len(statements)

    few = counted()
    for _ in range(3):
        other = make.shift(
            saturday.shift.opportunity,
            starts_at=saturday.shift.starts_at,
            ends_at=saturday.shift.ends_at,
            places=12,
        )
        for _ in range(8):
            make.signup(other, make.volunteer())
    assert counted() == few
    assert few <= 9


def test_namesakes_get_as_many_letters_as_tell_them_apart() -> None:
    assert rules.shown_names(["Jo Smith", "Jo Smyth", "Jo Smi", "Al"]) == [
        "Jo Smit.", "Jo Smy.", "Jo Smi.", "Al",
    ]  # fmt: skip
    assert rules.shown_names(["Jo Smith", "Jo Smith"])[0].startswith("Jo S")
