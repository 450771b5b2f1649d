"""What the features above may listen to; sent inside the transaction of the change."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

# Somebody took or left a place, or the shift was cancelled: send(shift_id, has_room_still=...).
# The second says that a place was taken and that others are free still.
places_changed = _signals.signal("places-changed")

# Somebody gave back a place that they had: send(signup_id, shift_id=..., notice=Notice...).
place_left = _signals.signal("place-left")
