"""How people and shifts stand on the board."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.today import rules
from app.today.rules import Duty, Face

START = datetime(2026, 6, 13, 9, tzinfo=UTC)
END = START + timedelta(hours=3)


@pytest.mark.parametrize(
    ("there", "missing", "left", "minutes", "face"),
    [
        (False, False, None, -30, Face.DUE),
        (False, False, None, 10, Face.DUE),
        (False, False, None, 11, Face.LATE),
        (True, False, None, 20, Face.HERE),
        (True, False, START, 20, Face.LEFT),
        (False, True, None, 20, Face.MISSING),
    ],
)
def test_the_face_of_a_person(
    there: bool, missing: bool, left: datetime | None, minutes: int, face: Face
) -> None:
    now = START + timedelta(minutes=minutes)
    found = rules.face_of(
        is_there=there, is_missing=missing, left_at=left, starts_at=START, now=now
    )
    assert found == face


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_a_local_day_is_as_long_as_it_is(day: date, hours: int) -> None:
    first, after = rules.day_bounds(day, "Europe/London")
    assert after - first == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("faces", "extras", "short"),
    [
        ([Face.DUE, Face.HERE, Face.DUE], 0, 0),
        ([Face.LATE, Face.HERE, Face.DUE], 0, 1),  # who is late counts no longer
        ([Face.MISSING, Face.HERE, Face.LEFT], 0, 2),
        ([Face.MISSING, Face.HERE, Face.LEFT], 1, 1),
        ([], 0, 3),
    ],
)
def test_how_many_are_missing(faces: list[Face], extras: int, short: int) -> None:
    assert rules.short_of(3, faces, extras, START, END) == short
    assert rules.short_of(3, faces, extras, END, END) == 0


def test_the_duty_that_nobody_does_is_named() -> None:
    duties = [Duty("In charge", 1, [Face.LATE]), Duty("Sorter", 2, [Face.HERE, Face.DUE])]
    assert rules.missing_duties(duties, START, END) == ["In charge (1 missing)"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Amina Khan", "Amina K."),
        ("Amina", "Amina"),
        ("Anna van der Berg", "Anna B."),
        (" josé  álvarez ", "josé Á."),
        ("", ""),
    ],
)
def test_the_room_sees_a_first_name_and_an_initial(name: str, shown: str) -> None:
    assert rules.shown_name(name) == shown
