"""The pages, as a volunteer, a manager and a stranger meet them."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from app.accounts.models import AuditEvent, User
from app.foundation import clock
from app.foundation.extensions import db
from app.messaging.models import Message
from app.volunteers import service
from app.volunteers.models import (
    Channel,
    Consent,
    DbsCheck,
    GroupVolunteer,
    TrainingRecord,
    Volunteer,
    VolunteerImport,
)
from app.volunteers.profile_parts import PARTS
from app.volunteers.vocabulary import Activity, AgeBand, Skill
from tests import factories

SIGN_UP = {
    "name": "Asha Patel",
    "contact": "07700 900123",
    "postcode": "LE11 3TU",
    "interests": ["2", "4"],
    "age_band": "adult",
    "may_ask": "y",
}


@pytest.fixture(autouse=True)
def _on_a_known_day():
    with clock.stopped_at(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def volunteer(app):
    user = factories.user(name="Asha Patel")
    return factories.volunteer(name="Asha Patel", user_id=user.id, phone="+447700900123")


@pytest.fixture
def group(app):
    return factories.group(name="Gorse Food Bank")


def the_code() -> str:
    body = db.session.scalar(select(Message.body).order_by(Message.id.desc()))
    return re.search(r"\d{6}", body)[0]


def test_signing_up_makes_a_silent_profile_until_the_code_is_typed(client):
    answer = client.post("/sign-up", data=SIGN_UP)
    assert answer.location == "/sign-up/confirm"
    person = db.session.scalar(select(Volunteer))
    assert (person.phone, person.interests) == (None, Activity.FOOD | Activity.DRIVING)
    answer = client.post("/sign-up/confirm", data={"code": the_code()})
    assert answer.location == "/my/profile/welcome"
    db.session.refresh(person)
    assert person.phone == "+447700900123"
    assert person.phone_verified_at is not None
    assert person.sms_consent_at is not None
    assert db.session.scalar(select(Consent.how)) == "ticked at sign-up"
    assert b"What now?" in client.get("/my/profile/welcome").data


def test_somebody_on_a_groups_list_already_who_signs_up_is_the_same_person(client, group):
    known = factories.volunteer(
        name="asha patel", phone="+447700900123", email=None, sms_consent_at=None
    )
    factories.known_to(known, group)
    client.post("/sign-up", data=SIGN_UP)
    client.post("/sign-up/confirm", data={"code": the_code()})
    db.session.expire_all()
    assert db.session.scalar(select(func.count(Volunteer.id))) == 1
    person = db.session.get(Volunteer, known.id)
    assert person.user_id == db.session.scalar(select(User.id))
    assert person.sms_consent_at is not None
    assert person.interests == Activity.FOOD | Activity.DRIVING


def test_another_person_may_sign_up_with_the_same_phone(client):
    factories.volunteer(name="Ravi Patel", phone="+447700900123")
    client.post("/sign-up", data=SIGN_UP)
    client.post("/sign-up/confirm", data={"code": the_code()})
    assert db.session.scalar(select(func.count(Volunteer.id))) == 2


def test_an_email_address_with_an_account_gets_the_same_answer_and_its_owner_a_letter(client):
    factories.user(email="asha@example.org")
    answer = client.post("/sign-up", data=SIGN_UP | {"contact": "asha@example.org"})
    assert answer.location == "/sign-up/confirm"
    assert "has an account" in db.session.scalar(select(Message.body))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Enter your name."),
        ({"contact": "0770"}, "Enter a mobile number"),
        ({"contact": "asha@"}, "Enter an email address"),
        ({"postcode": "Leicester"}, "Enter a full postcode"),
        ({"age_band": ""}, "18 or over"),
    ],
)
def test_a_wrong_answer_is_told_beside_its_field_and_nothing_typed_is_lost(client, wrong, sentence):
    page = client.post("/sign-up", data=SIGN_UP | wrong)
    assert page.status_code == 200
    assert sentence in page.text
    assert "There is a problem" in page.text
    assert 'value="LE11 3TU"' in page.text or "postcode" in wrong
    assert db.session.scalar(select(func.count(User.id))) == 0


@pytest.mark.parametrize("slug", PARTS)
def test_every_part_of_the_profile_can_be_opened_and_saved_as_it_is(sign_in, volunteer, slug):
    client = sign_in(volunteer.user)
    assert client.get(f"/my/profile/{slug}").status_code == 200
    part = PARTS[slug]
    said = part.reads(volunteer)
    data = {
        name: value.values() if hasattr(value, "values") else value
        for name, value in said.items()
        if value is not False and value is not None
    }
    assert client.post(f"/my/profile/{slug}", data=data).location == "/my/profile"


def test_the_profile_needs_few_queries(sign_in, volunteer, count_queries):
    client = sign_in(volunteer.user)
    with count_queries() as statements:
        assert client.get("/my/profile").status_code == 200
    assert len(statements) <= 12


def test_the_profile_says_how_far_one_has_come(sign_in, volunteer):
    page = sign_in(volunteer.user).get("/my/profile").text
    assert "3 of 7 questions are answered" in page
    assert "when you are free" in page


def test_free_times_are_ticked_in_a_grid(sign_in, volunteer):
    client = sign_in(volunteer.user)
    client.post("/my/profile/times", data={"times": ["5", "15"]})
    db.session.refresh(volunteer)
    assert volunteer.free_times == 1 << 5 | 1 << 15
    assert "Tuesday evenings, Saturday mornings" in client.get("/my/profile").text


def test_a_time_outside_the_week_is_refused(sign_in, volunteer):
    page = sign_in(volunteer.user).post("/my/profile/times", data={"times": ["21"]})
    assert page.status_code == 200


def test_emergencies_only_is_an_answer(sign_in, volunteer):
    data = {"sms": "y", "prefers": "sms", "asks_per_week": "0"}
    sign_in(volunteer.user).post("/my/profile/contact", data=data)
    db.session.refresh(volunteer)
    assert volunteer.asks_per_week == 0
    assert volunteer.email_consent_at is None


def test_a_wrong_answer_about_contact_changes_nothing(sign_in, volunteer):
    service.opt_out(Channel.SMS, volunteer.phone, "text STOP")
    data = {"sms": "y", "prefers": "sms", "asks_per_week": "1"}
    page = sign_in(volunteer.user).post("/my/profile/contact", data=data).text
    assert "START" in page
    db.session.refresh(volunteer)
    assert volunteer.asks_per_week == 3
    assert volunteer.email_consent_at is not None


def test_a_young_person_names_a_guardian(sign_in, volunteer):
    data = {
        "age_band": "16-17",
        "guardian_name": "Mina Patel",
        "guardian_phone": "01509 000000",
        "guardian_agrees": "y",
    }
    sign_in(volunteer.user).post("/my/profile/age", data=data)
    db.session.refresh(volunteer)
    assert volunteer.age_band == AgeBand.FROM_16
    assert volunteer.guardian_consent_at is not None


def test_days_away_are_added_and_removed(sign_in, volunteer):
    client = sign_in(volunteer.user)
    client.post("/my/profile/away", data={"first_day": "2026-12-01", "last_day": "2026-12-03"})
    page = client.get("/my/profile/away").text
    assert "Tuesday 1 December to Thursday 3 December" in page
    address = re.search(r"/my/profile/away/\d+/remove", page)[0]
    client.post(address)
    assert "None so far" in client.get("/my/profile/away").text


def test_a_rest_is_taken_and_ended(sign_in, volunteer):
    client = sign_in(volunteer.user)
    client.post("/my/profile/pause", data={"until": "2026-12-24"})
    db.session.refresh(volunteer)
    assert volunteer.paused_until == date(2026, 12, 24)
    client.post("/my/profile/pause", data={"end": "1"})
    db.session.refresh(volunteer)
    assert volunteer.paused_until is None


def test_the_data_can_be_taken_away(sign_in, volunteer):
    answer = sign_in(volunteer.user).get("/my/profile/data.json")
    assert answer.json["profile"]["name"] == "Asha Patel"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_deleting_the_account_forgets_the_person(sign_in, volunteer):
    client = sign_in(volunteer.user)
    assert client.post("/my/profile/delete", data={}).status_code == 200
    assert client.post("/my/profile/delete", data={"sure": "y"}).location == "/"
    db.session.expire_all()
    assert db.session.scalar(select(Volunteer.name)) == "Erased volunteer"
    assert db.session.scalar(select(func.count(User.id))) == 0
    assert "/sign-in" in client.get("/my/profile").location


def test_a_groups_only_manager_hands_over_first(sign_in, group):
    manager = factories.manager(group)
    page = sign_in(manager).post("/my/profile/delete", data={"sure": "y"}).text
    assert "only manager of Gorse Food Bank" in page


def test_the_last_administrator_hands_over_first(sign_in):
    administrator = factories.administrator()
    page = sign_in(administrator).post("/my/profile/delete", data={"sure": "y"}).text
    assert "last administrator" in page
    assert db.session.get(User, administrator.id) is not None


def test_a_manager_who_wants_to_volunteer_gets_a_profile(sign_in, group):
    manager = factories.manager(group, email="m@example.org")
    client = sign_in(manager)
    assert client.get("/my/profile").location == "/my/profile/start"
    client.post("/my/profile/start", data={"postcode": "LE11 3TU"})
    person = db.session.scalar(select(Volunteer))
    assert (person.user_id, person.email) == (manager.id, "m@example.org")


def test_the_profile_is_for_those_signed_in(client):
    assert "/sign-in" in client.get("/my/profile").location


def test_a_link_in_an_email_shows_a_button_and_changes_nothing(client, volunteer):
    path = service.unsubscribe_url(volunteer.id).removeprefix("http://localhost")
    assert b"Stop the emails" in client.get(path).data
    assert not service.is_opted_out(Channel.EMAIL, volunteer.email)


def test_one_click_of_the_mail_program_stops_the_emails(app, client, volunteer):
    path = service.unsubscribe_url(volunteer.id).removeprefix("http://localhost")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 200
    assert service.is_opted_out(Channel.EMAIL, volunteer.email)


def test_a_false_unsubscribe_link_is_not_found(client):
    assert client.get("/unsubscribe/nonsense").status_code == 404
    assert client.post("/unsubscribe/nonsense").status_code == 404


def test_a_manager_sees_the_groups_own_people_only(sign_in, group):
    mine, other = factories.volunteer(name="Asha Own"), factories.volunteer(name="Ravi Other")
    factories.known_to(mine, group)
    factories.known_to(other, factories.group())
    client = sign_in(factories.manager(group))
    page = client.get(f"/groups/{group.id}/volunteers").text
    assert "Asha Own" in page
    assert "Ravi Other" not in page
    assert client.get(f"/groups/{group.id}/volunteers/{mine.id}").status_code == 200
    for method, path in (
        ("get", ""),
        ("post", "/checks"),
        ("post", "/training"),
        ("get", "/remove"),
        ("post", "/remove"),
        ("post", "/checks/1/remove"),
    ):
        address = f"/groups/{group.id}/volunteers/{other.id}{path}"
        assert getattr(client, method)(address).status_code == 404, address


@pytest.mark.parametrize("path", ["", "/add", "/import", "/1"])
def test_another_groups_pages_are_not_found(sign_in, group, path):
    stranger = factories.manager(factories.group())
    client = sign_in(stranger)
    assert client.get(f"/groups/{group.id}/volunteers{path}").status_code == 404


def test_looking_at_somebody_is_in_the_audit_trail(sign_in, group, volunteer):
    factories.known_to(volunteer, group)
    manager = factories.manager(group)
    sign_in(manager).get(f"/groups/{group.id}/volunteers/{volunteer.id}")
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "viewed volunteer"))
    assert (event.actor_id, event.subject_id, event.group_id) == (
        manager.id,
        volunteer.id,
        group.id,
    )


def test_somebody_put_on_the_list_whom_others_knew_shows_the_name_only(sign_in, group, volunteer):
    service.know(volunteer.id, group.id, "spreadsheet", sees_profile=False)
    client = sign_in(factories.manager(group))
    page = client.get(f"/groups/{group.id}/volunteers/{volunteer.id}").text
    assert "Asha Patel" in page
    assert "07700 900123" not in page
    assert volunteer.email not in page


def test_the_list_is_searched_by_name_skill_and_what_has_run_out(sign_in, group):
    asha = factories.volunteer(name="Asha Patel", skills=Skill.DRIVE_CAR | Skill.IT)
    ravi = factories.volunteer(name="Ravi Shah")
    for person in (asha, ravi):
        factories.known_to(person, group)
    manager = factories.manager(group)
    service.record_check(
        group.id,
        ravi.id,
        level=service.checks.DbsLevel.BASIC,
        workforce=service.checks.Workforce.OTHER,
        issued_on=date(2020, 1, 1),
        seen_by_id=manager.id,
    )
    client = sign_in(manager)

    def shown(query: str) -> list[str]:
        page = client.get(f"/groups/{group.id}/volunteers?{query}").text
        return [name for name in ("Asha Patel", "Ravi Shah") if f">{name}<" in page]

    assert shown("") == ["Asha Patel", "Ravi Shah"]
    assert shown("name=patel") == ["Asha Patel"]
    assert shown("skill=1") == ["Asha Patel"]
    assert shown("papers=lapsed") == ["Ravi Shah"]
    assert shown("skill=x&page=y") == ["Asha Patel", "Ravi Shah"]
    assert shown("skill=" + "9" * 30) == ["Asha Patel", "Ravi Shah"]


def test_a_training_that_was_renewed_has_not_run_out(sign_in, group):
    person = factories.volunteer(name="Ravi Shah")
    factories.known_to(person, group)
    manager = factories.manager(group)
    for until in (date(2025, 1, 1), date(2028, 1, 1)):
        service.record_training(
            group.id,
            person.id,
            training=service.checks.Training.FIRST_AID,
            completed_on=date(2024, 1, 1),
            valid_until=until,
        )
    page = sign_in(manager).get(f"/groups/{group.id}/volunteers?papers=lapsed").text
    assert "Nobody fits this search" in page


def test_the_list_needs_the_same_few_queries_however_long(sign_in, group, count_queries):
    manager = factories.manager(group)
    for _ in range(30):
        factories.known_to(factories.volunteer(), group)
    client = sign_in(manager)
    with count_queries() as statements:
        client.get(f"/groups/{group.id}/volunteers")
    assert len(statements) <= 10


def test_a_manager_adds_somebody_by_hand(sign_in, group):
    client = sign_in(factories.manager(group))
    data = {"name": "Ravi Shah", "phone": "07700 900124", "postcode": "LE11 3TU"}
    client.post(f"/groups/{group.id}/volunteers/add", data=data | {"sms_allowed": "y"})
    person = db.session.scalar(select(Volunteer))
    assert (person.name, person.sms_consent_at is not None) == ("Ravi Shah", True)
    wrong = client.post(f"/groups/{group.id}/volunteers/add", data=data | {"phone": "12"}).text
    assert "Enter a mobile number" in wrong
    assert 'value="Ravi Shah"' in wrong


def test_a_check_and_a_training_are_noted_and_removed(sign_in, group, volunteer):
    factories.known_to(volunteer, group)
    client = sign_in(factories.manager(group))
    at = f"/groups/{group.id}/volunteers/{volunteer.id}"
    check = {"level": "enhanced", "workforce": "adult", "issued_on": "1/2/2026"}
    client.post(f"{at}/checks", data=check)
    client.post(f"{at}/training", data={"training": "8", "completed_on": "1/2/2026"})
    page = client.get(at).text
    assert "Enhanced, adult workforce" in page
    assert "First aid at work" in page
    wrong = client.post(f"{at}/checks", data=check | {"issued_on": "1/2/2030"}).text
    assert "still to come" in wrong
    for address in re.findall(rf"{at}/(?:checks|training)/\d+/remove", page):
        client.post(address)
    assert db.session.scalar(select(func.count(DbsCheck.id))) == 0
    assert db.session.scalar(select(func.count(TrainingRecord.id))) == 0


def test_somebody_is_taken_off_the_list(sign_in, group, volunteer):
    factories.known_to(volunteer, group)
    client = sign_in(factories.manager(group))
    at = f"/groups/{group.id}/volunteers/{volunteer.id}"
    assert client.get(f"{at}/remove").status_code == 200
    client.post(f"{at}/remove")
    assert client.get(at).status_code == 404


def upload(client, at: str, text: str):
    file = (io.BytesIO(text.encode()), "people.csv")
    return client.post(at, data={"file": file}, content_type="multipart/form-data")


def test_a_spreadsheet_is_looked_at_and_then_imported(sign_in, group):
    client = sign_in(factories.manager(group))
    text = "Name,Mobile,Postcode,Consent to text\nAsha,07700900123,LE11 3TU,Y\nRavi,,,\n"
    preview = upload(client, f"/groups/{group.id}/volunteers/import", text).location
    page = client.get(preview).text
    assert "1 person will be added" in page
    assert "Row 3: There is no mobile number and no email address." in page
    assert b"Ravi" in client.get(f"{preview}/rejected.csv").data
    client.post(f"{preview}/apply")
    page = client.get(preview).text
    assert "1 person was added" in page
    assert db.session.scalar(select(GroupVolunteer.group_id)) == group.id
    assert b"Ravi" in client.get(f"{preview}/rejected.csv").data
    assert client.post(f"{preview}/apply").location.endswith("/import")


def test_a_file_can_be_thrown_away(sign_in, group):
    client = sign_in(factories.manager(group))
    text = "Name,Mobile,Postcode\nAsha,07700900123,LE11 3TU\n"
    preview = upload(client, f"/groups/{group.id}/volunteers/import", text).location
    client.post(f"{preview}/abandon")
    assert db.session.scalar(select(VolunteerImport.text)) == ""
    assert client.get(preview).location.endswith("/import")


def test_a_file_that_cannot_be_read_says_what_to_do(sign_in, group):
    client = sign_in(factories.manager(group))
    page = upload(client, f"/groups/{group.id}/volunteers/import", "Colour\nred\n").text
    assert "no column of names" in page


def test_an_import_of_another_group_is_not_found(sign_in, group):
    other = factories.group()
    text = "Name,Mobile,Postcode\nAsha,07700900123,LE11 3TU\n"
    client = sign_in(factories.manager(group))
    preview = upload(client, f"/groups/{group.id}/volunteers/import", text).location
    number = preview.rsplit("/", 1)[1]
    stranger = sign_in(factories.manager(other))
    assert stranger.get(preview).status_code == 404
    assert stranger.get(f"/groups/{other.id}/volunteers/import/{number}").status_code == 404
    at = f"/groups/{other.id}/volunteers/import/{number}"
    assert stranger.post(f"{at}/apply").status_code == 404
    assert stranger.get(f"{at}/rejected.csv").status_code == 404
    assert stranger.get(f"/admin/volunteers/import/{number}").status_code == 403


def test_an_administrator_imports_for_the_county(sign_in):
    client = sign_in(factories.administrator())
    text = "Name,Mobile,Postcode\nAsha,07700900123,LE11 3TU\n"
    preview = upload(client, "/admin/volunteers/import", text).location
    client.post(f"{preview}/apply")
    assert db.session.scalar(select(func.count(Volunteer.id))) == 1
    assert db.session.scalar(select(func.count(GroupVolunteer.id))) == 0


def test_whoever_came_from_a_shift_goes_back_there_after_signing_up(client):
    page = client.get("/sign-in?next=/shifts/7/claim").text
    assert "/sign-up?next=/shifts/7/claim" in page
    client.post("/sign-up?next=/shifts/7/claim", data=SIGN_UP)
    answer = client.post("/sign-up/confirm", data={"code": the_code()})
    answer = client.get(answer.location)
    assert answer.location == "/shifts/7/claim"


def test_signing_up_never_leads_to_another_site(client):
    client.post("/sign-up?next=//evil.example.org/", data=SIGN_UP)
    answer = client.post("/sign-up/confirm", data={"code": the_code()})
    assert answer.location == "/my/profile/welcome"
    assert client.get("/my/profile/welcome?next=//evil.example.org").status_code == 200
