"""The week as a table of hours and days, darker where more places are filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from app.reports.charts.drawing import SMALL, TEXT, Drawn, Element, Size, box, words
from app.reports.charts.drawing import picture as both
from app.reports.rules.scales import width_of
from app.reports.rules.telling import hour

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# From so many percent on, this shade; the number stands in each, so that none is by colour alone.
BANDS: Final = (
    (95, 5, "95% and over"),
    (85, 4, "85 to 94%"),
    (70, 2, "70 to 84%"),
    (0, 0, "under 70%"),
)
_ON_DARK: Final = (4, 5)


def shade(percent: int) -> int:
    """The step of the scale of shades for a share."""
    return next(step for least, step, _ in BANDS if percent >= least)


def week(label: str, cells: Mapping[tuple[int, int], int], hours: Sequence[int]) -> Markup:
    """Percent by (weekday, hour), Monday being 0; a time without any shift stays empty."""

    def draw(size: Size) -> Drawn:
        left, row = (50, 28) if size.is_narrow else (78, 32)
        step = (size.width - left) / 7
        elements, top = _legend(size)
        for day, name in enumerate(DAYS):
            middle = left + step * (day + 0.5)
            elements.append(words(middle, top + 14, name, anchor="middle", bold=True))
        top += 22
        for number, at in enumerate(hours):
            y = top + number * row
            elements.append(
                words(left - 6, y + row / 2 + 4, _hour(at, size), anchor="end", size=SMALL)
            )
            for day in range(7):
                percent = cells.get((day, at))
                if percent is not None:
                    elements += _cell(left + step * day, y, step, row, percent)
        return elements, top + len(hours) * row + 2

    return both(label, draw)


def _hour(number: int, size: Size) -> str:
    return "12am" if size.is_narrow and number == 0 else hour(number)


def _cell(x: float, y: float, wide: float, high: float, percent: int) -> list[Element]:
    step = shade(percent)
    thin = step == 0
    said = "full" if percent >= 100 else f"{percent}%"
    return [
        box(
            x + 1,
            y + 1,
            wide - 2,
            high - 2,
            f"mh-heat-{step}",
            *(["mh-thin-cell"] if thin else []),
            round_=4,
        ),
        words(
            x + wide / 2,
            y + high / 2 + 5,
            said,
            *(["mh-on-heat"] if step in _ON_DARK else []),
            anchor="middle",
            size=SMALL,
            bold=thin,
        ),
    ]


def _legend(size: Size) -> tuple[list[Element], float]:
    elements: list[Element] = []
    x, y = 0.0, 0.0
    for _least, step, name in reversed(BANDS):
        wide = 30 + width_of(name, TEXT) + 14
        if x and x + wide > size.width:
            x, y = 0.0, y + 28
        thin = ["mh-thin-cell"] if step == 0 else []
        elements += [
            box(x + 1, y + 1, 22, 20, f"mh-heat-{step}", *thin, round_=4),
            words(x + 30, y + 16, name),
        ]
        x += wide
    return elements, y + 34
