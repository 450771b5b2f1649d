"""What the page of parts shows: invented shifts, and the colours with their figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from app import web
from app.foundation import clock
from app.web.palette import PAIRS, contrast, tokens

ZONE: Final = "Europe/London"
_TOKENS: Final = Path(web.__file__).parent / "assets" / "tokens.css"
_LONG: Final = "Bartholomew-Christopher Featherstonehaugh-Cholmondeley of Ashby"


@dataclass(frozen=True)
class Colour:
    """One token, as it is in light and in dark: "#rrggbb"."""

    name: str
    light: str
    dark: str


@dataclass(frozen=True)
class Pair:
    """Two colours that are used together, with how far apart they are and must be."""

    drawn: str
    ground: str
    least: float
    light: float
    dark: float


@cache
def _css() -> str:
    return _TOKENS.read_text(encoding="utf-8")


def colours() -> list[Colour]:
    """Each colour token, in the order of the sheet."""
    light, dark = tokens(_css(), "light"), tokens(_css(), "dark")
    return [Colour(name, value, dark[name]) for name, value in light.items()]


def pairs() -> list[Pair]:
    """Each pair that the tests hold to, with its figures."""
    light, dark = tokens(_css(), "light"), tokens(_css(), "dark")
    return [
        Pair(
            drawn,
            ground,
            least,
            contrast(light[drawn], light[ground]),
            contrast(dark[drawn], dark[ground]),
        )
        for drawn, ground, least in PAIRS
    ]


def _shift(title: str, days: int, confirmed: int, places: int, **more: Any) -> dict[str, Any]:
    start = clock.now().replace(hour=18, minute=30, second=0) + timedelta(days=days)
    return {
        "title": title,
        "href": "#shift_card",
        "group": "Gorse Covert Food Bank",
        "place": "Loughborough",
        "start": start,
        "end": start + timedelta(hours=2),
        "zone": ZONE,
        "confirmed": confirmed,
        "places": places,
        **more,
    }


def shifts() -> list[dict[str, Any]]:
    """Cards of each state: nobody, short, some, full, many, and with long words."""
    return [
        _shift("Food parcel driver", 0, 0, 3, minimum=2, tag="Urgent", tag_colour="red"),
        _shift(
            "Library desk",
            1,
            2,
            4,
            minimum=1,
            miles=2.1,
            reasons=["2.1 miles away", "Free on Tuesday evenings", "Has food hygiene"],
        ),
        _shift("Story time", 5, 3, 3, waiting=2, tag="Full", tag_colour="grey"),
        _shift("Flood wardens", 9, 41, 60, minimum=20),
        _shift(
            "Rhabarberbarbarabarbarbarenbartbarbierbierbar and other long words that people write",
            30,
            1,
            1,
            group=f"The Friends and Neighbours of {_LONG}",
            place="Barton-in-the-Beans with Congerstone and Shackerstone",
        ),
    ]


def steps() -> list[dict[str, Any]]:
    """A timeline with each state."""
    return [
        {"title": "You signed up", "when": "Monday 2 March"},
        {
            "title": "The group met you",
            "when": "Thursday 5 March",
            "href": "#timeline",
            "text": "Laura showed you round.",
            "drawing": "people",
        },
        {"title": "Your DBS check was not found", "state": "trouble", "text": "Bring it again."},
        {"title": "Your first shift", "when": "Tonight, 6:30 to 8:30pm", "state": "now"},
        {"title": "Five shifts given", "state": "ahead", "drawing": "heart"},
    ]
