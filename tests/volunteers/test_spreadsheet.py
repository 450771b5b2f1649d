"""Reading other people's spreadsheets: bytes, headings, cells."""

from __future__ import annotations

from datetime import date

import pytest

from app.foundation.errors import Refusal
from app.volunteers.spreadsheet import table, words
from app.volunteers.spreadsheet.columns import Column, meaning
from app.volunteers.spreadsheet.rows import Person, read_person
from app.volunteers.vocabulary import (
    EVERY_TIME,
    Activity,
    AgeBand,
    DayPart,
    Language,
    Skill,
    Transport,
)
from tests.volunteers.test_rules import bits

TODAY = date(2026, 11, 22)
MORNING, AFTERNOON, EVENING = DayPart
LINE = "Name,Email\r\nZoë Bäcker,zoe@example.org\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_a_file_is_read_in_the_encoding_it_was_saved_in(encoding):
    assert table.decode(LINE.encode(encoding)) == LINE


def test_an_excel_workbook_is_refused_with_what_to_do():
    with pytest.raises(Refusal, match="Save it as CSV"):
        table.decode(b"PK\x03\x04rest of a workbook")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found(delimiter):
    text = f"Name{delimiter}Mobile No.{delimiter}Post code\nAsha{delimiter}07700 900123{delimiter}x"
    found = table.read(text)
    assert list(found.columns.values()) == [Column.NAME, Column.MOBILE, Column.POSTCODE]
    assert found.rows == [(2, ["Asha", "07700 900123", "x"])]


def test_commas_inside_quotes_do_not_mislead():
    found = table.read('Name;Email;Skills\n"Patel, Asha";a@example.org;"IT, cooking"')
    assert found.rows[0][1] == ["Patel, Asha", "a@example.org", "IT, cooking"]


def test_a_title_and_blank_rows_above_the_headings_are_passed_over():
    found = table.read("Our volunteers 2026,,\n,,\nName,Email,Notes\n\nAsha,a@example.org,\n")
    assert found.rows == [(5, ["Asha", "a@example.org", ""])]


def test_excels_own_note_of_the_delimiter_is_understood():
    assert table.read("sep=;\nName;Email\nAsha;a@example.org").columns[1] == Column.EMAIL


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column of names"),
        ("Colour,Size\nred,3", "no column of names"),
        ("Name,Town\nAsha,Loughborough", "no column of phone"),
        ("Name,Email\n", "no people"),
    ],
)
def test_a_file_without_what_we_need_is_refused(text, reason):
    with pytest.raises(Refusal, match=reason):
        table.read(text)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Mobile No.", Column.MOBILE),
        ("MOBILE PHONE NUMBER", Column.MOBILE),
        ("e-mail address", Column.EMAIL),
        ("Emial address", Column.EMAIL),
        ("Forename", Column.FIRST_NAME),
        ("Forename(s)", Column.FIRST_NAME),
        ("Surname", Column.LAST_NAME),
        ("Post code", Column.POSTCODE),
        ("post_code", Column.POSTCODE),
        ("DoB", Column.BORN),
        ("Date of Birth (dd/mm/yyyy)", Column.BORN),
        ("Consent to text", Column.CONSENT_SMS),
        ("Consent to text?", Column.CONSENT_SMS),
        ("SMS consent", Column.CONSENT_SMS),
        ("Consent to email", Column.CONSENT_EMAIL),
        ("Photo consent", None),
        ("Available...", Column.AVAILABLE),
        ("Avalability", Column.AVAILABLE),
        ("Mon AM", Column.AVAILABLE_AT),
        ("Saturday", Column.AVAILABLE_AT),
        ("Next of kin", Column.EMERGENCY_NAME),
        ("Emergency contact number", Column.EMERGENCY_PHONE),
        ("Do not contact", Column.DO_NOT_CONTACT),
        ("Address", None),
        ("Town", None),
        ("Notes", None),
        ("Monthly total", None),
        ("", None),
    ],
)
def test_headings_are_understood_in_the_spellings_people_use(heading, column):
    assert meaning(heading) == column


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Driving, first aid", Skill.DRIVE_CAR | Skill.FIRST_AID),
        ("van driver", Skill.DRIVE_VAN | Skill.DRIVE_CAR),
        ("no driving; Food Hygiene L2", Skill.FOOD_HYGIENE),
        ("I like it here", Skill(0)),
        ("IT, DIY & BSL", Skill.IT | Skill.DIY | Skill.SIGNING),
        ("none", Skill(0)),
    ],
)
def test_skills_are_found_in_words(text, skills):
    assert words.bits(text, words.SKILLS, Skill) == skills


def test_interests_languages_and_transport_are_found_in_words():
    assert words.bits("Library, food parcels", words.ACTIVITIES, Activity) == (
        Activity.LIBRARY_DESK | Activity.FOOD
    )
    assert words.bits("Gujarati/ Polish", words.LANGUAGES, Language) == (
        Language.GUJARATI | Language.POLISH
    )
    assert words.bits("own car or bike", words.TRANSPORTS, Transport) == (
        Transport.CAR | Transport.BICYCLE
    )


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("", []),
        ("Tues eve, Sat am", [(1, EVENING), (5, MORNING)]),
        ("Monday mornings and evenings", [(0, MORNING), (0, EVENING)]),
        ("Mon, Tue evenings", [(0, EVENING), (1, EVENING)]),
        ("weekends", [(day, part) for day in (5, 6) for part in DayPart]),
        ("weekday mornings", [(day, MORNING) for day in range(5)]),
        ("Mon-Fri pm", [(day, AFTERNOON) for day in range(5)]),
        ("evenings", [(day, EVENING) for day in range(7)]),
        ("Wednesdays", [(2, part) for part in DayPart]),
        ("Thurs", [(3, part) for part in DayPart]),
        ("not Mondays, Fri am", [(4, MORNING)]),
        ("ask me", []),
    ],
)
def test_free_times_are_found_in_words(text, times):
    assert words.free_times(text) == bits(*times)


@pytest.mark.parametrize("text", ["any time", "Flexible", "Anytime!", "any"])
def test_any_time_is_every_time(text):
    assert words.free_times(text) == EVERY_TIME


@pytest.mark.parametrize("text", ["Y", "yes", "Yes please", "TRUE", "1", "x", "✓", "agreed", "OK"])
def test_these_say_yes(text):
    assert words.says_yes(text)


@pytest.mark.parametrize("text", ["", "N", "no", "?", "unknown", "yes but not texts", "0", "maybe"])
def test_what_is_doubtful_is_no(text):
    assert not words.says_yes(text)


@pytest.mark.parametrize(
    ("text", "sms", "email"),
    [
        ("Yes", True, True),
        ("Email only", False, True),
        ("text", True, False),
        ("SMS and e-mail", True, True),
        ("both", True, True),
        ("none", False, False),
        ("no texts", False, False),
        ("12/05/2024", True, True),
        ("12/05/2030", False, False),
        ("", False, False),
        ("phone me", False, False),
    ],
)
def test_a_cell_about_contact_names_the_channels(text, sms, email):
    assert words.channels(text, TODAY) == (sms, email)


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("12/03/1968", AgeBand.ADULT),
        ("12/3/68", AgeBand.ADULT),
        ("2010-06-01 00:00:00", AgeBand.FROM_16),
        ("1 May 2012", AgeBand.UNDER_16),
        ("tomorrow", AgeBand.NOT_TOLD),
        ("01/01/1801", AgeBand.NOT_TOLD),
        ("", AgeBand.NOT_TOLD),
    ],
)
def test_a_date_of_birth_gives_its_band(text, band):
    assert words.band_of_birth(text, TODAY) == band


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("34", AgeBand.ADULT),
        ("17", AgeBand.FROM_16),
        ("16-17", AgeBand.FROM_16),
        ("25-34", AgeBand.ADULT),
        ("18+", AgeBand.ADULT),
        ("Over 18", AgeBand.ADULT),
        ("Under 16", AgeBand.UNDER_16),
        ("under 18", AgeBand.NOT_TOLD),
        ("Y", AgeBand.ADULT),
        ("", AgeBand.NOT_TOLD),
    ],
)
def test_an_age_gives_its_band(text, band):
    assert words.band_of_age(text) == band


def person(app: object, **cells: str) -> Person:
    """The person of a row with these cells; `First_name` stands for "First name"."""
    header = [heading.replace("_", " ") for heading in cells]
    found = table.read(",".join(header) + "\n" + ",".join(f'"{c}"' for c in cells.values()))
    return read_person(2, found.rows[0][1], found, TODAY)


def test_a_row_becomes_a_person(app):
    found = person(
        app,
        Surname="Patel",
        Forename="Asha",
        Mobile_No="7700900123",
        Post_code="le113tu",
        DoB="1/2/1980",
        Consent_to_text="Y",
    )
    assert (found.name, found.phone, found.postcode) == ("Asha Patel", "+447700900123", "LE11 3TU")
    assert (found.age_band, found.sms_allowed, found.email_allowed) == (AgeBand.ADULT, True, False)


def test_a_name_written_last_name_first_is_turned(app):
    assert person(app, Name="Patel, Asha", Email="a@example.org").name == "Asha Patel"


def test_a_landline_beside_a_mobile_number_does_no_harm(app):
    found = person(app, Name="Asha", Home_phone="01509 263151", Mobile="07700 900123")
    assert (found.phone, found.notes) == ("+447700900123", [])


def test_a_landline_alone_is_left_out_when_there_is_an_email_address(app):
    found = person(app, Name="Asha", Phone="01509 263151", Email="a@example.org")
    assert (found.phone, found.notes) == (None, ["landline left out"])


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Name": "", "Email": "a@example.org"}, "no name"),
        ({"Name": "Asha", "Mobile": ""}, "no mobile number and no email"),
        ({"Name": "Asha", "Mobile": "0770"}, "not a mobile number"),
        ({"Name": "Asha", "Phone": "01509 263151"}, "landline"),
        ({"Name": "Asha", "Email": "asha at example"}, "email address"),
        ({"Name": "Asha", "Email": "a@example.org", "Postcode": "Loughborough"}, "full postcode"),
        ({"Name": "x" * 101, "Email": "a@example.org"}, "100 letters"),
    ],
)
def test_a_row_that_cannot_be_a_person_says_why(app, cells, reason):
    with pytest.raises(Refusal, match=reason):
        person(app, **cells)


def test_do_not_contact_outweighs_consent(app):
    found = person(app, Name="Asha", Email="a@example.org", Consent="Yes", Do_not_contact="Yes")
    assert not found.email_allowed


def test_ticks_below_times_are_free_times(app):
    found = person(
        app, Name="Asha", Email="a@example.org", Mon_AM="x", Tuesday="evening", Wed="no", Fri="Y"
    )
    assert found.free_times == bits((0, MORNING), (1, EVENING), *[(4, part) for part in DayPart])


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", " =1"])
def test_formulas_are_made_harmless(cell):
    assert table.harmless(cell).startswith("'")


def test_what_is_written_can_be_read_again():
    rejected = table.write(["Name", "Mobile"], [["=Asha", "+447700900123"]])
    assert rejected.startswith(b"\xef\xbb\xbf")
    assert table.read(table.decode(rejected)).rows == [(2, ["=Asha", "+447700900123"])]
