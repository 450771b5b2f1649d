"""What the features above may listen to; sent inside the transaction of the change."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from blinker import Namespace

_signals = Namespace()

# Somebody took or left a place, or the shift was cancelled: send(shift_id, has_room_still=...).
# The second says that a place was taken and that others are free still. A withdrawal says how
# they left, with notice=...; when it was late, `place_left` follows, and one letter tells it all.
places_changed = _signals.signal("places-changed")

# Somebody gave back a place that they had: send(signup_id, shift_id=..., notice=Notice...).
# Comes after `places_changed`. Whoever listens may return a `Word` for the managers' letter.
place_left = _signals.signal("place-left")


class About(enum.IntEnum):
    """What a word in the letter is about, in the order in which it is read."""

    SAFETY = 1
    REMEDY = 2


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a feature adds to the one letter about somebody who left late; it names nobody.

    `path` is a page of this site on which the managers act on it, and `button`
    what its link says. Whoever gives a word tells the same in no letter of its own.
    """

    about: About
    text: str
    button: str
    path: str
