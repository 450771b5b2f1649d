"""What the features above may listen to; sent inside the transaction of the change."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

# Shifts of patterns were made, or came to be published: send(list of their ids).
shifts_made = _signals.signal("shifts-made")

# What a pattern has still to come belongs to another one now: send(its id, to=the other's id).
# Sent when "this and later" shifts get a pattern of their own, and when that is undone.
pattern_passed_on = _signals.signal("pattern-passed-on")
