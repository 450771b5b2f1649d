"""The pen: the only file that knows the drawing library.

A drawing stands in the page itself, so that its colours are the page's (light, dark,
forced, on paper) by class, and its letters are the page's type. The security policy
refuses style in an attribute; here are only presentation attributes. The library does
not escape what it is given: words pass through `_safe`, classes are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import svg
from markupsafe import Markup, escape

Element = svg.Element
Anchor = Literal["start", "middle", "end"]

# Letters of this many units are as large on the page: see `Size`.
TEXT: Final = 14
SMALL: Final = 13


@dataclass(frozen=True)
class Size:
    """For which screen a drawing is made; its units are the page's pixels, or nearly.

    Each drawing is made twice, and the style sheet shows the one that fits. One drawing
    for all would shrink on a phone to letters that nobody can read.
    """

    name: Literal["narrow", "wide"]
    width: int

    @property
    def is_narrow(self) -> bool:
        return self.name == "narrow"


NARROW: Final = Size("narrow", 300)
WIDE: Final = Size("wide", 720)

# What a drawing is made of, and how high it came to be.
Drawn = tuple[Sequence[Element], float]


def picture(label: str, draw: Callable[[Size], Drawn]) -> Markup:
    """Both sizes of a drawing, each of which a screen reader calls by the label."""
    return Markup("").join(_picture(label, size, *draw(size)) for size in (NARROW, WIDE))


def _picture(label: str, size: Size, elements: Sequence[Element], height: float) -> Markup:
    drawn = svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, size.width, _round(height)),
        class_=["mh-drawn", f"mh-drawn--{size.name}"],
        extra={"role": "img", "aria-label": str(escape(label)), "focusable": "false"},
        elements=list(elements),
    )
    return Markup(str(drawn))


def _safe(words: str) -> str:
    return str(escape(words))


def _round(number: float) -> float:
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def words(
    x: float,
    y: float,
    said: str,
    *classes: str,
    anchor: Anchor = "start",
    size: int = TEXT,
    bold: bool = False,
) -> Element:
    """A line of words; `y` is where the letters stand."""
    return svg.Text(
        x=_round(x),
        y=_round(y),
        text=_safe(said),
        text_anchor=anchor,
        font_size=size,
        font_weight="700" if bold else None,
        class_=list(classes) or None,
    )


def box(x: float, y: float, width: float, height: float, *classes: str, round_: int = 2) -> Element:
    """A rectangle with slightly rounded corners."""
    return svg.Rect(
        x=_round(x),
        y=_round(y),
        width=_round(max(width, 0)),
        height=_round(max(height, 0)),
        rx=round_ or None,
        class_=list(classes),
    )


def line(x1: float, y1: float, x2: float, y2: float, *classes: str) -> Element:
    """A straight line."""
    return svg.Line(
        x1=_round(x1), y1=_round(y1), x2=_round(x2), y2=_round(y2), class_=list(classes)
    )


def hatch(x: float, y: float, width: float, height: float, *classes: str) -> Element:
    """Slanting lines over a rectangle, so that it is known without its colour."""
    steps: list[Any] = []
    gap, right, bottom = 6.0, x + width, y + height
    start = x - height
    while start < right:
        # From (start, bottom) up to (start + height, y), as far as it lies within.
        left_x = max(start, x)
        right_x = min(start + height, right)
        if right_x > left_x:
            steps.append(svg.M(_round(left_x), _round(bottom - (left_x - start))))
            steps.append(svg.L(_round(right_x), _round(bottom - (right_x - start))))
        start += gap
    return svg.Path(d=steps, fill="none", stroke_width=1.5, class_=list(classes))
