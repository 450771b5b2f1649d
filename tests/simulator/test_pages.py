"""The handsets, the dials and the mail tray on the screen; and that none of it is elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.accounts.models import CountyRole
from app.foundation.extensions import db
from app.simulator import queries, service
from app.simulator.models import Direction, SimulatedText
from app.simulator.rules import Dials
from tests import factories
from tests.factories import drama_phone
from tests.simulator.conftest import OUR_NUMBER, handset_id

ASKED = "Can you drive tonight? Reply 27 YES or 27 NO."
MAIL = b"""From: Many Hands <hello@many-hands.example.org>
To: asha@example.org
Subject: Sign in to Many Hands
Date: Mon, 04 May 2026 09:00:00 -0000
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset="utf-8"

Follow http://localhost/sign-in/abc to sign in <now>.
--b
Content-Type: text/html; charset="utf-8"

<p>Follow <a href="http://localhost/sign-in/abc">this link</a></p><script>alert(1)</script>
--b--
"""


def arrive(phone: str, body: str = ASKED) -> int:
    """A text arrives on a handset; the handset's id."""
    service.accept({"To": phone, "From": OUR_NUMBER, "Body": body})
    return handset_id(phone)


def inbound() -> list[str]:
    query = select(SimulatedText.body).where(SimulatedText.direction == Direction.INBOUND)
    return list(db.session.scalars(query.order_by(SimulatedText.id)))


@pytest.fixture
def tray(simulated: Flask) -> Path:
    folder = Path(simulated.config["DATA_FOLDER"]) / "mail"
    folder.mkdir(exist_ok=True)
    (folder / "20260504-090000-0001.eml").write_bytes(MAIL)
    return folder


def test_the_newest_text_comes_first_with_the_name_of_who_holds_the_phone(pages):
    factories.volunteer(name="Asha Patel", phone=drama_phone(1))
    factories.volunteer(name="Ben Cole", phone=drama_phone(2))
    arrive(drama_phone(1))
    arrive(drama_phone(2), "Thank you")
    page = pages.get("/simulator").text
    assert page.index("Ben Cole") < page.index("Asha Patel")
    assert "Waits for an answer" in page


def test_two_people_who_share_a_phone_are_both_named(pages):
    factories.volunteer(name="Asha Patel", phone=drama_phone(1))
    factories.volunteer(name="Dev Patel", phone=drama_phone(1))
    arrive(drama_phone(1))
    assert "Asha Patel and Dev Patel" in pages.get("/simulator").text


def test_no_phone_number_is_in_an_address(pages):
    at = arrive(drama_phone(7))
    for address in ("/simulator", f"/simulator/handsets/{at}"):
        for part in pages.get(address).text.split('"')[1::2]:
            assert "7700900007" not in part.replace(" ", "")


def test_the_list_takes_few_queries_however_many_phones(pages, simulated):
    from tests import queries as counted  # noqa: PLC0415 - the name is the feature's here

    for number in range(25):
        arrive(drama_phone(number))
    with counted.counting(db.engine) as statements:
        pages.get("/simulator")
    assert len(statements) <= 6


def test_a_volunteer_who_got_no_text_is_found_by_name_and_can_pick_up(pages):
    person = factories.volunteer(name="Cara O'Neill", phone=drama_phone(3))
    assert "Cara O&#39;Neill" in pages.get("/simulator?q=o'ne").text
    answer = pages.post(f"/simulator/volunteers/{person.id}/handset", follow_redirects=True)
    assert "No texts yet" in answer.text


def test_who_has_no_phone_cannot_pick_up(pages):
    person = factories.volunteer(phone=None)
    assert pages.post(f"/simulator/volunteers/{person.id}/handset").status_code == 404


def test_a_handset_shows_its_texts_and_answers_with_the_number(pages):
    at = arrive(drama_phone(4))
    page = pages.get(f"/simulator/handsets/{at}").text
    assert ASKED in page
    assert 'value="27 YES"' in page
    answer = pages.post(f"/simulator/handsets/{at}/texts", data={"body": "27 YES"})
    assert answer.status_code == 302
    assert inbound() == ["27 YES"]


def test_an_empty_answer_is_refused_beside_its_field(pages):
    at = arrive(drama_phone(4))
    answer = pages.post(f"/simulator/handsets/{at}/texts", data={"body": " "})
    assert "Type a text first." in answer.text
    assert inbound() == []


def test_a_conversation_that_has_not_changed_is_not_sent_again(pages):
    at = arrive(drama_phone(4))
    first = pages.get(f"/simulator/handsets/{at}/conversation")
    again = first.text.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert pages.get(again).status_code == 204
    arrive(drama_phone(4), "Another")
    assert "Another" in pages.get(again).text


def test_several_answer_at_once_those_who_were_asked_last(pages):
    for number in range(4):
        arrive(drama_phone(number))
    arrive(drama_phone(9), "Thank you")
    service.type_text(handset_id(drama_phone(3)), "NO")
    pages.post("/simulator/answers", data={"people": "2"})
    assert inbound() == ["NO", "27 YES", "27 YES"]
    assert queries.conversation(handset_id(drama_phone(2)))[-1].body == "27 YES"
    assert queries.conversation(handset_id(drama_phone(0)))[-1].body == ASKED


def test_nobody_answers_the_same_question_twice(pages):
    arrive(drama_phone(1))
    arrive(drama_phone(1), "Still free? Reply 28 YES")
    pages.post("/simulator/answers", data={"people": "5"})
    pages.post("/simulator/answers", data={"people": "5"})
    assert inbound() == ["28 YES"]


def test_how_many_answer_must_be_a_number(pages):
    answer = pages.post("/simulator/answers", data={"people": "many"})
    assert "Enter a whole number, like 3." in answer.text


def test_the_dials_stay_as_they_were_turned(pages):
    turned = Dials(3, 0.5, 10, 20, 30, 40, 50)
    pages.post("/simulator/dials", data={name: str(value) for name, value in vars(turned).items()})
    assert queries.dials() == turned
    assert 'value="30"' in pages.get("/simulator/dials").text


def test_a_share_of_more_than_all_is_refused(pages):
    said = {name: str(value) for name, value in vars(Dials()).items()}
    answer = pages.post("/simulator/dials", data=said | {"lost_percent": "101"})
    assert "Enter a number from 0 to 100." in answer.text
    assert queries.dials() == Dials()


def test_an_email_can_be_read_and_its_link_followed(pages, tray):
    assert "Sign in to Many Hands" in pages.get("/simulator/mail").text
    page = pages.get("/simulator/mail/20260504-090000-0001").text
    assert '<a href="http://localhost/sign-in/abc"' in page
    assert "&lt;now&gt;" in page
    assert "at 10am" in page


def test_the_looks_of_an_email_are_locked_in(pages, tray):
    answer = pages.get("/simulator/mail/20260504-090000-0001/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["..%2f..%2fconfig", "nothing", ".hidden", "a.b", "%00"])
def test_only_an_email_of_the_tray_is_shown(pages, tray, name):
    assert pages.get(f"/simulator/mail/{name}").status_code == 404


@pytest.fixture
def rehearsal(simulated: Flask):
    before = simulated.config["APP_ENV"]
    simulated.config["APP_ENV"] = "test"
    yield simulated.test_client()
    simulated.config["APP_ENV"] = before


def test_in_a_rehearsal_a_stranger_is_asked_to_sign_in(rehearsal):
    for address in ("/simulator", "/simulator/mail", "/simulator/dials"):
        assert "/sign-in" in rehearsal.get(address).headers["Location"]


@pytest.mark.parametrize(
    ("role", "status"), [(CountyRole.NONE, 403), (CountyRole.COORDINATOR, 200)]
)
def test_in_a_rehearsal_coordinators_hold_the_handsets(rehearsal, role, status):
    with rehearsal.session_transaction() as session:
        session["_user_id"] = factories.user(county_role=role).get_id()
        session["_fresh"] = True
    assert rehearsal.get("/simulator").status_code == status


def test_every_route_says_who_may_enter(simulated):
    marks = {
        rule.endpoint: getattr(simulated.view_functions[rule.endpoint], "access", None)
        for rule in simulated.url_map.iter_rules()
        if rule.rule.startswith("/simulator")
    }
    assert len(marks) >= 14
    wanted = {name: "public" if "_api." in name else "simulator" for name in marks}
    assert marks == wanted


def test_every_address_that_is_named_leads_to_a_page(simulated):
    named = {
        endpoint
        for path in (Path(simulated.root_path) / "simulator").rglob("*")
        if path.suffix in (".py", ".html")
        for endpoint in re.findall(r"""\burl_for\(\s*["'](simulator\.\w+)["']""", path.read_text())
    }
    assert named
    assert {endpoint for endpoint in named if endpoint not in simulated.view_functions} == set()


@pytest.mark.parametrize(
    "changed", [{"SMS_PROVIDER": "twilio"}, {"SMS_PROVIDER": "simulator", "APP_ENV": "production"}]
)
def test_elsewhere_there_is_no_simulator(settings, changed):
    app = create_app({**settings, **changed})
    assert not [rule for rule in app.url_map.iter_rules() if "simulator" in rule.rule]
    assert "simulator" not in app.cli.commands
    with app.app_context():
        db.engine.dispose()
