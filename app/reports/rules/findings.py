"""What a chart shows, in a sentence made from its numbers: pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.reports.rules.filling import Filled, Quartiles
from app.reports.rules.people import ACTIVE_DAYS, Cohort, most_for
from app.reports.rules.suppression import Hidden, Shown
from app.reports.rules.telling import Kind, hours, told, wait

# A time of the week with fewer places than this is too rare to be named first.
ENOUGH_PLACES: Final = 10
_DAYS: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday"),
    *("Friday", "Saturday", "Sunday"),
)


def coverage(parts: Mapping[tuple[int, str], Filled]) -> str:
    """ "Fewest places are filled on Sunday mornings: 62%. Most on Tuesday afternoons: 95%."""
    often = {key: one for key, one in parts.items() if one.places >= ENOUGH_PLACES} or parts
    if not often:
        return ""
    if all(one.filled >= one.places for one in parts.values()):
        return "Every place was filled."

    def share(key: tuple[int, str]) -> tuple[float, int]:
        one = often[key]
        return one.filled / one.places if one.places else 1.0, -one.places

    least, most = min(often, key=share), max(often, key=share)
    sentence = f"Fewest places are filled on {_when(least)}: {often[least].percent}%."
    if most == least or often[most].percent == often[least].percent:
        return sentence
    return f"{sentence} Most on {_when(most)}: {often[most].percent}%."


def _when(key: tuple[int, str]) -> str:
    day, part = key
    return f"{_DAYS[day]} {part}s"


def filled(total: Filled) -> str:
    """ "1,240 of 1,500 places were filled: 83%. 12 of 400 shifts had fewer than they must."""
    if not total.places:
        return ""
    short = total.shifts - total.safe
    sentence = (
        f"{total.filled:,} of {total.places:,} {_s(total.places, 'place')} "
        f"{'was' if total.places == 1 else 'were'} filled: {total.percent}%."
    )
    if not short:
        return f"{sentence} No shift had fewer people than its minimum."
    had = "shift" if total.shifts == 1 else "shifts"
    return f"{sentence} {short:,} of {total.shifts:,} {had} had fewer people than the minimum."


def time_to_fill(times: Quartiles | None) -> str:
    """ "Half of the shifts that filled were full within 3 days, a quarter within 5 hours."""
    if times is None:
        return "No shift was filled to the last place."
    if times.count == 1:
        return f"The one shift that filled was full within {_within(times.median)}."
    return (
        f"Half of the {times.count:,} shifts that filled were full within "
        f"{_within(times.median)}; three in four within {_within(times.upper)}."
    )


def _within(minutes: int) -> str:
    return wait(minutes) if minutes else "a minute"


def given(people: Shown, minutes: int) -> str:
    """ "412 people gave 6,204 hours." """
    if people == 0:
        return ""
    if isinstance(people, Hidden):
        return "Few people gave time in these dates, so we do not show how much."
    return f"{people:,} people gave {hours(minutes)} hours."


def most_of(headings: Mapping[str, int], what: str) -> str:
    """ "Most hours went to food banks: 3,120 of 6,204." of minutes by name, the most first."""
    if len(headings) < 2:
        return ""
    name, most = next(iter(headings.items()))
    return f"Most hours {what} {name}: {hours(most)} of {hours(sum(headings.values()))}."


def joined(cohorts: Mapping[int, Cohort]) -> str:
    """ "Of 120 people who joined, 64 gave time in the last 90 days and 30 have not begun yet."""
    people = sum(one.joined for one in cohorts.values())
    active = sum(one.active for one in cohorts.values())
    lapsing = sum(one.lapsing for one in cohorts.values())
    not_yet = people - active - lapsing
    if not people:
        return ""
    if any(0 < one < 5 for one in (active, lapsing, not_yet)) or people < 5:
        return "Few people joined, so some numbers are not shown."
    return (
        f"Of {people:,} people who joined, {active:,} gave time in the last {ACTIVE_DAYS} days, "
        f"{lapsing:,} did so before that, and {not_yet:,} have not begun yet."
    )


def joined_in_all(people: Shown) -> str:
    """ "780 people joined." where some of the parts are not told."""
    if isinstance(people, Hidden):
        return "Few people joined, so the numbers are not shown."
    return f"{people:,} people joined. Some numbers are small and are not shown."


def asks(times: Mapping[int, int]) -> str:
    """ "Nine in ten of those asked were asked 4 times or fewer." """
    if sum(times.values()) < 5:
        return "Fewer than 5 people were asked." if times else ""
    if set(times) == {1}:
        return "Nobody was asked more than once."
    most = most_for(times, 0.9)
    often = "once" if most == 1 else f"{most} times or fewer"
    return f"Nine in ten of those asked were asked {often}."


def cost(taken: int, texts: int, pence: float) -> str:
    """ "Each place filled by an urgent request took 14.2 texts and £0.59." """
    if not texts:
        return ""
    if not taken:
        return f"{texts:,} {_s(texts, 'text')} left, and no place was filled through them."
    each = told(Kind.POUNDS, pence / taken)
    return f"Each place filled by an urgent request took {texts / taken:,.1f} texts and {each}."


def _s(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"
