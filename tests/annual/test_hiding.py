"""What is hidden cannot be had by subtraction, in no table; and no more is hidden than needed."""

from __future__ import annotations

from collections import defaultdict

import numpy
from hypothesis import given
from hypothesis import strategies as st

from app.annual.rules.hiding import Placed, Veil, veil
from app.reports.rules.suppression import SMALLEST

COUNTIES = st.lists(
    st.builds(
        Placed,
        kind=st.sampled_from(["library", "food-bank", "response"]),
        district=st.sampled_from(["Blaby", "Melton", "Charnwood", "Harborough"]),
        people=st.integers(0, 14),
    ),
    max_size=18,
)


def sums(placed: list[Placed], axis: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(placed):
        if one.people:
            found[getattr(one, axis)].append(place)
    return found


@given(COUNTIES)
def test_nobody_learns_a_hidden_figure_by_subtraction(placed: list[Placed]) -> None:
    found = veil(placed)
    for axis, gone in (("kind", found.kinds), ("district", found.districts)):
        for name, members in sums(placed, axis).items():
            hidden = [place for place in members if place in found.groups]
            if name in gone:
                # Not even by adding up all of its groups.
                assert hidden
            elif hidden:
                assert len(hidden) > 1
                assert sum(placed[place].people for place in hidden) >= SMALLEST
        if gone and not found.all:
            assert len(gone) > 1


@given(COUNTIES)
def test_no_small_group_follows_from_the_sums_of_both_tables_together(
    placed: list[Placed],
) -> None:
    """Each sum that is told is an equation; no small group's number is a mix of them."""
    found = veil(placed)
    if found.all:
        return
    equations = [[1.0 if one.people else 0.0 for one in placed]]
    for axis, gone in (("kind", found.kinds), ("district", found.districts)):
        equations += [
            [1.0 if place in members else 0.0 for place in range(len(placed))]
            for name, members in sums(placed, axis).items()
            if name not in gone
        ]
    equations += [
        [float(place == other) for other in range(len(placed))]
        for place in range(len(placed))
        if place not in found.groups
    ]
    known = numpy.linalg.matrix_rank(numpy.array(equations)) if placed else 0
    for place, one in enumerate(placed):
        if 0 < one.people < SMALLEST:
            asked = [float(place == other) for other in range(len(placed))]
            assert numpy.linalg.matrix_rank(numpy.array([*equations, asked])) > known


@given(COUNTIES)
def test_whatever_is_small_is_hidden(placed: list[Placed]) -> None:
    found = veil(placed)
    for place, one in enumerate(placed):
        if 0 < one.people < SMALLEST:
            assert place in found.groups
    for axis, gone in (("kind", found.kinds), ("district", found.districts)):
        for name, members in sums(placed, axis).items():
            if sum(placed[place].people for place in members) < SMALLEST:
                assert name in gone


@given(st.lists(st.integers(SMALLEST, 30), max_size=9))
def test_nothing_is_hidden_where_nothing_is_small(people: list[int]) -> None:
    placed = [Placed("library", "Blaby", one) for one in people]
    assert veil(placed) == Veil(frozenset(), frozenset(), frozenset(), False)


def test_a_small_group_takes_the_smallest_of_its_kind_and_of_its_district_along() -> None:
    placed = [
        Placed("library", "Blaby", 3),
        Placed("library", "Melton", 9),
        Placed("library", "Melton", 30),
        Placed("food-bank", "Blaby", 12),
        Placed("food-bank", "Melton", 40),
        Placed("food-bank", "Blaby", 50),
    ]
    # 3 alone would be the libraries less two others, and Blaby less two others; and so on
    # around the square: each kind and each district keeps two of its groups to itself.
    assert veil(placed).groups == {0, 1, 3, 4}
    assert not veil(placed).kinds
    assert not veil(placed).districts
