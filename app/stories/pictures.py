"""A photograph as it comes from a phone becomes two JPEGs that are safe to show.

What a file is, is found by decoding it, never by its name. It is always written anew:
the camera's notes (where it was taken, with what, by whom), thumbnails and anything
hidden in the file stay behind.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from app.foundation.errors import Refusal

MOST_BYTES: Final = 7 * 1024 * 1024  # the whole form may have 8 MB
MOST_PIXELS: Final = 50_000_000  # a phone's camera has 12 to 50 million
LEAST_SIDE: Final = 200
_LARGE: Final = 1600  # the longer side; 13 cm across at 300 dots per inch
_SMALL: Final = 720
_KINDS: Final = ("JPEG", "PNG", "WEBP")  # a JPEG with a second one behind it is read as well
_TOO_MANY_PIXELS: Final = "This picture has too many pixels. Save a smaller copy."
_NOT_A_PICTURE: Final = (
    "We cannot read this as a photograph. Choose a JPEG, PNG or WebP file. "
    "On an iPhone, share the photo as “Most Compatible”."
)


@dataclass(frozen=True)
class Picture:
    """Two sizes of one picture as JPEG, in sRGB, without any metadata."""

    large: bytes
    small: bytes
    width: int
    height: int
    small_width: int
    small_height: int
    digest: str


def read(data: bytes) -> Picture:
    """Decode what was uploaded and write it anew.

    Raises `Refusal` beside `photograph` for what is no picture, is too large in bytes or
    pixels (a small file can claim to be a gigantic picture), or too small to print. The
    size that a file claims is looked at before any of it is decoded.
    """
    if len(data) > MOST_BYTES:
        raise Refusal("This file is larger than 7 MB. Choose a smaller one.", "photograph")
    try:
        with warnings.catch_warnings():
            # Pillow warns of what it takes for a bomb; our own limit is lower and refuses.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_KINDS) as opened:
                _refuse_size(*opened.size)
                opened.draft("RGB", (_LARGE, _LARGE))  # a JPEG is decoded no larger than needed
                opened.load()
                upright = ImageOps.exif_transpose(opened)
                large = _plain(upright)
    except Refusal:
        raise
    except Image.DecompressionBombError as bomb:
        raise Refusal(_TOO_MANY_PIXELS, "photograph") from bomb
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
    ) as fault:
        raise Refusal(_NOT_A_PICTURE, "photograph") from fault
    large.thumbnail((_LARGE, _LARGE), Image.Resampling.LANCZOS)
    small = large.copy()
    small.thumbnail((_SMALL, _SMALL), Image.Resampling.LANCZOS)
    written = _jpeg(large, 84)
    return Picture(
        large=written,
        small=_jpeg(small, 76),
        width=large.width,
        height=large.height,
        small_width=small.width,
        small_height=small.height,
        digest=hashlib.sha256(written).hexdigest()[:16],
    )


def _refuse_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise Refusal(_TOO_MANY_PIXELS, "photograph")
    if min(width, height) < LEAST_SIDE:
        raise Refusal(
            f"This picture is too small to print. It needs {LEAST_SIDE} pixels on each side.",
            "photograph",
        )


def _plain(picture: Image.Image) -> Image.Image:
    """RGB as screens show it, on white where it was see-through."""
    profile = picture.info.get("icc_profile")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        plain = Image.alpha_composite(ground, seen).convert("RGB")
    elif profile and picture.mode == "RGB":
        plain = _in_srgb(picture, profile)
    else:
        plain = picture.convert("RGB")
    plain.info.clear()
    return plain


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """The colours that the camera's profile means; one that cannot be read changes nothing."""
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(picture, meant, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return picture.copy()
    return changed or picture.copy()


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
