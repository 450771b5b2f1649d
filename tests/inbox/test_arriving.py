"""HERE and LEFT: what is one, what is none, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.foundation import clock
from app.foundation.extensions import db
from app.hours import service as hours
from app.hours.models import Attendance, Seen
from app.inbox.models import Reply, ReplyState
from app.inbox.rules import Meaning, understand
from app.inbox.words import ARRIVALS, DEPARTURES
from app.messaging.rules.segments import count
from app.opportunities.models import Shift
from app.signups.models import Signup, Standing
from app.volunteers.models import Volunteer
from tests import factories as make
from tests.inbox.test_service import answer_to, receive

START = datetime(2026, 6, 13, 9, tzinfo=UTC)  # ten in London

HERE = """
HERE
here
Here!
here now
Here x
Im here
I'm here
I’m here now thanks
i am here
ok I'm here
hi, im here
Hi all just arrived
arrived
Arrived!
just arrived
I've arrived
ive just arrived
Have arrived safely
We are here
we're here
got here
checked in
check in please
on site
I'm on site now
I'm at the library
at the food bank
im hear
heer
HEREEE
here for my shift
Here and ready
sorry just arrived
morning, here
outside
📍 here
here 👍
Jestem
juz jestem
jestem na miejscu
Dwi yma
aa gaya
main aa gayi
aavi gayo
હું આવી ગઈ
ਆ ਗਿਆ
मैं आ गया
میں آ گئی
"""

GONE = """
LEFT
left
I've left
just left
leaving
I'm leaving
done
all done
All done, thanks
finished
im finished
gone home
going home now
off home
heading home bye
check out
signing out
"""

# As it was before there was a HERE.
OTHERWISE = """
I'm here if you need | unclear
I'm here if you need me | unclear
not here | no
I'm not here | no
nobody here | unclear
here? | question
are you here? | question
is anyone here | question
yes I'm here | yes
Yes, here | yes
I can be here | yes
I can't be here | no
can't get here | no
will be here | unclear
I'll be there | yes
on my way | yes
leaving now | yes
made it | yes
see you there | yes
I'm in | yes
I'm out | no
here 👎 | no
here 🛑 | unclear
stop here | unclear
left my phone at home | unclear
I left a message | unclear
here at 6 | unclear
here till 8 | unclear
27 here | unclear
are we here | question
made it here | yes
STOP | stop
im done, stop texting me | stop
I'm done with this | unclear
joe here | unclear
here is my number | unclear
might be here | unclear
in | unclear
out | unclear
done? | question
"""


@pytest.mark.parametrize("text", HERE.strip().splitlines())
def test_these_say_that_somebody_is_here(text: str) -> None:
    assert understand(text).meaning == Meaning.here


@pytest.mark.parametrize("text", GONE.strip().splitlines())
def test_these_say_that_somebody_has_left(text: str) -> None:
    assert understand(text).meaning == Meaning.gone


@pytest.mark.parametrize("row", OTHERWISE.strip().splitlines())
def test_these_mean_what_they_meant(row: str) -> None:
    text, _, meaning = row.partition(" | ")
    assert understand(text).meaning == meaning


def test_no_phrase_of_the_lists_means_anything_else() -> None:
    """Each is read as what it is listed as, so none of them is a yes, a no or a stop too."""
    for phrases, meaning in ((ARRIVALS, Meaning.here), (DEPARTURES, Meaning.gone)):
        wrong = [
            phrase.strip()
            for phrase in phrases.split(",")
            if understand(phrase.strip()).meaning != meaning
        ]
        assert wrong == []


@pytest.fixture
def now(app: Flask) -> Iterator[None]:
    with clock.stopped_at(START - timedelta(minutes=10)):
        yield


def somebody(**said: object) -> tuple[Volunteer, Shift, Signup]:
    group = make.group(name="Sileby Food Bank")
    shift = make.shift(make.opportunity(group), starts_at=START, ends_at=START + timedelta(hours=3))
    person = make.volunteer(name="Amina Khan", **said)
    return person, shift, make.signup(shift, person)


def standing(place: Signup) -> Standing:
    place_id = place.id
    db.session.rollback()
    return db.session.get_one(Signup, place_id).standing


@pytest.mark.usefixtures("now")
def test_here_checks_in_and_is_answered_in_one_segment() -> None:
    person, _, place = somebody()
    reply = receive(person.phone or "", "I'm here!")
    assert standing(place) == Standing.ATTENDED
    assert db.session.scalars(select(Attendance.came_by)).one() == Seen.TEXT
    said = answer_to(reply)
    assert said.startswith(
        "Sileby Food Bank: thank you, Amina! You are checked in, 10am to 1pm. "
        "Text LEFT when you go."
    )
    assert count(said).segments == 1
    assert (reply.meaning, reply.state) == ("here", ReplyState.DONE)


@pytest.mark.usefixtures("now")
def test_left_checks_out_whoever_is_in() -> None:
    person, _, place = somebody()
    receive(person.phone or "", "here")
    with clock.stopped_at(START + timedelta(minutes=150)):
        reply = receive(person.phone or "", "All done, thanks")
    assert "You gave 2 hours 30 minutes." in answer_to(reply)
    assert standing(place) == Standing.ATTENDED
    assert db.session.get_one(Signup, place.id).attended_minutes == 150


@pytest.mark.usefixtures("now")
def test_left_from_somebody_who_is_not_in_goes_to_a_person() -> None:
    """They may have just left home."""
    person, _, place = somebody()
    reply = receive(person.phone or "", "just left")
    assert reply.state == ReplyState.WAITING
    assert standing(place) == Standing.CONFIRMED


@pytest.mark.usefixtures("now")
def test_too_early_is_told_when() -> None:
    person, _, place = somebody()
    with clock.stopped_at(START - timedelta(hours=2)):
        reply = receive(person.phone or "", "here")
    assert "Text HERE from 9am on" in answer_to(reply)
    assert standing(place) == Standing.CONFIRMED


@pytest.mark.usefixtures("now")
def test_here_without_a_place_goes_to_a_person() -> None:
    person = make.volunteer()
    reply = receive(person.phone or "", "here")
    assert reply.state == ReplyState.WAITING
    assert db.session.scalars(select(Attendance)).all() == []


@pytest.mark.usefixtures("now")
def test_two_who_share_a_phone_are_asked_who_it_is() -> None:
    person, shift, place = somebody()
    other = make.signup(shift, make.volunteer(phone=person.phone))
    reply = receive(person.phone or "", "here")
    assert "who of you" in answer_to(reply)
    assert reply.state == ReplyState.WAITING
    assert standing(place) == standing(other) == Standing.CONFIRMED


@pytest.mark.usefixtures("now")
def test_of_two_shifts_in_a_row_it_is_the_one_that_runs() -> None:
    person, shift, first = somebody()
    later = make.shift(
        shift.opportunity,
        starts_at=START + timedelta(hours=3),
        ends_at=START + timedelta(hours=5),
    )
    second = make.signup(later, person)
    with clock.stopped_at(START + timedelta(hours=2, minutes=30)):
        receive(person.phone or "", "here")
    assert standing(first) == Standing.ATTENDED
    assert standing(second) == Standing.CONFIRMED


@pytest.mark.usefixtures("now")
def test_a_number_makes_it_a_text_about_a_request() -> None:
    person, _, place = somebody()
    reply = receive(person.phone or "", "27 here")
    assert reply.state == ReplyState.WAITING
    assert standing(place) == Standing.CONFIRMED


@pytest.mark.usefixtures("now")
def test_saying_it_twice_is_harmless() -> None:
    person, _, place = somebody()
    hours.check_in(place.id, Seen.TABLET)
    receive(person.phone or "", "here")
    receive(person.phone or "", "here")
    row = db.session.scalars(select(Attendance)).one()
    assert row.came_by == Seen.TABLET
    assert len(db.session.scalars(select(Reply)).all()) == 2
