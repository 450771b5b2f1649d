"""The colours in tokens.css: which are used together, and how far apart they are; pure.

The sum is WCAG 2.2's (1.4.3, 1.4.11): (L1 + 0.05) / (L2 + 0.05), of relative luminance in sRGB.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Mode = Literal["light", "dark"]
TEXT: Final = 4.5
SHAPE: Final = 3.0

_GROUNDS: Final = ("paper", "card", "sand")
_WASHES: Final = ("teal-wash", "plum-wash", "marigold-wash", "red-wash", "green-wash")

# (what is drawn, on what ground, how far apart they must be)
PAIRS: Final[tuple[tuple[str, str, float], ...]] = (
    *(("ink", ground, TEXT) for ground in (*_GROUNDS, *_WASHES)),
    *(("quiet", ground, TEXT) for ground in (*_GROUNDS, *_WASHES)),
    *(("teal", ground, TEXT) for ground in (*_GROUNDS, *_WASHES)),
    *(("teal-deep", ground, TEXT) for ground in (*_GROUNDS, "teal-wash")),
    *(("red", ground, TEXT) for ground in (*_GROUNDS, "red-wash")),
    *(("red-deep", ground, TEXT) for ground in (*_GROUNDS, "red-wash")),
    *(("green", ground, TEXT) for ground in (*_GROUNDS, "green-wash")),
    *(("plum", ground, TEXT) for ground in (*_GROUNDS, "plum-wash")),
    *(("marigold-ink", ground, TEXT) for ground in (*_GROUNDS, "marigold-wash")),
    *(
        ("on-strong", ground, TEXT)
        for ground in ("teal", "teal-deep", "plum", "red", "red-deep", "green")
    ),
    ("on-marigold", "marigold", TEXT),
    *(("edge", ground, SHAPE) for ground in (*_GROUNDS, *_WASHES)),
    *(("ring", ground, SHAPE) for ground in (*_GROUNDS, *_WASHES, "glow")),
    *((f"chart-{number}", "card", SHAPE) for number in range(1, 7)),
    ("ink", "heat-0", TEXT),
    ("ink", "heat-1", TEXT),
    ("ink", "heat-2", TEXT),
    ("on-strong", "heat-4", TEXT),
    ("on-strong", "heat-5", TEXT),
)


def tokens(css: str, mode: Mode) -> dict[str, str]:
    """Each colour "#rrggbb" by its name without "--mh-"; the dark ones lie over the light."""
    light, _, dark = css.partition("prefers-color-scheme: dark")
    found = dict(re.findall(r"--mh-([\w-]+): (#[0-9a-f]{6});", light))
    if mode == "dark":
        found |= dict(re.findall(r"--mh-([\w-]+): (#[0-9a-f]{6});", dark))
    return found


def contrast(one: str, other: str) -> float:
    """How far apart two colours "#rrggbb" are, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
