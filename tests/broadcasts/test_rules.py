"""Wave sizes, numbers and drafted words, in tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.broadcasts import rules, words
from app.broadcasts.rules import Progress, next_wave
from app.broadcasts.wording import counted, plainest
from app.messaging.rules import segments
from app.messaging.rules.states import State
from app.signups.models import Standing


def progress(**said: object) -> Progress:
    usual: dict[str, object] = {
        "places_left": 3,
        "minutes_left": 240.0,
        "asked_minutes_ago": (),
        "yes": 0,
        "no": 0,
        "unasked": 500,
    }
    return Progress(**(usual | said))  # type: ignore[arg-type] # a test says what it likes


@pytest.mark.parametrize(
    ("said", "size"),
    [
        ({}, 18),  # 3 places × 1.2 ÷ one in five
        ({"places_left": 1}, 6),
        ({"places_left": 0}, 0),
        ({"unasked": 4}, 4),
        ({"unasked": 0}, 0),
        ({"minutes_left": 100.0}, 23),  # 1.5 for the margin
        ({"minutes_left": 20.0}, 30),  # 2.0
        ({"asked_minutes_ago": [0.0] * 18}, 0),
        ({"asked_minutes_ago": [60.0] * 18, "places_left": 3}, 51),
    ],
)
def test_the_next_wave_should_just_fill_the_places(said: dict[str, object], size: int) -> None:
    assert next_wave(progress(**said)).size == size


def test_more_are_asked_when_people_say_no() -> None:
    keen = next_wave(progress(yes=5, no=5, places_left=2)).size
    tired = next_wave(progress(yes=0, no=20, places_left=2)).size
    assert tired > 2 * keen


def test_a_wave_is_never_larger_than_the_slowest_hope_allows() -> None:
    assert next_wave(progress(no=10_000, places_left=1, unasked=10_000)).size == 30


def test_silence_counts_as_a_no_more_and_more() -> None:
    sizes = [
        next_wave(progress(asked_minutes_ago=[minutes] * 18)).size for minutes in (0, 8, 16, 60)
    ]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_a_hurried_request_is_looked_at_each_minute() -> None:
    assert next_wave(progress(minutes_left=50.0)).look_again == timedelta(minutes=1)
    assert next_wave(progress(minutes_left=90.0)).look_again == timedelta(minutes=3)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "For 3 free places 18 more are asked: about 20 in 100 are likely to say yes"),
        ({"unasked": 1}, "1 more is asked"),
        ({"places_left": 1, "unasked": 0}, "1 place is free and everybody has been asked."),
        ({"places_left": 0}, "Every place is taken."),
        ({"asked_minutes_ago": [1.0] * 30}, "30 people may still answer"),
        ({"minutes_left": 10.0}, "Time is short"),
    ],
)
def test_a_wave_says_why_it_has_its_size(said: dict[str, object], reason: str) -> None:
    assert reason in next_wave(progress(**said)).reason


@pytest.mark.parametrize(
    ("taken", "after", "number"),
    [
        (set(), 9, 10),
        (set(), 27, 28),
        ({28, 29}, 27, 30),
        (set(), 99, 10),
        (set(range(10, 99)), 40, 99),
        (set(range(10, 100)), 40, 100),
        (set(range(10, 100)) - {12}, 400, 12),
        (set(range(10, 1000)), 40, 1000),
    ],
)
def test_a_number_comes_back_as_late_as_can_be(taken: set[int], after: int, number: int) -> None:
    assert rules.free_number(taken, after) == number


def test_no_number_is_left_when_all_are_taken() -> None:
    with pytest.raises(ValueError, match="in use"):
        rules.free_number(range(10, 10_000), 10)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Reply 27 YES or 27 NO", True),
        ("reply 27 yes please", True),
        ("Reply 127 YES", False),
        ("Reply YES", False),
        ("Reply 27 YESTERDAY", False),
    ],
)
def test_a_text_must_name_its_own_request(text: str, names: bool) -> None:
    assert rules.names_request(text, 27) is names


def test_a_usual_draft_fits_one_text() -> None:
    text = rules.draft_text(
        "Gorse Covert Food Bank",
        ["Food parcel driver"],
        "tonight, 6:30 to 8:30pm",
        "Gorse Covert Hall",
        27,
    )
    assert text.startswith("Gorse Covert Food Bank: can you help? Food parcel driver, tonight")
    assert text.endswith("Reply 27 YES or 27 NO.")
    assert segments.count(text).segments == 1


def test_a_draft_for_several_roles_names_each_once() -> None:
    text = rules.draft_text("G", ["Driver", "IT helper", "Driver", "Packer"], "tonight", "Hall", 10)
    assert "? Driver or IT helper or packer, tonight" in text


def test_every_state_of_a_text_is_counted_in_one_group() -> None:
    grouped = [state for states in rules.TEXT_GROUPS.values() for state in states]
    assert sorted(grouped) == sorted(State)


def test_every_group_of_texts_and_every_standing_has_words() -> None:
    assert set(rules.TEXT_GROUPS) <= set(rules.LISTS)
    assert set(words.TEXT_WORDS) == set(State)
    assert set(words.STANDING_WORDS) == set(Standing)


def test_the_finish_time_is_the_senders_own() -> None:
    now = datetime(2026, 12, 1, 17, 40, tzinfo=UTC)
    assert rules.finish_time(now, 1200, 10) == now + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Can you help? “Tonight” – 6pm…", 'Can you help? "Tonight" - 6pm...'),
        ("Great 🙂 thanks", "Great thanks"),
        ("Zoë at the café, Łódź Road", None),  # Ł has no plain letter
        ("Žofie at the café", "Zofie at the café"),
        ("ચોક્કસ", None),
        ("two\nlines 👍\nhere", "two\nlines\nhere"),
    ],
)
def test_a_plain_version_keeps_every_letter_or_there_is_none(text: str, plain: str | None) -> None:
    assert plainest(text) == plain


def test_a_plain_text_offers_no_plainer_one() -> None:
    assert counted("Can you help?").plain is None


def test_the_characters_that_force_short_texts_are_named() -> None:
    found = counted("Can you help? 🙂 “Yes”")
    assert found.count.encoding == "UCS-2"
    assert found.forcing == "🙂 “ ”"
    assert found.plain == 'Can you help? "Yes"'


@pytest.mark.parametrize(
    ("length", "spoken"),
    [
        (timedelta(seconds=20), "under a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=1, minutes=5), "1 hour 5 minutes"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(days=2, hours=3), "2 days"),
    ],
)
def test_lengths_are_said_in_words(length: timedelta, spoken: str) -> None:
    assert words.spoken_length(length) == spoken


@pytest.mark.parametrize(
    ("name", "short"),
    [("Asha Patel", "Asha P."), ("Cher", "Cher"), ("Mary Ann van Dyke", "Mary D.")],
)
def test_names_are_short_before_anybody_is_asked(name: str, short: str) -> None:
    assert words.short_name(name) == short
