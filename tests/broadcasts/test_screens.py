"""From a need to a request: the three steps and the second look."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEvent
from app.broadcasts import service
from app.broadcasts.models import Broadcast, BroadcastState
from app.foundation import clock
from app.foundation.extensions import db
from app.groups.service import close_group
from app.messaging.models import Message
from app.volunteers.vocabulary import Skill
from tests import factories
from tests.broadcasts.pages import NOW, drivers, drivers_of, latest, people, words


def sending(broadcast: Broadcast) -> dict[str, str]:
    """What the last step posts when "Send now" is pressed."""
    return {"text": broadcast.text, "pace": "waves", "wish": "send"}


def test_only_coordinators_enter(sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in(factories.user())
    for address in ("/broadcasts", "/broadcasts/new", "/broadcasts/1", "/broadcasts/1/audience"):
        assert client.get(address).status_code == 403


def test_the_first_page_tells_what_it_is_for(desk: FlaskClient) -> None:
    page = words(desk.get("/broadcasts"))
    assert "Ask for help now" in page
    assert "Nobody has had to ask yet" in page


def test_from_three_drivers_short_to_a_request_that_asks(desk: FlaskClient) -> None:
    shift = drivers()
    people(30)
    page = desk.get("/broadcasts/new")
    assert "Food parcel driver" in words(page)
    assert "2 places left of 2. 1 more person is needed for it to be safe" in words(page)
    step = desk.post("/broadcasts/new", data={"shifts": [shift.id]})
    broadcast = latest()
    assert step.location == f"/broadcasts/{broadcast.id}/audience"
    assert "30 people fit and can be asked" in words(desk.get(step.location))
    step = desk.post(step.location, data={"within": "", "not_asked_days": "0"})
    assert step.location == f"/broadcasts/{broadcast.id}/message"
    page = desk.get(step.location)
    assert "1 text" in words(page)
    look = words(page)
    assert "£1.26 at most, if all are asked" in look
    assert re.search(r"Asked first \d+ people of 30 who fit. More only if places stay free", look)
    assert "the shift begins: tonight at 6:40pm" in look or "today at 6:40pm" in look
    step = desk.post(step.location, data=sending(broadcast))
    assert step.location == f"/broadcasts/{broadcast.id}"
    service.advance(broadcast.id)
    live = words(desk.get(step.location))
    found = re.search(r"0 of 2 places filled. (\d+) people asked, 0 said yes.", live)
    assert found is not None
    first = int(found[1])
    assert 2 < first < 30
    assert f"{first} asked = {first} texts: {first} waiting + 0 sent" in live


def test_pressing_send_twice_is_harmless(desk: FlaskClient) -> None:
    people(3)
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    address = f"/broadcasts/{broadcast.id}/message"
    first = desk.post(address, data=sending(broadcast))
    second = desk.post(address, data=sending(broadcast))
    assert first.location == second.location == f"/broadcasts/{broadcast.id}"
    assert "problem" not in words(desk.get(second.location))


def test_no_shift_chosen_is_said_beside_the_list(desk: FlaskClient) -> None:
    drivers()
    page = desk.post("/broadcasts/new", data={})
    assert "Choose between 1 and 5 shifts." in words(page)
    assert 'href="#shifts"' in page.text
    assert 'id="shifts"' in page.text


def test_send_pressed_by_two_in_the_same_moment_leads_both_to_the_live_page(
    desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(3)
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    number, data = broadcast.id, sending(broadcast)
    word = service.word

    def word_too_late(*args: Any, **said: Any) -> None:
        service.start(number, None)
        word(*args, **said)

    monkeypatch.setattr(service, "word", word_too_late)
    step = desk.post(f"/broadcasts/{number}/message", data=data)
    assert step.location == f"/broadcasts/{number}"


def test_a_number_that_no_shift_has_is_an_error_beside_the_list(desk: FlaskClient) -> None:
    drivers()
    page = desk.post("/broadcasts/new", data={"shifts": ["9" * 20]})
    assert page.status_code == 200
    assert "Choose from the list." in words(page)


def test_searching_keeps_what_is_ticked(desk: FlaskClient) -> None:
    shift = drivers()
    library = factories.group(name="Kibworth Library", kind="library")
    factories.shift(factories.opportunity(library, title="Desk helper"))
    page = desk.post(
        "/broadcasts/new", data={"search": "1", "words": "kibworth", "shifts": [shift.id]}
    )
    assert "Desk helper" in words(page)
    assert re.search(rf'value="{shift.id}"[^>]* checked', page.text)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"words": "gorse driver"}, True),
        ({"words": "100%"}, False),
        ({"kind": "food-bank"}, True),
        ({"kind": "library"}, False),
        ({"day": "2026-12-01"}, True),
        ({"day": "2026-12-02"}, False),
    ],
)
def test_shifts_are_found_by_words_kind_and_day(
    desk: FlaskClient, asked: dict[str, str], found: bool
) -> None:
    drivers()
    page = words(desk.get("/broadcasts/new", query_string=asked))
    assert ("Food parcel driver" in page) is found


def test_full_begun_and_unpublished_shifts_are_not_offered(desk: FlaskClient) -> None:
    factories.signup(drivers(places=1), factories.volunteer())
    page = words(desk.get("/broadcasts/new"))
    assert "No shift has room" in page


def test_shifts_of_a_closed_group_are_not_offered(desk: FlaskClient) -> None:
    close_group(drivers().opportunity.group_id)
    assert "No shift has room" in words(desk.get("/broadcasts/new"))


def test_a_shift_is_made_on_the_spot(desk: FlaskClient) -> None:
    site = factories.site(factories.group(name="Woodhouse Flood Group"), name="Village hall")
    assert "Woodhouse Flood Group: Village hall" in words(desk.get("/broadcasts/new/shift"))
    step = desk.post(
        "/broadcasts/new/shift",
        data={
            "title": "Sandbag filler",
            "site_id": site.id,
            "day": "2026-12-01",
            "starts": "7pm",
            "ends": "21:00",
            "places": "4",
            "minimum": "2",
            "needs_skills": [str(Skill.MANUAL_HANDLING.value)],
        },
    )
    assert step.location == f"/broadcasts/{latest().id}/audience"
    assert "Sandbag filler , Tonight, 7 to 9pm" in words(desk.get(step.location))
    made = db.session.scalar(
        select(AuditEvent.group_id).where(AuditEvent.action == "made a shift on the spot")
    )
    assert made == site.group_id


def test_what_is_wrong_on_the_spot_loses_nothing_that_was_typed(desk: FlaskClient) -> None:
    factories.site()
    page = desk.post(
        "/broadcasts/new/shift",
        data={
            "title": "Sandbag filler",
            "site_id": "",
            "day": "soonish",
            "starts": "19:00",
            "ends": "21:00",
            "places": "lots",
            "minimum": "1",
        },
    )
    said = words(page)
    assert "Choose the group and where it is." in said or "Choose one of the answers." in said
    assert "Enter a date, like 5 December" in said
    assert "Give a number from 1 to" in said
    assert 'value="Sandbag filler"' in page.text
    assert 'value="soonish"' in page.text
    assert 'value="lots"' in page.text


def test_the_audience_shows_no_contact_details_and_short_names(desk: FlaskClient) -> None:
    people(2, name="Asha Patel")
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    page = desk.get(f"/broadcasts/{broadcast.id}/audience")
    assert "Asha P." in words(page)
    assert "Patel" not in words(page)
    assert "07700" not in page.text
    assert "447700" not in page.text
    assert db.session.scalar(select(AuditEvent).where(AuditEvent.action == "viewed audience"))


def test_who_does_not_fit_is_counted_by_reason_in_words(desk: FlaskClient) -> None:
    people(2)
    factories.volunteer(sms_consent_at=None)
    factories.volunteer(**factories.position(53.9, -1.2))
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    page = words(desk.get(f"/broadcasts/{broadcast.id}/audience"))
    assert "2 people are not asked: see why" in page
    assert "1 live further away than they travel" in page
    assert "1 cannot be texted: no confirmed number, or no consent" in page


def test_adjusting_counts_again_and_is_kept(desk: FlaskClient) -> None:
    people(3)
    factories.volunteer(**factories.position(52.80, -1.2046))
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    address = f"/broadcasts/{broadcast.id}/audience"
    assert "4 people fit" in words(desk.get(address))
    step = desk.post(address, data={"within": "1", "not_asked_days": "7", "wish": "count"})
    assert step.location == address
    page = desk.get(address)
    assert "3 people fit" in words(page)
    assert re.search(r'<option value="1" selected', page.text)


def test_a_shortfall_is_explained_with_what_would_help(desk: FlaskClient) -> None:
    people(8)
    shift = drivers()
    broadcast = service.draft([shift.id], factories.coordinator().id)
    service.adjust(
        broadcast.id,
        within_metres=None,
        also_needs=Skill.CHAINSAW,
        group_kinds=[],
        not_asked_days=0,
    )
    page = words(desk.get(f"/broadcasts/{broadcast.id}/audience"))
    assert "Nobody fits as it stands." in page
    assert "8 lack only: chainsaw." in page


def test_the_count_names_what_forces_short_texts_and_offers_plain_words(desk: FlaskClient) -> None:
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    address = f"/broadcasts/{broadcast.id}/message"
    typed = broadcast.text + " Thank you 🙂"
    page = desk.post(address, data={"text": typed, "pace": "everyone", "wish": "look"})
    said = words(page)
    assert "makes each text hold less, 70 characters in place of 160: 🙂" in said
    assert 'value="plain"' in page.text
    assert typed in html.unescape(page.text)
    page = desk.post(address, data={"text": typed, "pace": "everyone", "wish": "plain"})
    assert "hold less" not in words(page)
    assert "🙂" not in page.text


def test_the_live_count_is_a_part_of_a_page(desk: FlaskClient) -> None:
    page = desk.post("/broadcasts/count", data={"text": "x" * 161})
    assert "161 characters: 2 texts to send to each person." in words(page)
    assert "<html" not in page.text


def test_a_text_that_does_not_say_how_to_answer_comes_back_as_typed(desk: FlaskClient) -> None:
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    page = desk.post(
        f"/broadcasts/{broadcast.id}/message",
        data={
            "text": "Help us! STOP to opt out.",
            "pace": "everyone",
            "emergency_reason": "Flood",
            "wish": "send",
        },
    )
    assert f"the text must have “{broadcast.number} YES” in it" in words(page)
    assert 'href="#text"' in page.text
    assert "Help us! STOP to opt out." in page.text
    assert 'value="Flood"' in page.text


def test_at_night_the_last_step_asks_for_the_emergency_beside_its_field(desk: FlaskClient) -> None:
    people(3)
    with clock.stopped_at(NOW.replace(hour=22)):
        shift = drivers(starts_at=NOW + timedelta(days=1))
        broadcast = service.draft([shift.id], factories.coordinator().id)
        address = f"/broadcasts/{broadcast.id}/message"
        assert "left in peace until 8am" in words(desk.get(address))
        page = desk.post(address, data=sending(broadcast))
        assert 'href="#emergency_reason"' in page.text
        assert latest().state == BroadcastState.DRAFT
        said = sending(broadcast) | {"emergency_reason": "The river rises."}
        step = desk.post(address, data=said)
        assert step.location == f"/broadcasts/{broadcast.id}"


def test_a_draft_is_thrown_away(desk: FlaskClient) -> None:
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    desk.post(f"/broadcasts/{broadcast.id}/discard")
    assert "Nobody was asked" in words(desk.get("/broadcasts"))
    assert desk.get(f"/broadcasts/{broadcast.id}").status_code == 404


def test_the_phone_shows_the_text_of_somebody_who_would_be_asked(desk: FlaskClient) -> None:
    people(1, name="Asha Patel")
    factories.volunteer(name="Ben Okafor", phone=factories.drama_phone(200))
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    address = f"/broadcasts/{broadcast.id}/look"
    typed = sending(broadcast) | {"text": "Can you help?"}
    first = desk.post(address, data=typed)
    assert "<html" not in first.text
    assert "Can you help? Reply STOP to opt out." in words(first)
    assert 'id="counted"' in first.text
    names = {"Asha P.", "Ben O."}
    second = desk.post(address, data=typed | {"reader": "1", "next": "2"})
    seen = [next(n for n in names if n in words(page)) for page in (first, second)]
    assert sorted(seen) == sorted(names)
    assert "Patel" not in first.text
    assert latest().text != "Can you help?"


def test_whoever_knows_how_to_stop_is_not_told_again_on_the_phone(desk: FlaskClient) -> None:
    (asha,) = people(1, name="Asha Patel")
    factories.save(
        Message(
            channel="sms",
            lane="urgent",
            cause="test:1",
            recipient=f"volunteer:{asha.id}",
            purpose="ask",
            token="t" * 32,
            to_address=asha.phone,
            body="Hello. Reply STOP to opt out.",
            tells_stop=True,
            state="delivered",
            not_before=clock.now(),
        )
    )
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    page = words(desk.get(f"/broadcasts/{broadcast.id}/message"))
    assert f"What Asha P. would read {broadcast.text} Asked first" in page


def test_a_text_that_grew_after_the_last_look_is_shown_once_more(desk: FlaskClient) -> None:
    people(3)
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    address = f"/broadcasts/{broadcast.id}/message"
    typed = sending(broadcast) | {"text": broadcast.text + " Thank you!" * 12, "seen": "1"}
    page = desk.post(address, data=typed)
    assert "The text has grown: it is 2 texts for each person now." in words(page)
    assert latest().state == BroadcastState.DRAFT
    assert 'name="seen" value="2"' in page.text
    step = desk.post(address, data=typed | {"seen": "2"})
    assert step.location == f"/broadcasts/{broadcast.id}"


def test_going_back_keeps_everything(desk: FlaskClient) -> None:
    first, second = drivers_of(1), drivers_of(2)
    people(3)
    broadcast = service.draft([first.id], factories.coordinator().id)
    here = f"/broadcasts/{broadcast.id}"
    step = desk.post(
        f"{here}/message",
        data={"text": "Half a", "pace": "everyone", "emergency_reason": "Flood", "wish": "back"},
    )
    assert step.location == f"{here}/audience"
    step = desk.post(step.location, data={"within": "5", "not_asked_days": "3", "wish": "back"})
    assert step.location == f"{here}/shifts"
    page = desk.get(step.location)
    assert re.search(rf'value="{first.id}"[^>]* checked', page.text)
    step = desk.post(step.location, data={"shifts": [first.id, second.id]})
    page = desk.get(step.location)
    assert "Your text stays as you wrote it." in words(page)
    assert re.search(r'<option value="5" selected', page.text)
    page = desk.get(f"{here}/message")
    assert "Half a</textarea>" in page.text
    assert 'value="Flood"' in page.text
    # What is not finished does not go out, whoever presses the button.
    page = desk.post(f"{here}/message", data={"text": "Half a", "pace": "everyone", "wish": "send"})
    assert "the text must have" in words(page)


def test_other_shifts_bring_another_text_while_nobody_wrote_in_it(desk: FlaskClient) -> None:
    first, second = drivers_of(1), drivers_of(2)
    broadcast = service.draft([first.id], factories.coordinator().id)
    desk.post(f"/broadcasts/{broadcast.id}/shifts", data={"shifts": [second.id]})
    assert "Food bank 2" in latest().text
    page = desk.post(f"/broadcasts/{broadcast.id}/shifts", data={})
    assert "Choose between 1 and 5 shifts." in words(page)
    assert "Food bank 2" in latest().text


def test_where_they_live_is_told_by_town_and_by_large_squares(desk: FlaskClient) -> None:
    people(3)
    factories.volunteer(**factories.position(52.634, -1.13), travel_metres=40_000)
    broadcast = service.draft([drivers().id], factories.coordinator().id)
    page = desk.get(f"/broadcasts/{broadcast.id}/audience")
    assert "3 near Loughborough" in words(page)
    assert "1 near Leicester" in words(page)
    marks = json.loads(page.text.split('id="map-data"')[1].split(">", 1)[1].split("</script>")[0])
    assert sorted(mark["number"] for mark in marks if "number" in mark) == [1, 3]
    homes = {(mark["lat"], mark["lon"]) for mark in marks if "number" in mark}
    assert (52.634, -1.13) not in homes
