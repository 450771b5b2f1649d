"""Nothing of a small number can be learned that its words do not say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.rules.suppression import (
    SMALLEST,
    Hidden,
    Line,
    alone,
    beside,
    line,
    table,
    words,
)

FEW, WITHHELD = Hidden.FEW, Hidden.WITHHELD
numbers = st.lists(st.integers(0, 14), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("people", "shown"),
    [(0, 0), (1, FEW), (4, FEW), (5, 5), (1204, 1204)],
)
def test_a_number_by_itself(people: int, shown: object) -> None:
    assert alone(people) == shown


def test_less_than_nobody_is_a_fault() -> None:
    with pytest.raises(ValueError, match="from nought"):
        alone(-1)


@pytest.mark.parametrize(
    ("people", "shown", "total"),
    [
        ([], [], 0),
        ([0, 0], [0, 0], 0),
        ([20, 30], [20, 30], 50),
        ([3, 30, 12], [FEW, 30, WITHHELD], 45),  # else 45 - 42 is 3
        ([2, 3, 30], [FEW, FEW, 30], 35),  # together five: each may be 1 to 4
        ([4, 4, 30, 12], [FEW, FEW, 30, WITHHELD], 50),  # else both would be known to be 4
        ([1, 1, 30], [FEW, FEW, WITHHELD], 32),
        ([1, 5, 9], [FEW, WITHHELD, WITHHELD], 15),  # with 5 alone hidden, 6 - 5 is 1
        ([1, 2, 1], [FEW, FEW, FEW], FEW),
        ([4, 5], [FEW, WITHHELD], 9),
        ([1, 5], [FEW, WITHHELD], WITHHELD),  # 6 would say 1 and 5
        ([3, 0, 40], [FEW, 0, WITHHELD], 43),
    ],
)
def test_a_line_with_its_sum(people: list[int], shown: list[object], total: object) -> None:
    found = line(people)
    assert (list(found.numbers), found.total) == (shown, total)
    assert found.hides == any(isinstance(one, Hidden) for one in [*shown, total])


def _could_be(shown: Sequence[object], total: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every line that would look the same to a reader who knows what the words mean."""
    ranges = {FEW: range(1, SMALLEST), WITHHELD: range(SMALLEST, most + 1)}
    for guess in itertools.product(
        *(ranges[one] if isinstance(one, Hidden) else [one] for one in shown)
    ):
        if sum(guess) == total:
            yield guess


def _still_open(found: Line, people: Sequence[int]) -> bool:
    """Whether every "fewer than 5" may be any of 1 to 4, tried out one by one."""
    if isinstance(found.total, Hidden):
        return True
    possible = list(_could_be(found.numbers, found.total, sum(people)))
    assert tuple(people) in possible
    return all(
        {guess[place] for guess in possible} == {1, 2, 3, 4}
        for place, one in enumerate(found.numbers)
        if one is FEW
    )


@given(numbers)
def test_what_is_hidden_cannot_be_worked_out(people: list[int]) -> None:
    assert _still_open(line(people), people)


@given(numbers)
def test_only_what_must_is_changed(people: list[int]) -> None:
    found = line(people)
    for one, shown in zip(people, found.numbers, strict=True):
        if 0 < one < SMALLEST:
            assert shown is FEW
        else:
            assert shown == one or (shown is WITHHELD and one >= SMALLEST)
    if all(one == 0 or one >= SMALLEST for one in people):
        assert not found.hides


@given(numbers)
def test_what_is_missing_stands_for_five_people_or_more(people: list[int]) -> None:
    found = line(people)
    told = sum(one for one in found.numbers if isinstance(one, int))
    if not isinstance(found.total, Hidden) and told != found.total:
        assert found.total - told >= SMALLEST


@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=1, max_size=3))
def test_a_table_with_the_sums_of_its_rows(rows: list[list[int]]) -> None:
    lines, total = table(rows)
    sums = line([sum(row) for row in rows])
    assert [one.total for one in lines] == list(sums.numbers)
    assert total == sums.total
    for row, one in zip(rows, lines, strict=True):
        if isinstance(one.total, Hidden):
            assert all(isinstance(shown, Hidden) or shown == 0 for shown in one.numbers)
        elif any(0 < person < SMALLEST for person in row):
            hidden = [shown for shown in one.numbers if isinstance(shown, Hidden)]
            # Told by another name, or open: no small number is left alone with its sum.
            assert set(hidden) == {WITHHELD} or _still_open(one, row)
            assert len(hidden) > 1
        for person, shown in zip(row, one.numbers, strict=True):
            assert isinstance(shown, Hidden) or shown == person
            assert not (0 < person < SMALLEST and isinstance(shown, int))


def test_a_row_that_cannot_be_told_in_parts() -> None:
    lines, total = table([[1, 5, 0], [10, 10, 10]])
    assert lines[0] == Line((WITHHELD, WITHHELD, 0), 6)
    assert total == 36


def test_what_few_people_did_is_not_told_either() -> None:
    assert beside(FEW, 480) is WITHHELD
    assert beside(WITHHELD, 480) is WITHHELD
    assert beside(7, 480) == 480


def test_words() -> None:
    assert [words(one) for one in (0, 1204, FEW, WITHHELD)] == [
        "0",
        "1,204",
        "fewer than 5",
        "not shown",
    ]
