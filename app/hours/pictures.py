"""The year at a glance: a bar for each month, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import format_date
from markupsafe import Markup

from app.hours.rules import Month

# In the drawing's own units: about a pixel each on a phone.
WIDTH = 280
_ROW = 28
_LEFT = 46  # the names of the months
_RIGHT = 44  # the hours beside the longest bar
_BAR = 16


def month_name(day: date) -> str:
    """ "November 2026", in the reader's language."""
    return str(format_date(day, "LLLL yyyy"))


def in_hours(minutes: int) -> str:
    """ "12", "1.5": hours, to a tenth."""
    return f"{minutes / 60:.1f}".removesuffix(".0")


def months(year: Sequence[Month]) -> Markup:
    """A bar for each month with its hours beside it; the table beside it says the same."""
    most = max((one.minutes for one in year), default=0) or 1
    room = WIDTH - _LEFT - _RIGHT
    rows = []
    for number, one in enumerate(year):
        top = number * _ROW
        length = round(room * one.minutes / most, 1)
        middle = top + _BAR - 1
        bar = (
            Markup('<rect class="mh-c1" x="{}" y="{}" width="{}" height="{}" rx="3"/>').format(
                _LEFT, top + 2, max(length, 2), _BAR
            )
            if one.minutes
            else Markup('<path class="mh-axis" d="M{} {}h10"/>').format(_LEFT, top + 10)
        )
        said = Markup('<text x="{}" y="{}" font-size="14">{}</text>').format(
            _LEFT + length + 6, middle, in_hours(one.minutes) if one.minutes else ""
        )
        rows.append(
            Markup('<text class="mh-quiet" x="0" y="{}" font-size="14">{}</text>{}{}').format(
                middle, format_date(one.first_day, "LLL"), bar, said
            )
        )
    return Markup(
        '<svg class="mh-hours" viewBox="0 0 {} {}" aria-hidden="true" focusable="false">{}</svg>'
    ).format(WIDTH, _ROW * len(year), Markup("").join(rows))
