"""Each reason not to ask somebody, one by one, as SQL sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.groups.models import Group, GroupKind
from app.messaging.models import State
from app.opportunities.models import Opportunity, Shift
from app.signups.models import Standing
from app.volunteers import service as volunteers
from app.volunteers.models import (
    Channel,
    DatesAway,
    DbsCheck,
    OptOut,
    TickedBy,
    TrainingRecord,
    Volunteer,
)
from app.volunteers.vocabulary import AgeBand, DbsLevel, Language, Skill, Training, Workforce
from tests import factories
from tests.matching.times import NOW, TONIGHT

Driver = Callable[..., Volunteer]
Excluded = Callable[..., str]

TUESDAY_EVENING = 1 << 5
TUESDAY_MORNING = 1 << 3


def test_somebody_who_fits_is_asked(driver: Driver, tonight: Shift, excluded: Excluded) -> None:
    assert excluded(driver(), tonight) == ""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"phone": None}, "no-contact"),
        ({"phone": ""}, "no-contact"),
        ({"sms_consent_at": None}, "no-contact"),
        # A number that a group brought in with consent counts unconfirmed.
        ({"phone_verified_at": None}, ""),
        ({"paused_until": date(2026, 5, 13)}, "paused"),
        ({"paused_until": date(2026, 5, 12)}, ""),
        ({"age_band": AgeBand.NOT_TOLD}, "too-young"),
        ({"age_band": AgeBand.FROM_16, "guardian_consent_at": NOW}, "too-young"),
        ({"skills": Skill.DRIVE_VAN}, "skill"),
        ({"free_times": TUESDAY_EVENING}, ""),
        ({"free_times": TUESDAY_MORNING}, "not-free"),
        ({"free_times": 0}, ""),
        ({"asks_per_week": 0}, "asked-often"),
    ],
)
def test_what_a_person_says_decides(
    driver: Driver, tonight: Shift, excluded: Excluded, said: dict[str, Any], reason: str
) -> None:
    assert excluded(driver(**said), tonight) == reason


def test_who_signed_up_alone_must_have_confirmed_the_number(
    driver: Driver, tonight: Shift, excluded: Excluded
) -> None:
    person = driver(user_id=factories.user().id, phone_verified_at=None)
    assert excluded(person, tonight) == "no-contact"


def test_an_erased_person_is_nowhere(driver: Driver, tonight: Shift, excluded: Excluded) -> None:
    person = driver(erased_at=NOW)
    with pytest.raises(KeyError):
        excluded(person, tonight)


def test_who_opted_out_of_texts_is_not_asked(
    driver: Driver, tonight: Shift, excluded: Excluded
) -> None:
    person = driver()
    factories.save(OptOut(channel=Channel.SMS, address=person.phone, address_hash="1", how="text"))
    assert excluded(person, tonight) == "opted-out"


def test_an_opt_out_of_email_leaves_texts_alone(
    driver: Driver, tonight: Shift, excluded: Excluded
) -> None:
    person = driver()
    factories.save(
        OptOut(channel=Channel.EMAIL, address=person.phone, address_hash="1", how="link")
    )
    assert excluded(person, tonight) == ""


def test_sixteen_is_old_enough_with_a_guardian_where_the_role_allows(
    driver: Driver, food_bank: Group, excluded: Excluded
) -> None:
    shift = factories.shift(factories.opportunity(food_bank, minimum_age=16), starts_at=TONIGHT)
    factories.signup(shift, factories.volunteer())  # an adult
    young = {"age_band": AgeBand.FROM_16, "emergency_phone": "01509000000"}
    allowed = driver(guardian_consent_at=NOW, **young)
    alone = driver(**young)
    child = driver(**(young | {"age_band": AgeBand.UNDER_16}), guardian_consent_at=NOW)
    assert [excluded(person, shift) for person in (allowed, alone, child)] == [
        "",
        "too-young",
        "too-young",
    ]


def test_who_is_under_18_names_somebody_to_call_in_an_emergency(
    driver: Driver, food_bank: Group, excluded: Excluded
) -> None:
    shift = factories.shift(factories.opportunity(food_bank, minimum_age=16), starts_at=TONIGHT)
    factories.signup(shift, factories.volunteer())
    assert excluded(driver(age_band=AgeBand.FROM_16, guardian_consent_at=NOW), shift) == (
        "no-emergency"
    )
    assert excluded(driver(emergency_phone=""), shift) == ""


@pytest.mark.parametrize("standing", [Standing.OFFERED, Standing.WAITING, Standing.WITHDRAWN])
def test_an_adult_who_is_not_surely_coming_is_no_adult_on_the_shift(
    driver: Driver, food_bank: Group, excluded: Excluded, standing: Standing
) -> None:
    shift = factories.shift(factories.opportunity(food_bank, minimum_age=16), starts_at=TONIGHT)
    young = {"age_band": AgeBand.FROM_16, "emergency_phone": "01509000000"}
    factories.signup(shift, factories.volunteer(**young))
    factories.signup(shift, factories.volunteer(), standing=standing)
    person = driver(guardian_consent_at=NOW, **young)
    assert excluded(person, shift) == "no-adult"
    factories.signup(shift, factories.volunteer())
    assert excluded(person, shift) == ""


def test_an_induction_is_needed_where_the_role_says_and_the_group_has_one(
    driver: Driver, food_bank: Group, excluded: Excluded
) -> None:
    role = factories.opportunity(food_bank, needs_induction=True)
    shift, person, manager = factories.shift(role, starts_at=TONIGHT), driver(), factories.user()
    factories.known_to(person, food_bank)
    assert excluded(person, shift) == ""
    of = food_bank.id
    volunteers.add_induction_step(of, "Tea", needed_first=False, ticked_by=TickedBy.MANAGER)
    assert excluded(person, shift) == ""
    doors = volunteers.add_induction_step(
        of, "Fire doors", needed_first=True, ticked_by=TickedBy.MANAGER
    ).id
    assert excluded(person, shift) == "induction"
    volunteers.tick_induction(of, person.id, doors, manager.id)
    assert excluded(person, shift) == ""
    other = volunteers.add_induction_step(
        of, "House rules", needed_first=True, ticked_by=TickedBy.VOLUNTEER
    ).id
    assert excluded(person, shift) == "induction"
    volunteers.retire_induction_step(of, other)
    assert excluded(person, shift) == ""


def test_a_language_is_needed_where_the_role_says(
    driver: Driver, food_bank: Group, excluded: Excluded
) -> None:
    role = factories.opportunity(food_bank, needs_languages=Language.GUJARATI | Language.HINDI)
    shift = factories.shift(role, starts_at=TONIGHT)
    assert excluded(driver(languages=Language.HINDI), shift) == "language"
    assert excluded(driver(languages=Language.HINDI | Language.GUJARATI), shift) == ""


@pytest.mark.parametrize(
    ("until", "reason"),
    [(None, ""), (date(2026, 5, 12), ""), (date(2026, 5, 11), "training")],
)
def test_a_training_must_hold_on_the_day(
    driver: Driver, food_bank: Group, excluded: Excluded, until: date | None, reason: str
) -> None:
    role = factories.opportunity(food_bank, needs_training=Training.FOOD_HYGIENE)
    shift, person = factories.shift(role, starts_at=TONIGHT), driver()
    factories.save(
        TrainingRecord(
            volunteer_id=person.id,
            training=Training.FOOD_HYGIENE,
            completed_on=date(2023, 1, 1),
            valid_until=until,
        )
    )
    assert excluded(person, shift) == reason


@pytest.mark.parametrize(
    ("level", "workforce", "issued_on", "reason"),
    [
        (DbsLevel.ENHANCED, Workforce.ADULT, date(2023, 5, 12), ""),
        (DbsLevel.ENHANCED_BARRED, Workforce.BOTH, date(2025, 1, 1), ""),
        (DbsLevel.ENHANCED, Workforce.CHILD, date(2025, 1, 1), "dbs"),
        (DbsLevel.BASIC, Workforce.ADULT, date(2025, 1, 1), "dbs"),
        # The group asks again after 36 months.
        (DbsLevel.ENHANCED, Workforce.ADULT, date(2023, 5, 11), "dbs"),
    ],
)
def test_a_check_is_of_the_level_the_workforce_and_recent(
    driver: Driver,
    food_bank: Group,
    excluded: Excluded,
    level: DbsLevel,
    workforce: Workforce,
    issued_on: date,
    reason: str,
) -> None:
    role = factories.opportunity(
        food_bank, dbs_level=DbsLevel.ENHANCED, dbs_workforce=Workforce.ADULT
    )
    shift, person = factories.shift(role, starts_at=TONIGHT), driver()
    factories.save(
        DbsCheck(volunteer_id=person.id, level=level, workforce=workforce, issued_on=issued_on)
    )
    assert excluded(person, shift) == reason


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing.CONFIRMED, "already-in"),
        (Standing.WAITING, "already-in"),
        (Standing.WITHDRAWN, "said-no"),
        (Standing.DECLINED, "said-no"),
        (Standing.EXCUSED, "said-no"),
        (Standing.CANCELLED, ""),
    ],
)
def test_an_earlier_answer_to_this_shift_counts(
    driver: Driver, tonight: Shift, excluded: Excluded, standing: Standing, reason: str
) -> None:
    person = driver()
    factories.signup(tonight, person, standing=standing)
    assert excluded(person, tonight) == reason


def test_a_no_that_a_feature_above_knows_of_counts(
    driver: Driver, tonight: Shift, excluded: Excluded
) -> None:
    person = driver()
    refused = select(Volunteer.id).where(Volunteer.name == person.name)
    assert excluded(person, tonight, refused=refused) == "said-no"


@pytest.mark.parametrize(
    ("hours", "standing", "reason"),
    [
        (1, Standing.CONFIRMED, "clash"),
        (-1, Standing.CONFIRMED, "clash"),
        # Ends that touch are no clash, and who only waits has no place.
        (2, Standing.CONFIRMED, ""),
        (-2, Standing.CONFIRMED, ""),
        (1, Standing.WAITING, ""),
    ],
)
def test_another_shift_at_that_time_is_a_clash(
    driver: Driver,
    tonight: Shift,
    excluded: Excluded,
    hours: int,
    standing: Standing,
    reason: str,
) -> None:
    person = driver()
    beside = factories.shift(starts_at=TONIGHT + timedelta(hours=hours))
    factories.signup(beside, person, standing=standing)
    assert excluded(person, tonight) == reason


@pytest.mark.parametrize(
    ("first", "last", "reason"), [(12, 12, "away"), (1, 20, "away"), (13, 14, ""), (10, 11, "")]
)
def test_dates_away_count_first_and_last_day(
    driver: Driver, tonight: Shift, excluded: Excluded, first: int, last: int, reason: str
) -> None:
    person = driver()
    factories.save(
        DatesAway(
            volunteer_id=person.id, first_day=date(2026, 5, first), last_day=date(2026, 5, last)
        )
    )
    assert excluded(person, tonight) == reason


@pytest.mark.parametrize(
    ("travels", "within", "reason"),
    [(8047, None, ""), (3219, None, "too-far"), (8047, 3219, "too-far"), (3219, 8047, "too-far")],
)
def test_the_distance_is_the_persons_and_may_be_narrowed(
    driver: Driver,
    tonight: Shift,
    excluded: Excluded,
    travels: int,
    within: int | None,
    reason: str,
) -> None:
    # Quorn is nearly three miles from Loughborough.
    person = driver(**factories.position(52.7427, -1.1706), travel_metres=travels)
    assert excluded(person, tonight, within_metres=within) == reason


def test_the_metre_of_the_limit_is_still_within(
    driver: Driver, tonight: Shift, excluded: Excluded
) -> None:
    east = tonight.site.east + 300
    north = tonight.site.north + 400
    assert excluded(driver(east=east, north=north, travel_metres=500), tonight) == ""
    assert excluded(driver(east=east, north=north, travel_metres=499), tonight) == "too-far"


def test_a_weekly_limit_counts_every_groups_asks(
    driver: Driver, tonight: Shift, excluded: Excluded, ask: Callable[..., None]
) -> None:
    person = driver(asks_per_week=2)
    ask(person, days=1)
    assert excluded(person, tonight) == ""
    ask(person, days=2)
    assert excluded(person, tonight) == "asked-often"


def test_an_ask_of_last_week_or_that_never_left_does_not_count(
    driver: Driver, tonight: Shift, excluded: Excluded, ask: Callable[..., None]
) -> None:
    person = driver(asks_per_week=1)
    ask(person, days=7)
    ask(person, days=1, state=State.CANCELLED)
    assert excluded(person, tonight) == ""


def test_setting_the_weekly_limit_aside_leaves_emergencies_only_alone(
    driver: Driver, tonight: Shift, excluded: Excluded, ask: Callable[..., None]
) -> None:
    busy, never = driver(asks_per_week=1), driver(asks_per_week=0)
    ask(busy)
    assert excluded(busy, tonight, ignores_budget=True) == ""
    assert excluded(never, tonight, ignores_budget=True) == "asked-often"
    assert excluded(never, tonight, is_emergency=True) == ""
    assert excluded(busy, tonight, is_emergency=True) == ""


def test_who_was_asked_lately_is_left_out_when_wished(
    driver: Driver, tonight: Shift, excluded: Excluded
) -> None:
    person = driver(last_asked_at=NOW - timedelta(days=3))
    assert excluded(person, tonight, not_asked_days=3) == ""
    assert excluded(person, tonight, not_asked_days=4) == "asked-lately"
    assert excluded(person, tonight) == ""


def test_kinds_of_group_narrow_to_those_who_help_them(
    driver: Driver, tonight: Shift, food_bank: Group, excluded: Excluded
) -> None:
    helper, stranger = driver(), driver()
    factories.known_to(helper, food_bank)
    kinds = [GroupKind.FOOD_BANK.value]
    assert excluded(helper, tonight, group_kinds=kinds) == ""
    assert excluded(stranger, tonight, group_kinds=kinds) == "other-groups"
    assert excluded(helper, tonight, group_kinds=[GroupKind.LIBRARY.value]) == "other-groups"


def test_a_wished_for_skill_is_needed_too(
    driver: Driver, tonight: Shift, excluded: Excluded
) -> None:
    assert excluded(driver(), tonight, also_needs=Skill.FIRST_AID) == "skill"
    both = driver(skills=Skill.DRIVE_CAR | Skill.FIRST_AID)
    assert excluded(both, tonight, also_needs=Skill.FIRST_AID) == ""


def test_the_first_reason_in_the_order_is_told(
    driver: Driver, tonight: Shift, excluded: Excluded
) -> None:
    person = driver(paused_until=date(2026, 6, 1), skills=Skill(0), asks_per_week=0)
    assert excluded(person, tonight) == "paused"


def test_the_clocks_change_does_not_move_free_times(
    driver: Driver, role: Opportunity, excluded: Excluded
) -> None:
    # 17:30 GMT on the Tuesday after the clocks went back is still the evening.
    starts_at = TONIGHT.replace(month=10, day=27, hour=17, minute=30)
    winter = factories.shift(role, starts_at=starts_at)
    assert excluded(driver(free_times=TUESDAY_EVENING), winter) == ""
