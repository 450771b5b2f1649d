"""What becomes of an uploaded file: a plain JPEG, or a sentence."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.foundation.errors import Refusal
from app.stories import pictures
from tests.stories import made


def test_nothing_of_the_cameras_notes_is_left_and_the_picture_stands_upright() -> None:
    data = made.with_notes()
    assert b"Secret Camera Maker" in data
    picture = pictures.read(data)
    assert (picture.width, picture.height) == (600, 900)
    for written in (picture.large, picture.small):
        assert b"Secret" not in written
        assert b"Exif" not in written
        opened = Image.open(io.BytesIO(written))
        assert opened.format == "JPEG"
        assert not opened.getexif()
        assert "icc_profile" not in opened.info
        red, _, blue = opened.getpixel((opened.width // 2, 5))
        assert red > 150 > blue  # what was left is above: it was turned, not only freed of notes


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_kinds_become_jpeg(kind: str) -> None:
    assert pictures.read(made.photo(kind=kind)).large.startswith(b"\xff\xd8")


def test_a_large_picture_is_made_smaller_and_keeps_its_shape() -> None:
    picture = pictures.read(made.photo((4000, 2000)))
    assert (picture.width, picture.height) == (1600, 800)
    assert (picture.small_width, picture.small_height) == (720, 360)


def test_what_is_see_through_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(out, "PNG")
    shown = Image.open(io.BytesIO(pictures.read(out.getvalue()).large))
    assert shown.getpixel((150, 150)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "cannot read"),
        (b"GIF89a" + b"\0" * 100, "cannot read"),
        (made.photo()[:2000], "cannot read"),
        (b"", "cannot read"),
        (made.bomb(), "too many pixels"),
        (made.photo((100, 900)), "too small"),
        (b"\xff\xd8" + b"\0" * pictures.MOST_BYTES, "larger than 7 MB"),
    ],
    ids=["svg", "gif", "cut off", "empty", "bomb", "small", "heavy"],
)
def test_what_cannot_be_used_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=says) as refused:
        pictures.read(data)
    assert refused.value.field == "photograph"
