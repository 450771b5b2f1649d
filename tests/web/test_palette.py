"""Colours that are used together can be told apart, in light and in dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.web import palette
from app.web.palette import PAIRS, Mode, contrast, tokens

CSS = (Path(palette.__file__).parent / "assets" / "tokens.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("one", "other", "figure"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),  # the lightest grey that text may have on white
        ("#777777", "#ffffff", 4.48),
    ],
)
def test_the_sum_is_that_of_the_guidelines(one: str, other: str, figure: float) -> None:
    assert contrast(one, other) == pytest.approx(figure, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("drawn", "ground", "least"), PAIRS)
def test_what_is_drawn_stands_off_its_ground(
    mode: Mode, drawn: str, ground: str, least: float
) -> None:
    colours = tokens(CSS, mode)
    assert contrast(colours[drawn], colours[ground]) >= least


def test_dark_has_a_colour_of_its_own_for_each_that_light_has() -> None:
    light, dark = tokens(CSS, "light"), tokens(CSS, "dark")
    shared = {name for name in light if light[name] == dark[name]}
    assert shared == {"on-marigold"}
