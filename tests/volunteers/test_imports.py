"""What an import does to those who are there, and what it must never do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import AuditEvent
from app.errands import service as errands
from app.errands.models import Errand
from app.foundation import clock
from app.foundation.errors import Refusal
from app.foundation.extensions import db
from app.volunteers import service
from app.volunteers.models import (
    Channel,
    Consent,
    GroupVolunteer,
    ImportState,
    Volunteer,
    VolunteerImport,
)
from app.volunteers.service import imports
from app.volunteers.service.import_plan import make_plan, read_people, sentences
from app.volunteers.vocabulary import AgeBand, Skill
from tests import factories

HEADER = "Name,Mobile,Email,Postcode,Consent to text,Skills\n"
ASHA = "Asha Patel,07700 900123,,LE11 3TU,Yes,Driving\n"


@pytest.fixture
def group(app):
    return factories.group()


@pytest.fixture
def manager(group):
    return factories.manager(group)


def bring_in(text: str, group_id: int | None, user_id: int) -> dict:
    import_id = imports.preview(text.encode(), "people.csv", group_id, user_id)
    return imports.apply(import_id, group_id)


def count(model: type) -> int:
    return db.session.scalar(select(func.count(model.id)))


def test_a_preview_writes_no_volunteer(group, manager):
    import_id = imports.preview((HEADER + ASHA).encode(), "people.csv", group.id, manager.id)
    assert db.session.get(VolunteerImport, import_id).summary["new"] == 1
    assert count(Volunteer) == 0


def test_an_import_makes_volunteers_of_the_group_with_consent_as_the_row_says(group, manager):
    bring_in(HEADER + ASHA, group.id, manager.id)
    person = db.session.scalar(select(Volunteer))
    assert (person.name, person.phone, person.skills) == (
        "Asha Patel",
        "+447700900123",
        Skill.DRIVE_CAR,
    )
    assert person.phone_verified_at is None
    assert db.session.scalar(select(GroupVolunteer.group_id)) == group.id
    consent = db.session.scalar(select(Consent))
    assert (consent.channel, consent.how) == (Channel.SMS, "spreadsheet people.csv, row 2")


def test_without_a_consent_column_nobody_may_be_messaged(group, manager):
    bring_in("Name,Mobile,Postcode\nAsha,07700900123,LE11 3TU\n", group.id, manager.id)
    person = db.session.scalar(select(Volunteer))
    assert person.sms_consent_at is person.email_consent_at is None
    assert count(Consent) == 0


def test_an_opt_out_survives_an_import_and_the_preview_says_so(group, manager):
    service.opt_out(Channel.SMS, "+447700900123", "text STOP")
    service.erase(factories.volunteer(phone="+447700900123").id)
    looked_at = make_plan(read_people(HEADER + ASHA), group.id).summary()
    said = "1 number or address asked us to stop before. It stays opted out"
    assert said in sentences(looked_at, done=False)
    summary = bring_in(HEADER + ASHA, group.id, manager.id)
    assert summary["opted_out"] == 1
    assert service.is_opted_out(Channel.SMS, "+447700900123")
    person = db.session.scalar(select(Volunteer).where(Volunteer.erased_at.is_(None)))
    assert person.sms_consent_at is None


def test_importing_the_same_file_again_changes_nothing(group, manager):
    bring_in(HEADER + ASHA, group.id, manager.id)
    summary = bring_in(HEADER + ASHA, group.id, manager.id)
    assert (summary["new"], summary["changed"], summary["unchanged"]) == (0, 0, 1)
    assert count(Volunteer) == count(Consent) == 1


def test_only_blanks_of_the_groups_own_people_are_filled(group, manager):
    person = factories.volunteer(
        name="asha patel", phone="+447700900123", email=None, skills=Skill.IT, postcode="LE12 5AA"
    )
    factories.known_to(person, group)
    row = "Asha Patel,07700 900123,asha@example.org,LE11 3TU,,Driving\n"
    bring_in(HEADER + row, group.id, manager.id)
    db.session.refresh(person)
    assert (person.email, person.skills, person.postcode) == (
        "asha@example.org",
        Skill.IT,
        "LE12 5AA",
    )


def test_consent_once_withdrawn_is_not_given_back_by_a_spreadsheet(group, manager):
    person = factories.volunteer(name="Asha Patel", phone="+447700900123")
    factories.known_to(person, group)
    service.withdraw_consent(person.id, Channel.SMS, "own profile")
    # The factory's consent came without a row of history; withdrawing wrote one.
    bring_in(HEADER + ASHA, group.id, manager.id)
    db.session.refresh(person)
    assert person.sms_consent_at is None


def test_the_same_phone_with_another_name_is_another_person(group, manager):
    factories.volunteer(name="Ravi Patel", phone="+447700900123")
    bring_in(HEADER + ASHA, group.id, manager.id)
    assert count(Volunteer) == 2


def test_two_rows_of_one_person_become_one_volunteer(group, manager):
    again = "ASHA PATEL,+44 7700 900123,asha@example.org,,,Cooking\n"
    summary = bring_in(HEADER + ASHA + again, group.id, manager.id)
    person = db.session.scalar(select(Volunteer))
    assert (count(Volunteer), summary["merged"]) == (1, 1)
    assert (person.email, person.skills) == ("asha@example.org", Skill.DRIVE_CAR | Skill.COOKING)


def test_somebody_known_to_others_joins_the_list_unseen_and_unchanged(group, manager):
    person = factories.volunteer(name="Asha Patel", phone="+447700900123", email=None)
    row = "Asha Patel,07700 900123,asha@example.org,LE11 3TU,Yes,Driving\n"
    summary = bring_in(HEADER + row, group.id, manager.id)
    db.session.refresh(person)
    assert summary["joining"] == 1
    assert person.email is None
    assert db.session.scalar(select(GroupVolunteer.sees_profile)) is False


def test_an_administrators_import_belongs_to_no_group(app):
    bring_in(HEADER + ASHA, None, factories.administrator().id)
    assert (count(Volunteer), count(GroupVolunteer)) == (1, 0)


def test_without_a_postcode_the_groups_first_site_stands_in(group, manager):
    site = factories.site(group)
    bring_in("Name,Mobile\nAsha,07700900123\n", group.id, manager.id)
    person = db.session.scalar(select(Volunteer))
    assert (person.postcode, person.cell) == ("", site.cell)


def test_rows_that_cannot_come_in_go_to_a_file_with_the_reason_last(group, manager):
    bad = (
        "=HYPERLINK(1),0770,,LE11 3TU,,\nRavi,07700 900124,,AB10 1XG,,\n,07700900125,,LE11 3TU,,\n"
    )
    text = HEADER + ASHA + bad
    import_id = imports.preview(text.encode(), "people.csv", group.id, manager.id)
    imports.apply(import_id, group.id)
    row = db.session.get(VolunteerImport, import_id)
    lines = imports.rejected_rows(row).decode("utf-8-sig").splitlines()
    assert lines[0].endswith("Why it was not imported")
    assert lines[1] == (
        "'=HYPERLINK(1),0770,,LE11 3TU,,,The phone number is not a mobile number that we can read."
    )
    assert [line.rsplit(",", 1)[1] for line in lines[2:]] == [
        "The postcode is not one that we know.",
        "There is no name.",
    ]
    assert count(Volunteer) == 1


def test_the_rejected_rows_are_at_hand_without_planning_again(group, manager, count_queries):
    text = HEADER + ASHA + "Ravi,07700 900124,,AB10 1XG,,\n"
    import_id = imports.preview(text.encode(), "people.csv", group.id, manager.id)
    with count_queries() as statements:
        rejected = imports.rejected_rows(db.session.get(VolunteerImport, import_id))
    assert b"Ravi" in rejected
    assert len(statements) == 1


def test_an_import_is_carried_out_once(group, manager):
    import_id = imports.preview((HEADER + ASHA).encode(), "people.csv", group.id, manager.id)
    imports.apply(import_id, group.id)
    with pytest.raises(Refusal, match="already"):
        imports.apply(import_id, group.id)


def test_an_import_of_another_group_cannot_be_carried_out(group, manager):
    import_id = imports.preview((HEADER + ASHA).encode(), "people.csv", group.id, manager.id)
    with pytest.raises(Refusal, match="already"):
        imports.apply(import_id, factories.group().id)


def test_an_import_that_fails_half_way_leaves_nothing(group, manager, monkeypatch):
    import_id = imports.preview((HEADER + ASHA).encode(), "people.csv", group.id, manager.id)

    def fail(*args, **kwargs):
        raise RuntimeError("power cut")

    monkeypatch.setattr(imports, "_note_consents", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        imports.apply(import_id, group.id)
    assert count(Volunteer) == count(GroupVolunteer) == 0
    assert db.session.get(VolunteerImport, import_id).state == ImportState.PREVIEW


def test_a_file_is_thrown_away_once_it_is_done_or_a_day_old(group, manager, app):
    done = imports.preview((HEADER + ASHA).encode(), "people.csv", group.id, manager.id)
    imports.apply(done, group.id)
    assert db.session.get(VolunteerImport, done).text == ""
    old = imports.preview((HEADER + ASHA).encode(), "people.csv", group.id, manager.id)

    with clock.stopped_at(clock.now() + timedelta(days=2)):
        imports.forget_old_files()
    row = db.session.get(VolunteerImport, old)
    assert (row.text, row.rejected, row.state) == ("", "", ImportState.ABANDONED)


def test_a_date_of_birth_is_kept_as_its_band_only(group, manager):
    text = "Name,Mobile,Post code,DoB\nAsha,07700900123,LE11 3TU,14/02/1961\n"
    import_id = imports.preview(text.encode(), "people.csv", group.id, manager.id)
    imports.apply(import_id, group.id)
    assert db.session.scalar(select(Volunteer.age_band)) == AgeBand.ADULT
    assert "1961" not in db.session.get(VolunteerImport, import_id).text


def test_an_import_is_in_the_audit_trail(group, manager):
    bring_in(HEADER + ASHA, group.id, manager.id)
    event = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "imported volunteers"))
    assert (event.group_id, event.actor_id, event.detail["new"]) == (group.id, manager.id, 1)


def test_ten_thousand_rows_come_in_by_few_statements(group, manager, count_queries):
    rows = "".join(
        f"Person {n},07700 900{n % 1000:03d},p{n}@example.org,LE{n % 9 + 1} 1A{'ABDEFGH'[n % 7]},"
        f'{"Yes" if n % 2 else ""},"Driving, IT"\n'
        for n in range(10_000)
    )
    import_id = imports.preview((HEADER + rows).encode(), "people.csv", group.id, manager.id)
    errands.work(db.session.scalars(select(Errand.id)).one())
    with count_queries() as statements:
        summary = imports.apply(import_id, group.id)
    assert summary["new"] == 10_000
    assert count(Volunteer) == 10_000
    assert len(statements) < 200
