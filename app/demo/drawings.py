"""Pictures for the demo's stories, drawn here: nobody is to be seen in them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw

SIZE: Final = (1200, 800)
_FINE: Final = 2  # drawn so many times larger, then made smaller, so that edges are smooth
Draw = ImageDraw.ImageDraw


def library() -> bytes:
    """A small library at dusk with its windows lit."""
    return _drawn("#2d3560", _library)


def parcels() -> bytes:
    """Shelves with tins and boxes, and a parcel on the table."""
    return _drawn("#f6ecdc", _parcels)


def river() -> bytes:
    """A river close to its banks, sandbags before a row of houses."""
    return _drawn("#c9dfe6", _river)


def _drawn(ground: str, draw: Callable[[Draw], None]) -> bytes:
    picture = Image.new("RGB", (SIZE[0] * _FINE, SIZE[1] * _FINE), ground)
    draw(ImageDraw.Draw(picture))
    out = io.BytesIO()
    picture.resize(SIZE, Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def _at(*numbers: float) -> list[float]:
    return [number * _FINE for number in numbers]


def _library(draw: Draw) -> None:
    draw.ellipse(_at(930, 90, 1030, 190), fill="#f7e3a1")
    for x, y in ((120, 90), (260, 180), (420, 70), (610, 130), (760, 60), (1080, 260)):
        draw.ellipse(_at(x, y, x + 6, y + 6), fill="#f7e3a1")
    draw.rectangle(_at(0, 660, 1200, 800), fill="#1d2547")
    draw.rectangle(_at(210, 330, 990, 680), fill="#8a4b3c")
    draw.polygon(_at(160, 340, 600, 150, 1040, 340), fill="#5c2f2a")
    for x in (260, 420, 690, 850):
        draw.rectangle(_at(x, 390, x + 110, 540), fill="#ffd98a")
        for shelf in (430, 480, 530):
            draw.rectangle(_at(x, shelf, x + 110, shelf + 6), fill="#a8661f")
            for n, colour in enumerate(("#b3261e", "#0b5f62", "#7a3570", "#1b6b47", "#6f4300")):
                left = x + 8 + n * 20
                draw.rectangle(_at(left, shelf - 30 + n % 3 * 5, left + 13, shelf), fill=colour)
        draw.rectangle(_at(x + 53, 390, x + 57, 540), fill="#5c2f2a")
    draw.rectangle(_at(548, 470, 652, 680), fill="#ffe6ad")
    draw.rectangle(_at(560, 482, 640, 680), fill="#0b5f62")
    draw.ellipse(_at(622, 575, 634, 587), fill="#ffd98a")
    draw.polygon(_at(548, 680, 652, 680, 760, 800, 440, 800), fill="#4c4a5c")
    draw.ellipse(_at(80, 480, 200, 680), fill="#24513f")
    draw.ellipse(_at(1010, 500, 1130, 690), fill="#24513f")


def _parcels(draw: Draw) -> None:
    tins = ("#b3261e", "#0b5f62", "#f2a51f", "#7a3570", "#1b6b47")
    for row, y in enumerate((150, 320)):
        draw.rectangle(_at(80, y + 110, 1120, y + 128), fill="#a8661f")
        for n in range(13):
            x = 100 + n * 78
            colour = tins[(n * 2 + row) % 5]
            if (n + row) % 4 == 3:
                draw.rectangle(_at(x, y - 10, x + 64, y + 110), fill="#d9b98c")
                draw.rectangle(_at(x, y + 30, x + 64, y + 60), fill=colour)
                continue
            draw.rounded_rectangle(_at(x, y + 20, x + 58, y + 110), 10 * _FINE, fill=colour)
            draw.rectangle(_at(x, y + 48, x + 58, y + 84), fill="#fdf8f0")
            draw.ellipse(_at(x + 18, y + 54, x + 40, y + 78), fill=colour)
    draw.rectangle(_at(0, 660, 1200, 800), fill="#8a5a2b")
    draw.rectangle(_at(0, 650, 1200, 672), fill="#a8703a")
    draw.polygon(_at(400, 560, 800, 560, 760, 740, 440, 740), fill="#d9a866")
    draw.polygon(_at(400, 560, 470, 500, 520, 560), fill="#c08f4e")
    draw.polygon(_at(800, 560, 730, 500, 680, 560), fill="#c08f4e")
    draw.ellipse(_at(470, 480, 560, 570), fill="#b3261e")
    draw.rounded_rectangle(_at(575, 455, 640, 570), 12 * _FINE, fill="#fdf8f0")
    draw.ellipse(_at(650, 470, 735, 565), fill="#f2a51f")
    draw.polygon(_at(400, 560, 800, 560, 795, 585, 405, 585), fill="#e8bd80")
    # The mark of the parcel: a heart.
    draw.ellipse(_at(560, 620, 604, 664), fill="#7a3570")
    draw.ellipse(_at(596, 620, 640, 664), fill="#7a3570")
    draw.polygon(_at(564, 652, 636, 652, 600, 700), fill="#7a3570")


def _river(draw: Draw) -> None:
    for x, y in ((60, 70), (420, 40), (820, 90)):
        for dx, size in ((0, 90), (70, 130), (160, 100)):
            draw.ellipse(_at(x + dx, y, x + dx + size * 1.6, y + size), fill="#a9c2cb")
    for n, (colour, roof) in enumerate(
        (
            ("#c98b6b", "#6b3a2e"),
            ("#e3d5c1", "#5d5164"),
            ("#b96f57", "#4a2a22"),
            ("#d8c3a0", "#6b3a2e"),
        )
    ):
        x = 90 + n * 265
        draw.rectangle(_at(x, 260, x + 210, 470), fill=colour)
        draw.polygon(_at(x - 20, 265, x + 105, 165, x + 230, 265), fill=roof)
        draw.rectangle(_at(x + 85, 370, x + 130, 470), fill="#0b5f62" if n % 2 else "#7a3570")
        for dx in (25, 145):
            draw.rectangle(_at(x + dx, 300, x + dx + 42, 345), fill="#fff0d0")
    draw.rectangle(_at(0, 470, 1200, 560), fill="#6f8f5a")
    for row in range(3):
        for n in range(17 - row):
            x = 30 + n * 68 + row * 34
            y = 520 - row * 30
            draw.rounded_rectangle(
                _at(x, y, x + 64, y + 34), 14 * _FINE, fill="#cbb283", outline="#8d7546", width=4
            )
    draw.rectangle(_at(0, 556, 1200, 800), fill="#5e8797")
    for n in range(11):
        y = 580 + n * 20
        x = (n * 190) % 500 - 60
        for step in range(4):
            draw.arc(
                _at(x + step * 330, y, x + step * 330 + 150, y + 26),
                200,
                340,
                fill="#8fb2be",
                width=8,
            )
