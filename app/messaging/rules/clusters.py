"""Which characters of a text belong together, as a reader sees them.

A letter with its accents or vowel signs, a flag, a family joined into one picture: Twilio
puts each into one segment whole, so whoever counts segments must know them. The rules are
GB9 to GB13 of Unicode Standard Annex 29 as they were in version 10, because that is what
`sms-segments-calculator` 1.3.0 (its `grapheme-splitter`) knows; a newer picture, such as a
person with red hair, is to it two that stand side by side. Conjoining Hangul letters and
signs that lean on what follows them are left out: no phone types them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

_JOINER: Final = "\u200d"
_NON_JOINER: Final = "\u200c"
# After a joiner only these go on with the picture: Glue_After_Zwj and E_Base_GAZ.
_JOINED: Final = frozenset("♀♂⚕⚖✈❤🌈🌾🍳🎓🎤🎨🏫🏭👦👧👨👩💋💻💼🔧🔬🗨🚀🚒")
# What a skin tone colours (E_Base and E_Base_GAZ); elsewhere it stands alone.
_BASES: Final = frozenset(
    "☝⛹✊✋✌✍🎅🏂🏃🏄🏇🏊🏋🏌👂👃👆👇👈👉👊👋👌👍👎👏👐👦👧👨👩👮👰👱👲👳👴👵👶👷👸👼💁💂💃💅💆💇💪🕴🕵🕺"
    "🖐🖕🖖🙅🙆🙇🙋🙌🙍🙎🙏🚣🚴🚵🚶🛀🛌🤘🤙🤚🤛🤜🤞🤟🤦🤰🤱🤲🤳🤴🤵🤶🤷🤸🤹🤽🤾🧑🧒🧓🧔🧕🧖🧗🧘🧙🧚🧛🧜🧝"
)


def cluster_units(text: str) -> Iterator[int]:
    """How many 16-bit units each cluster of a text takes, in order; together all its units."""
    units = 0
    before = base = ""
    flags = 0  # regional indicators in a row: two make a flag
    for char in text:
        joins = bool(units) and _joins(char, before, base, flags)
        if units and not joins:
            yield units
            units = 0
        units += 2 if ord(char) > 0xFFFF else 1
        flags = flags + 1 if _is_regional(char) else 0
        if not _leans(char):
            base = char
        before = char
    if units:
        yield units


def _joins(char: str, before: str, base: str, flags: int) -> bool:
    """Whether no segment may begin with `char`, given what stands before it."""
    if _is_control(before):
        return False
    if _leans(char):
        return True
    if before == _JOINER and char in _JOINED:
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff":
        return base in _BASES and before != _JOINER
    return _is_regional(char) and flags % 2 == 1


def _leans(char: str) -> bool:
    """Whether it is part of what stands before it: accents, vowel signs, joiners, tags."""
    if char < "\u0300":
        return False
    return (
        char in (_JOINER, _NON_JOINER)
        or unicodedata.category(char)[0] == "M"
        or "\U000e0020" <= char <= "\U000e007f"
    )


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_control(char: str) -> bool:
    if char in (_JOINER, _NON_JOINER) or "\U000e0020" <= char <= "\U000e007f":
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
