"""Whether a text says that its sender is here, or has left: "HERE", "Just arrived", "LEFT".

Only where the whole text says it, polite words aside, and only where it means nothing else:
`understanding` asks last, of what is neither a yes, a no, a question nor a stop. So "I'm here
if you need me", "not here" and "here?" are none, and "on my way" stays the yes that it is.
Which shift it is, and whether there is one, is for `inbox.arriving` to find out.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from app.inbox.rules.tokens import tokens_of
from app.inbox.words import AROUND_AN_ARRIVAL, ARRIVALS, BEFORE_AN_ARRIVAL, DEPARTURES

MOST_WORDS: Final = 12


class Presence(Enum):
    """What a text says of where its sender is."""

    HERE = auto()
    GONE = auto()


def _phrases(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(
        tuple(token.text for token in tokens_of(" ".join(phrase.split())))
        for phrase in text.split(",")
    )


_TABLE: Final = {
    Presence.HERE: _phrases(ARRIVALS),
    Presence.GONE: _phrases(DEPARTURES),
}
_AROUND: Final = _phrases(AROUND_AN_ARRIVAL)
_BEFORE: Final = _AROUND | _phrases(BEFORE_AN_ARRIVAL)


def presence_in(words: Sequence[str]) -> Presence | None:
    """What the words of a whole text, folded, say of where their sender is, if only that."""
    if not 0 < len(words) <= MOST_WORDS:
        return None
    core = tuple(words)
    while core:
        for presence, phrases in _TABLE.items():
            if core in phrases:
                return presence
        shorter = _without_first(core, _BEFORE) or _without_last(core, _AROUND)
        if shorter is None:
            return None
        core = shorter
    return None


def _without_first(
    words: tuple[str, ...], phrases: frozenset[tuple[str, ...]]
) -> tuple[str, ...] | None:
    """The words without the longest of the phrases that they begin with."""
    for length in range(min(4, len(words) - 1), 0, -1):
        if words[:length] in phrases:
            return words[length:]
    return None


def _without_last(
    words: tuple[str, ...], phrases: frozenset[tuple[str, ...]]
) -> tuple[str, ...] | None:
    for length in range(min(4, len(words) - 1), 0, -1):
        if words[-length:] in phrases:
            return words[:-length]
    return None
