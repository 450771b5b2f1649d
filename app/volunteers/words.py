"""How this feature's pages say things; given to its templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import current_app, url_for

from app.foundation.sentences import gettext
from app.volunteers import queries
from app.volunteers.models import DatesAway
from app.web.filters import spoken_day


def in_words(things: Sequence[str]) -> str:
    """ "this", "this and that", "this, that and the other"."""
    if len(things) < 2:
        return "".join(things)
    return gettext("%(first)s and %(last)s", first=", ".join(things[:-1]), last=things[-1])


def stretch(row: DatesAway) -> str:
    """ "Saturday 5 December", "Saturday 5 December to Monday 7 December"."""
    zone = current_app.config["TIMEZONE"]
    first, last = spoken_day(row.first_day, zone), spoken_day(row.last_day, zone)
    return first if first == last else gettext("%(first)s to %(last)s", first=first, last=last)


def away_in_words(rows: Sequence[DatesAway]) -> str:
    return "; ".join(stretch(row) for row in rows) or gettext("None")


def rows(
    parts: Mapping[str, tuple[str, str]], slugs: Sequence[str]
) -> list[tuple[str, str, tuple[str, str]]]:
    """Rows of a summary list, each with the link to the page that changes it."""
    return [
        (
            parts[slug][0],
            parts[slug][1] or gettext("Not told yet"),
            (
                gettext("Change") if parts[slug][1] else gettext("Add"),
                url_for("volunteers.change", slug=slug),
            ),
        )
        for slug in slugs
    ]


def column_rows(columns: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [[heading, meaning or "Nothing: left out"] for heading, meaning in columns]


def endpoints() -> set[str]:
    """The pages that this app has; some belong to features above."""
    return set(current_app.view_functions)


def for_templates() -> dict[str, object]:
    """What every page of this feature can call."""
    return {
        "in_words": in_words,
        "stretch": stretch,
        "away_in_words": away_in_words,
        "rows": rows,
        "column_rows": column_rows,
        "endpoints": endpoints,
        "today": queries.today(),
    }
