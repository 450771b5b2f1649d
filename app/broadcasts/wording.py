"""What a text takes as it is typed, and the plainer words that would take less: pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from app.messaging.rules import opting_out, segments
from app.messaging.rules.segments import SegmentCount


@dataclass(frozen=True)
class Counted:
    """A text with its count, and a plain version where one takes fewer texts or is safer.

    `told` is what it takes with the sentence that tells how to stop, which is added the
    first time and every thirty days; nothing where the text says so by itself.
    """

    text: str
    count: SegmentCount
    plain: str | None
    told: SegmentCount | None

    @property
    def most(self) -> int:
        """How many texts it takes for each person at most."""
        return (self.told or self.count).segments

    @property
    def forcing(self) -> str:
        """The characters that force the short texts, apart from each other, to be shown."""
        return " ".join(self.count.forcing[:12])


def counted(text: str) -> Counted:
    """Count a text as it was typed in a form, and find its plain version if it has one."""
    typed = text.replace("\r\n", "\n").strip()
    count = segments.count(typed)
    plainer = plainest(typed) if count.forcing else None
    told = told_count(typed) if typed else None
    return Counted(typed, count, plainer if plainer != typed else None, told)


def told_count(text: str) -> SegmentCount | None:
    """What a text takes once how to stop is added; None where it says so by itself."""
    return None if opting_out.tells(text) else segments.count(opting_out.told(text))


def plainest(text: str) -> str | None:
    """The text in the plain alphabet: accents off, emoji out; None where letters would be lost.

    Gujarati or Polish with its own letters has no plain version: leaving out
    letters would leave out the meaning.
    """
    kept = []
    for char in segments.plain(text):
        if segments.fits_plainly(char):
            kept.append(char)
            continue
        base = "".join(
            part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)
        )
        if base and segments.fits_plainly(base):
            kept.append(base)
        elif unicodedata.category(char)[0] in "LN":
            return None
    lines = "".join(kept).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()
