"""Numbers, lists and drafted words, in tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.broadcasts import rules, words
from app.broadcasts.wording import counted, plainest
from app.messaging.rules import segments
from app.messaging.rules.states import State
from app.signups.models import Standing


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
