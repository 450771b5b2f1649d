"""Bars: across for things with names, upright for months; and spans from a quarter to three."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from app.reports.charts.drawing import SMALL, TEXT, Drawn, Element, Size, box, hatch, line, words
from app.reports.charts.drawing import picture as both
from app.reports.rules.scales import ticks, width_of, wrapped

_ROW: Final = 36
_BAR: Final = 22
_PLOT: Final = 200
_GAP: Final = 8
_REST: Final = "+ not shown"
_EDGE: Final = 6  # so that the last name, wider than its column, is not cut


@dataclass(frozen=True)
class Bar:
    """One bar with its name, and what it amounts to in words; None draws the words alone."""

    name: str
    value: float | None
    said: str
    short: str = ""  # the name where there is little room


@dataclass(frozen=True)
class Part:
    """One of the parts that every bar is made of, in the same order."""

    name: str
    style: str  # "solid", "hatched" or "hollow": known without its colour


@dataclass(frozen=True)
class Parted:
    """A bar in parts; None for a part is not told."""

    name: str
    values: Sequence[int | None]
    said: Sequence[str]


def across(label: str, bars: Sequence[Bar]) -> Markup:
    """A bar for each name, the name before it and the amount after it."""
    most = max((bar.value or 0 for bar in bars), default=0)

    def draw(size: Size) -> Drawn:
        names = _room(size, [bar.name for bar in bars])
        amounts = max((width_of(bar.said, TEXT) for bar in bars), default=0) + _GAP
        room = max(40.0, size.width - names - amounts)
        elements: list[Element] = []
        for number, bar in enumerate(bars):
            top = number * _ROW
            elements += _name(bar.name, names, top)
            long = room * (bar.value or 0) / most if most else 0
            if bar.value:
                elements.append(box(names, top + 6, max(long, 1), _BAR, "mh-c1"))
            elements.append(words(names + long + _GAP, top + 6 + 16, bar.said))
        elements.append(line(names, 2, names, len(bars) * _ROW, "mh-axis"))
        return elements, len(bars) * _ROW + 4

    return both(label, draw)


def parted(label: str, parts: Sequence[Part], bars: Sequence[Parted]) -> Markup:
    """A bar in parts for each name, with what the parts are above."""
    most = max((sum(value or 0 for value in bar.values) for bar in bars), default=0)

    def draw(size: Size) -> Drawn:
        names = _room(size, [bar.name for bar in bars])
        rest = width_of(_REST, SMALL) + _GAP if any(None in bar.values for bar in bars) else 2
        room = size.width - names - rest
        elements, top = _legend(parts, size)
        begin = top
        for number, bar in enumerate(bars):
            top = begin + number * _ROW
            elements += _name(bar.name, names, top)
            x = float(names)
            for part, value, said in zip(parts, bar.values, bar.said, strict=True):
                if not value:
                    continue
                long = room * value / most
                elements += _part(part.style, x, top + 6, long)
                if long > width_of(said, SMALL) + 10:
                    elements.append(_on(part.style, said, x + long / 2, top + 6 + 16))
                x += long
            if None in bar.values:
                elements.append(words(x + _GAP / 2, top + 6 + 16, _REST, "mh-quiet", size=SMALL))
        height = begin + len(bars) * _ROW
        elements.append(line(names, begin, names, height, "mh-axis"))
        return elements, height + 4

    return both(label, draw)


def upright(
    label: str,
    bars: Sequence[Bar],
    axis: Callable[[int], str],
    most: float | None = None,
) -> Markup:
    """A column for each month, with lines across at round numbers, said by `axis`."""
    highest = most or max((bar.value or 0 for bar in bars), default=0)
    levels = ticks(highest)

    def draw(size: Size) -> Drawn:
        elements, left, y = _levels(size, levels, axis)
        step = (size.width - _EDGE - left) / max(len(bars), 1)
        wide = min(step * 0.68, 48)
        for number, bar in enumerate(bars):
            middle = left + step * (number + 0.5)
            if bar.value:
                high = y(0) - y(bar.value)
                elements.append(box(middle - wide / 2, y(bar.value), wide, max(high, 1), "mh-c1"))
            if not size.is_narrow and width_of(bar.said, SMALL) < step:
                elements.append(
                    words(middle, y(bar.value or 0) - 6, bar.said, anchor="middle", size=SMALL)
                )
            elements += _below(bar, number, len(bars), middle, step, y(0))
        return elements, y(0) + 26

    return both(label, draw)


@dataclass(frozen=True)
class Span:
    """From a quarter to three quarters, with the middle; nothing where nothing was."""

    name: str
    span: tuple[float, float, float] | None
    said: str
    short: str = ""


def spans(label: str, bars: Sequence[Span], axis: Callable[[int], str]) -> Markup:
    """A block for each month from the lower to the upper quarter, and a bar at the middle."""
    levels = ticks(max((bar.span[2] for bar in bars if bar.span), default=0))

    def draw(size: Size) -> Drawn:
        elements, left, y = _levels(size, levels, axis)
        step = (size.width - _EDGE - left) / max(len(bars), 1)
        wide = min(step * 0.6, 40)
        for number, bar in enumerate(bars):
            middle = left + step * (number + 0.5)
            if bar.span:
                low, half, high = bar.span
                elements += [
                    box(middle - wide / 2, y(high), wide, max(y(low) - y(high), 2), "mh-span"),
                    box(middle - wide / 2 - 2, y(half) - 2, wide + 4, 4, "mh-c1", round_=0),
                ]
                if not size.is_narrow and width_of(bar.said, SMALL) < step:
                    elements.append(
                        words(middle, y(high) - 6, bar.said, anchor="middle", size=SMALL)
                    )
            elements += _below(bar, number, len(bars), middle, step, y(0))
        return elements, y(0) + 26

    return both(label, draw)


def _levels(
    size: Size, levels: Sequence[int], axis: Callable[[int], str]
) -> tuple[list[Element], float, Callable[[float], float]]:
    """The lines across with what they are; where the columns begin; heights to places."""
    left = max(width_of(axis(level), SMALL) for level in levels) + _GAP
    top, highest = 22.0, levels[-1] or 1

    def y(value: float) -> float:
        return top + _PLOT * (1 - value / highest)

    elements: list[Element] = []
    for level in levels:
        elements += [
            line(left, y(level), size.width, y(level), "mh-axis"),
            words(left - 6, y(level) + 4, axis(level), "mh-quiet", anchor="end", size=SMALL),
        ]
    return elements, left, y


def _below(
    bar: Bar | Span, number: int, count: int, middle: float, step: float, base: float
) -> list[Element]:
    """The name under a column; where they would touch, only every second or third."""
    name = bar.short or bar.name
    every = 1
    while width_of(name, SMALL) + 4 > step * every and every < count:
        every += 1
    # Counted from the last, which is the one that people look for.
    if (count - 1 - number) % every:
        return []
    return [words(middle, base + 19, name, "mh-quiet", anchor="middle", size=SMALL)]


def _room(size: Size, names: Sequence[str]) -> int:
    """How wide the names before bars may be."""
    widest = max((width_of(name, TEXT) for name in names), default=0) + _GAP
    return int(min(widest, size.width * (0.4 if size.is_narrow else 0.34))) + 1


def _name(name: str, room: float, top: float) -> list[Element]:
    lines = wrapped(name, TEXT, room - _GAP)
    if len(lines) == 1:
        return [words(room - _GAP, top + 6 + 16, lines[0], anchor="end")]
    return [
        words(room - _GAP, top + 15 + 15 * number, said, anchor="end", size=SMALL)
        for number, said in enumerate(lines)
    ]


def _part(style: str, x: float, y: float, long: float) -> list[Element]:
    if style == "solid":
        return [box(x, y, long - 1, _BAR, "mh-c1")]
    if style == "hatched":
        return [
            box(x, y, long - 1, _BAR, "mh-wash"),
            hatch(x, y, max(long - 1, 0), _BAR, "mh-hatch"),
        ]
    return [box(x + 0.5, y + 0.5, long - 2, _BAR - 1, "mh-hollow")]


def _on(style: str, said: str, x: float, y: float) -> Element:
    """The number on a part: light on what is dark, and with a ground of its own on lines."""
    classes = {"solid": "mh-on-heat", "hatched": "mh-on-hatch"}.get(style, "")
    return words(x, y, said, *([classes] if classes else []), anchor="middle", size=SMALL)


def _legend(parts: Sequence[Part], size: Size) -> tuple[list[Element], float]:
    elements: list[Element] = []
    x, y = 0.0, 0.0
    for part in parts:
        wide = 34 + width_of(part.name, TEXT) + 12
        if x and x + wide > size.width:
            x, y = 0.0, y + 28
        elements += _part(part.style, x, y, 28)
        elements.append(words(x + 36, y + 16, part.name))
        x += wide
    return elements, y + 34
