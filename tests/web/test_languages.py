"""Which language a page is in, how it is chosen, and which way it is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.foundation import languages
from app.foundation.extensions import db
from app.volunteers.models import Volunteer
from app.web import assets
from tests import factories

SHEETS = Path(assets.__file__).parent / "assets"


def test_a_visitor_reads_english_unless_their_browser_prefers_another(client):
    assert '<html lang="en" class="govuk-template mh">' in client.get("/privacy").text
    polish = client.get("/privacy", headers={"Accept-Language": "pl-PL,pl;q=0.9,en;q=0.5"})
    assert '<html lang="pl"' in polish.text
    assert polish.headers["Content-Language"] == "pl"
    assert "Accept-Language" in polish.vary


def test_a_language_that_we_do_not_have_is_english(client):
    german = client.get("/privacy", headers={"Accept-Language": "de"})
    assert '<html lang="en"' in german.text


def test_urdu_is_read_from_right_to_left_with_its_own_sheets(client):
    client.set_cookie("language", "ur")
    page = client.get("/privacy").text
    assert '<html lang="ur" dir="rtl"' in page
    assert f'href="{assets.asset_url("many-hands-rtl.css")}"' in page
    assert f'href="{assets.asset_url("language-ur.css")}"' in page
    client.set_cookie("language", "en")
    assert "rtl" not in client.get("/privacy").text


def test_a_choice_is_kept_on_the_device_and_leads_back(client):
    chosen = client.get("/language/pa", headers={"Referer": "http://localhost/privacy?a=1"})
    assert chosen.location == "/privacy?a=1"
    assert '<html lang="pa"' in client.get("/privacy", headers={"Accept-Language": "pl"}).text
    kept = chosen.headers["Set-Cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept


@pytest.mark.parametrize(
    "before",
    ["", "https://evil.example.org/x", "http://localhost//evil.example.org", "http://localhost"],
)
def test_a_choice_never_leads_away_from_here(client, before):
    assert client.get("/language/pl", headers={"Referer": before}).location == "/"


@pytest.mark.parametrize("before", ["/my/calendar", "/nothing-is-here"])
def test_a_choice_on_a_page_that_only_a_button_makes_leads_to_the_first_page(client, before):
    assert (
        client.get("/language/pl", headers={"Referer": f"http://localhost{before}"}).location == "/"
    )


def test_there_is_no_choice_of_a_language_that_we_do_not_have(client):
    assert client.get("/language/de").status_code == 404


def test_each_language_is_offered_under_its_own_name(client):
    page = client.get("/privacy").text
    for code, name in languages.LANGUAGES.items():
        assert name in page
        assert code == "en" or f'lang="{code}"' in page


def test_who_is_signed_in_chooses_for_our_letters_as_well(client, sign_in):
    user = factories.user()
    person = factories.volunteer(user_id=user.id)
    sign_in(user).post("/language/gu")
    assert db.session.get(Volunteer, person.id, populate_existing=True).language == "gu"
    # A link alone, which others could lay before them, changes only what they see.
    client.get("/language/pl")
    assert db.session.get(Volunteer, person.id, populate_existing=True).language == "gu"


def test_managers_pages_are_english_whatever_they_chose(client, sign_in):
    group = factories.group()
    sign_in(factories.manager(group))
    client.set_cookie("language", "pl")
    page = client.get(f"/groups/{group.id}/volunteers").text
    assert '<html lang="en"' in page
    assert "Polski" not in page


def test_a_letter_is_in_its_readers_language_whoever_looks(app):
    with app.test_request_context("/privacy", headers={"Accept-Language": "pl"}):
        assert languages.present() == "pl"
        with languages.speaking("ur"):
            assert languages.present() == "ur"
            assert languages.in_english(languages.present)() == "en"
            assert languages.present() == "ur"
        assert languages.present() == "pl"
    with languages.speaking("tlh"):
        assert languages.present() == "en"


def test_who_signs_up_on_a_polish_page_hears_from_us_in_polish(client):
    client.set_cookie("language", "pl")
    client.post(
        "/sign-up",
        data={
            "name": "Ewa Nowak",
            "contact": "ewa@example.org",
            "postcode": "LE11 3TU",
            "age_band": "adult",
        },
    )
    assert db.session.query(Volunteer).one().language == "pl"


def test_the_profile_says_and_changes_the_language(client, sign_in):
    user = factories.user()
    person = factories.volunteer(user_id=user.id)
    sign_in(user)
    assert "Polski" in client.get("/my/profile/language").text
    client.post("/my/profile/language", data={"language": "pl"})
    assert db.session.get(Volunteer, person.id, populate_existing=True).language == "pl"
    assert '<html lang="pl"' in client.get("/my/profile").text


def test_a_chosen_language_comes_along_when_they_sign_in_elsewhere(client):
    user = factories.user()
    factories.volunteer(user_id=user.id, language="pa")
    from app.accounts.service import sign_in as signing_in  # noqa: PLC0415

    signing_in.set_password(user.id, "a long enough password", "")
    client.post("/sign-in", data={"address": user.email, "password": "a long enough password"})
    assert '<html lang="pa"' in client.get("/privacy").text


@pytest.mark.parametrize(
    ("language", "attributes"), [("en", ""), ("pl", ' lang="en"'), ("ur", ' lang="en" dir="ltr"')]
)
def test_what_a_group_wrote_says_that_it_is_english(client, language, attributes):
    role = factories.opportunity(title="Desk", summary="Lend books.", what_to_bring="A <smile>")
    client.set_cookie("language", language)
    page = client.get(f"/opportunities/{role.id}", follow_redirects=True).text
    assert f'<h1 class="govuk-heading-l"{attributes}>Desk</h1>' in page
    assert f'<p class="govuk-body-l"{attributes}>Lend books.</p>' in page
    bring = f"<span{attributes}>A &lt;smile&gt;</span>" if attributes else "A &lt;smile&gt;"
    assert f">{bring}</dd>" in page


@pytest.mark.parametrize("address", ["/api", "/invitations/nothing"])
def test_what_only_those_who_run_something_read_is_english_for_everybody(client, address):
    client.set_cookie("language", "pl")
    assert client.get(address).headers["Content-Language"] == "en"


@pytest.mark.parametrize("code", ["gu", "pa", "ur"])
def test_the_letters_of_a_script_stand_beside_the_latin_ones(client, code):
    """A face for a range of weights would be taken in place of the Latin letters' own faces."""
    sheet = (SHEETS / f"language-{code}.css").read_text(encoding="utf-8")
    weights = re.findall(r"font-weight: ([^;]+);", sheet)
    assert set(weights) == {"400", "700"}
    client.set_cookie("language", code)
    # Where the plain letters serve for bold ones, these are not fetched.
    assert ("atkinson-700" in client.get("/").text) == ("atkinson-400" not in sheet)
