"""How many segments a text takes, what forces it to take more, and a plain alternative.

A carrier charges by the segment of 140 octets. The alphabets and their sizes are those of
3GPP TS 23.038 (section 6.2.1, the default alphabet and its extension table) and the header
that joins segments is that of 3GPP TS 23.040 (six octets). The counting agrees with what
Twilio bills, as its `sms-segments-calculator` does:
https://www.twilio.com/docs/glossary/what-sms-character-limit
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from app.messaging.rules.clusters import cluster_units

Encoding = Literal["GSM-7", "UCS-2"]

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")  # an escape goes before each: two septets
_GSM = _GSM_BASIC | _GSM_EXTENSION

# Units in a text of one segment, and in each segment of a longer one.
_SIZES: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True)
class SegmentCount:
    """What a text takes to send.

    `characters` counts code points: a letter typed with a separate accent, or an emoji
    with a skin tone, looks like one and counts as two or more. `units` are septets in
    GSM-7 (two for a character of the extension table) and 16-bit units in UCS-2. `room`
    is how many units the last segment has left. `forcing` holds each character that
    forces UCS-2 once, in order of appearance.
    """

    encoding: Encoding
    segments: int
    characters: int
    units: int
    room: int
    forcing: tuple[str, ...]


def count(text: str) -> SegmentCount:
    """Count the segments of a text; an empty one takes none.

    What a reader sees as one character is never split over two segments, be it an
    extension character, a letter with its vowel signs, or a picture of several; so a
    segment may end short. Only what is longer than a whole segment is split. A line break
    typed in a form is two characters (CR and LF) and is billed as two.
    """
    forcing = tuple(dict.fromkeys(char for char in text if char not in _GSM))
    encoding: Encoding = "UCS-2" if forcing else "GSM-7"
    units = sum(_width(char, encoding) for char in text)
    single, joined = _SIZES[encoding]
    if units <= single:
        segments, room = (1 if text else 0), single - units
    else:
        widths = (
            (_width(char, encoding) for char in text)
            if encoding == "GSM-7"
            else cluster_units(text)
        )
        segments, room = _fill(widths, joined)
    return SegmentCount(encoding, segments, len(text), units, room, forcing)


def _fill(widths: Iterable[int], size: int) -> tuple[int, int]:
    """How many segments of a size these fill one after another, and the room in the last."""
    segments, room = 1, size
    for width in widths:
        # Longer than any segment is only a letter buried under signs: that one is split.
        for part in (width,) if width <= size else (1,) * width:
            if part > room:
                segments, room = segments + 1, size
            room -= part
    return segments, room


def _width(char: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if char in _GSM_EXTENSION else 1
    return 2 if ord(char) > 0xFFFF else 1


# What a word processor or a phone puts in the place of a plain character. Each stands for
# the same thing to a reader in any language, and takes no more units than before. Twilio's
# list is longer (https://www.twilio.com/docs/messaging/services#smart-encoding); it also
# turns combining accents into signs, and one space into two, which we leave alone.
_SAME_MEANING = {
    "'": "‘’‚‛′`´ʹʻʼʽˈˊˋ‹›❛❜",
    '"': "“”„‟″«»ʺˮ❝❞〝〞",
    "-": "‐‑‒–—―−⁃•‣▪●◦·∙﹣",
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000",
    "\n": "\u2028\u2029\u0085\v",
    "/": "⁄∕",
    "*": "∗⁎✱",
    "~": "∼˜",
    "x": "×",
    "": "\u00ad\u200b\u2060\ufeff",  # soft hyphen, zero-width space, word joiner, byte order mark
}
_SHORT = {ord(char): plainly for plainly, chars in _SAME_MEANING.items() for char in chars}
_SHORT |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full-width ASCII

# These are longer than what they replace, or join letters and emoji in scripts that need
# them; they are worth changing only where the whole text then fits GSM-7.
_LONGER = {
    "…": "...",
    "‥": "..",
    "‼": "!!",
    "⁇": "??",
    "⁉": "!?",
    "№": "No.",
    "→": "->",
    "←": "<-",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "⅓": "1/3",
    "⅔": "2/3",
    "\u200c": "",
    "\u200d": "",
    "\u200e": "",
    "\u200f": "",
    "\ufe0e": "",
    "\ufe0f": "",
}
_FULL = _SHORT | {ord(char): plainly for char, plainly in _LONGER.items()}
_ACCENTED = re.compile("[A-Za-z][\u0300-\u036f]+")
_MIXED_FRACTION = re.compile("(?<=[0-9])(?=[½¼¾⅓⅔])")


def plain(text: str) -> str:
    """The same text in plain characters, where the meaning survives.

    Typographic quotes, dashes, dots, spaces, bullets and invisible characters become what
    a keyboard has; line breaks become one character. Letters of any language and emoji
    stay as typed. The answer never takes more segments than the text did, and making it
    plain again changes nothing.
    """
    most = count(text).segments
    composed = _ACCENTED.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    composed = composed.replace("\r\n", "\n").replace("\r", "\n")
    full = _MIXED_FRACTION.sub(" ", composed).translate(_FULL)
    if fits_plainly(full) and count(full).segments <= most:
        return full
    short = composed.translate(_SHORT)
    return short if count(short).segments <= most else text


def fits_plainly(text: str) -> bool:
    """Whether the text can be sent in GSM-7 as it stands."""
    return all(char in _GSM for char in text)


def cost_pence(segments: float, people: int, pence_per_segment: float) -> float:
    """What it costs, in pence, to send a text of so many segments to so many people.

    `segments` is a mean where they read it in several languages.
    """
    if segments < 0 or people < 0 or pence_per_segment < 0:
        raise ValueError("A cost is counted from nothing upwards.")
    return segments * people * pence_per_segment


def seconds_to_send(segments: int, per_second: float) -> float:
    """How long a sender takes for so many segments in all, at its rate.

    Raises `ValueError` for a sender that sends nothing.
    """
    if per_second <= 0:
        raise ValueError("A sender's rate is more than nothing.")
    return segments / per_second
