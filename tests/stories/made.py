"""Pictures as cameras and strangers make them, and a story to put them into."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageDraw

from app.accounts.models import User
from app.foundation import clock
from app.groups.models import Group
from app.stories import service
from app.stories.models import CaseStudy

BODY = (
    "The library was to close at five. People who work could not come, and children had nowhere "
    "to read.\n\nEleven neighbours took turns at the desk. Now the lights are on until eight, "
    "three evenings a week, and the homework table is never empty."
)


def photo(size: tuple[int, int] = (900, 600), kind: str = "JPEG", **more: object) -> bytes:
    """A picture with a left half in red and a right half in blue."""
    picture = Image.new("RGB", size, "#c01010")
    ImageDraw.Draw(picture).rectangle((size[0] // 2, 0, *size), fill="#1010c0")
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def with_notes() -> bytes:
    """A JPEG as a phone saves it lying on its side, with the place where it was taken."""
    notes = Image.Exif()
    notes[0x0112] = 6  # turn it by a quarter
    notes[0x010F] = "Secret Camera Maker"
    place = notes.get_ifd(0x8825)
    place[1], place[2] = "N", (52.0, 46.0, 13.0)
    return photo(exif=notes)


def bomb() -> bytes:
    """A PNG of a few hundred bytes that claims 60,000 by 60,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def draft(group: Group, by: User, **said: object) -> CaseStudy:
    words: dict[str, object] = {
        "title": "A library that stays open late",
        "summary": "Eleven neighbours keep the lights on three evenings a week.",
        "body": BODY,
        "quotation": "I read to my girl here",
        "quotation_by": "A father",
        "quotation_agreed": True,
    }
    return service.write(group.id, by.id, None, **(words | said))  # type: ignore[arg-type]


def published(
    group: Group, by: User, *, for_web: bool = True, for_print: bool = True, **said: object
) -> CaseStudy:
    """A story that everybody may read, with its photograph."""
    study = draft(group, by, **said)
    service.set_photograph(
        group.id,
        study.id,
        photo(),
        alt="A red half and a blue half",
        consent_by="Joan Reader",
        consent_on=clock.today("Europe/London"),
        for_web=for_web,
        for_print=for_print,
    )
    service.offer(group.id, study.id)
    service.publish(study.id, by.id)
    return study
