"""A text in pieces: words, numbers, marks; without case, accents and apostrophes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Token:
    """One piece of a text, folded."""

    kind: str  # word, number, figures, hash, question, break, emoji
    text: str
    glued: bool = False  # stands against the token before it, without a space


# Each branch takes whole runs and none can be read two ways, so that reading a text takes
# time in proportion to its length.
_TOKENS: Final = re.compile(
    r"""(?P<figures>[£$€+]\s*\d+|[/=]\d+|\d+(?:[:./⁄-]\d+)+)
      | (?P<number>\d+)
      | (?P<word>(?:[^\W\d_]|[\u0900-\u0dff])+)
      | (?P<hash>\#)
      | (?P<question>[?؟❓❔])
      | (?P<break>[.,;:!()\n।–—]|-(?=\s))
      | (?P<space>\s+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_APOSTROPHES: Final = re.compile("['‘’`´ʼ′]")
_DIGIT: Final = re.compile(r"\d")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff\U0001f3fb-\U0001f3ff]")
_ACCENTS: Final = re.compile("[\u0300-\u036f\u064b-\u065f]")


def folded(text: str) -> str:
    """The text without case, accents, apostrophes, skin tones and exotic digits."""
    text = _INVISIBLE.sub("", _APOSTROPHES.sub("", text))
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return _DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), text)


def tokens_of(text: str) -> list[Token]:
    """The pieces of a text in order, spaces left out."""
    tokens: list[Token] = []
    glued = False
    for found in _TOKENS.finditer(folded(text)):
        kind = found.lastgroup or "other"
        if kind == "other" and unicodedata.category(found[0]) in ("So", "Cs"):
            kind = "emoji"
        if kind in ("space", "other"):
            glued = False
            continue
        tokens.append(Token(kind, found[0], glued))
        glued = True
    return tokens
