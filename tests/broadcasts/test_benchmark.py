"""The benchmark of waves: its worlds are the same for every way of asking, and its aims are met."""

from __future__ import annotations

import random

import pytest

from benchmarks import waves


@pytest.fixture(scope="module")
def rows() -> list[waves.Row]:
    return waves.play(200, seed=11)


def test_the_same_seed_plays_the_same_worlds(rows: list[waves.Row]) -> None:
    assert [row.results for row in waves.play(200, seed=11)] == [row.results for row in rows]
    assert [row.texts for row in waves.play(200, seed=12)] != [row.texts for row in rows]


def test_nobody_is_asked_twice_and_no_place_is_taken_twice(rows: list[waves.Row]) -> None:
    rng = random.Random(11)
    worlds = [waves.draw(rng) for _ in range(200)]
    for row in rows:
        for world, result in zip(worlds, row.results, strict=True):
            assert 0 < result.texts <= len(world.answers)
            assert result.held <= world.places
    everybody = rows[1]
    assert [one.texts for one in everybody.results] == [len(world.answers) for world in worlds]


def test_every_aim_is_met_and_a_miss_would_be_told(rows: list[waves.Row]) -> None:
    assert waves.missed(rows) == []
    ours, everybody, *schemes = rows
    assert len(waves.missed([everybody, ours, *schemes])) > 2


def test_the_worlds_are_as_wide_as_they_are_said_to_be() -> None:
    rng = random.Random(5)
    worlds = [waves.draw(rng) for _ in range(600)]
    sizes = [len(world.answers) for world in worlds]
    assert min(sizes) < 25
    assert max(sizes) > 1800
    assert {world.places for world in worlds} == set(range(1, 13))
    assert min(world.minutes for world in worlds) < 70
    assert max(world.minutes for world in worlds) > 1300
    wrong = []
    for world in worlds:
        yes = sum(1 for one in world.answers if one is not None and one.is_yes)
        if yes > 50:
            wrong.append(sum(world.believed) / yes)
    assert min(wrong) < 0.6
    assert max(wrong) > 1.6
