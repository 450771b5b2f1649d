"""The score by parts, and the reasons in words: tables, no database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.matching import rules
from app.matching.rules import Candidate, Request
from app.signups.rules import Demand, Exclusion, Person
from app.volunteers.vocabulary import Activity, AgeBand, Language, Skill, Training
from tests.matching.times import NOW, TONIGHT

TUESDAY_EVENING = 1 << 5


def request(needs: dict[str, Any] | None = None, **said: Any) -> Request:
    demand = Demand(
        starts_at=TONIGHT, ends_at=TONIGHT + timedelta(hours=2), **({} if needs is None else needs)
    )
    defaults: dict[str, Any] = {
        "demand": demand,
        "now": NOW,
        "bits": TUESDAY_EVENING,
        "first_day": TONIGHT.date(),
        "last_day": TONIGHT.date(),
    }
    return Request(**(defaults | said))


def candidate(can: dict[str, Any] | None = None, **said: Any) -> Candidate:
    person = Person(age_band=AgeBand.ADULT, **({} if can is None else can))
    return Candidate(**({"person": person, "metres": 100, "travel_metres": 8047} | said))


@pytest.mark.parametrize(
    ("metres", "points"),
    [
        (0, 300),
        (1609, 300),
        (1610, 260),
        (3219, 260),
        (4828, 220),
        (8047, 160),
        (12875, 100),
        (19312, 50),
        (32187, 20),
        (32188, 0),
    ],
)
def test_points_for_distance(metres: int, points: int) -> None:
    assert rules.score(candidate(metres=metres), request()).distance == points


@pytest.mark.parametrize(
    ("free_times", "points"), [(0, 60), (TUESDAY_EVENING, 200), (TUESDAY_EVENING << 1, 0)]
)
def test_points_for_being_free(free_times: int, points: int) -> None:
    assert rules.score(candidate(free_times=free_times), request()).availability == points


@pytest.mark.parametrize(
    ("likes", "skills", "points"),
    [
        (Skill(0), Skill.COOKING, 0),
        (Skill.COOKING, Skill.COOKING | Skill.CASH, 150),
        (Skill.COOKING | Skill.CASH, Skill.CASH, 80),
        (Skill.COOKING, Skill.CASH, 0),
    ],
)
def test_points_for_wished_for_skills(likes: Skill, skills: Skill, points: int) -> None:
    assert rules.score(candidate({"skills": skills}), request(likes=likes)).skills == points


@pytest.mark.parametrize(
    ("days", "points"), [(None, 100), (28, 100), (27, 60), (14, 60), (13, 30), (7, 30), (6, 0)]
)
def test_points_for_not_having_been_asked_lately(days: int | None, points: int) -> None:
    asked = None if days is None else NOW - timedelta(days=days)
    assert rules.score(candidate(last_asked_at=asked), request()).rested == points


@pytest.mark.parametrize(("shifts", "points"), [(0, 50), (3, 50), (4, 0), (9, 0)])
def test_points_for_few_shifts_lately(shifts: int, points: int) -> None:
    assert rules.score(candidate(shifts_lately=shifts), request()).not_busy == points


def test_interest_and_knowing_the_group_count_a_hundred_each() -> None:
    keen = candidate(interests=Activity.FOOD | Activity.CAFE, knows_group=True)
    found = rules.score(keen, request(activity=Activity.FOOD))
    assert (found.interest, found.group) == (100, 100)


def test_the_best_score_is_a_thousand() -> None:
    best = candidate(
        {"skills": Skill.COOKING},
        free_times=TUESDAY_EVENING,
        interests=Activity.FOOD,
        knows_group=True,
    )
    wanted = request(activity=Activity.FOOD, likes=Skill.COOKING)
    assert rules.score(best, wanted).total == 1000


@pytest.mark.parametrize("band", list(AgeBand))
def test_age_never_enters_the_score(band: AgeBand) -> None:
    someone = Candidate(person=Person(age_band=band), metres=100, travel_metres=8047)
    assert rules.score(someone, request()).total == rules.score(candidate(), request()).total


def test_every_exclusion_has_its_place_in_the_order_once() -> None:
    assert sorted(rules.ORDER) == sorted(Exclusion)
    assert rules.ORDER[0] is Exclusion.TOO_FAR
    assert rules.ORDER[-1] is Exclusion.SAME_PHONE


def test_every_skill_has_words() -> None:
    for skill in Skill:
        wanted = request(likes=skill)
        assert len(rules.reasons(candidate({"skills": skill}), wanted)) == 3


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (None, "not asked before"),
        (datetime(2026, 3, 31, 23, 30, tzinfo=NOW.tzinfo), "not asked since April"),
        (datetime(2026, 3, 20, tzinfo=NOW.tzinfo), "not asked since March"),
        (datetime(2025, 11, 3, tzinfo=NOW.tzinfo), "not asked since November 2025"),
    ],
)
def test_when_somebody_was_last_asked_in_words(asked: datetime | None, words: str) -> None:
    assert rules.reasons(candidate(last_asked_at=asked), request())[-1] == words


def test_who_was_asked_within_four_weeks_hears_nothing_of_it() -> None:
    lately = candidate(last_asked_at=NOW - timedelta(days=27))
    assert rules.reasons(lately, request()) == ["under half a mile away"]


def test_needs_that_are_met_are_reasons() -> None:
    able = candidate(
        {
            "skills": Skill.DRIVE_CAR | Skill.CHAINSAW,
            "languages": Language.GUJARATI,
            "trainings": Training.FOOD_HYGIENE,
        },
        metres=3380,
    )
    needs = {
        "skills": Skill.DRIVE_CAR,
        "languages": Language.GUJARATI,
        "trainings": Training.FOOD_HYGIENE,
    }
    assert rules.reasons(able, request(needs, likes=Skill.FOOD_HYGIENE)) == [
        "2.1 miles away",
        "can drive a car",
        "speaks Gujarati",
        "has training: food hygiene certificate",
        "not asked before",
    ]


@pytest.mark.parametrize(
    ("said", "wish", "reasons"),
    [
        ({"metres": 8048}, {}, [Exclusion.TOO_FAR]),
        ({"metres": 8047}, {}, []),
        ({"metres": 5001}, {"within_metres": 5000}, [Exclusion.TOO_FAR]),
        ({"metres": 9000}, {"within_metres": 20_000}, [Exclusion.TOO_FAR]),
        ({"can_be_texted": False}, {}, [Exclusion.NO_CONTACT]),
        ({"has_opted_out": True}, {"is_emergency": True}, [Exclusion.OPTED_OUT]),
        ({"paused_until": date(2026, 5, 13)}, {"is_emergency": True}, [Exclusion.PAUSED]),
        ({"asks_per_week": 0}, {"ignores_budget": True}, [Exclusion.ASKED_OFTEN]),
        ({"asks_per_week": 0}, {"is_emergency": True}, []),
        ({"asked_this_week": 3}, {}, [Exclusion.ASKED_OFTEN]),
        ({"asked_this_week": 3}, {"ignores_budget": True}, []),
        ({"is_in": True, "said_no": True}, {}, [Exclusion.ALREADY_IN, Exclusion.SAID_NO]),
        ({"helps_chosen_kinds": False}, {}, []),
        ({"helps_chosen_kinds": False}, {"restricts_kinds": True}, [Exclusion.OTHER_GROUPS]),
    ],
)
def test_reasons_against(
    said: dict[str, Any], wish: dict[str, Any], reasons: list[Exclusion]
) -> None:
    assert rules.exclusions(candidate(**said), request(**wish)) == reasons


@pytest.mark.parametrize(
    ("phone", "consented", "verified", "has_account", "may"),
    [
        ("+447700900001", True, True, True, True),
        ("+447700900001", True, False, False, True),
        ("+447700900001", True, False, True, False),
        ("+447700900001", False, True, False, False),
        (None, True, True, False, False),
        ("", True, True, False, False),
    ],
)
def test_who_may_be_texted(
    phone: str | None, consented: bool, verified: bool, has_account: bool, may: bool
) -> None:
    assert rules.is_texted(phone, consented, verified, has_account) is may
