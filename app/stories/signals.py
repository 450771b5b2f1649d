"""What the features above may listen to; sent inside the transaction of the change."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

# A case study is not public any more, or never was to be: send(case_study_id). What was made
# of it elsewhere must go.
study_taken_back = _signals.signal("study-taken-back")

# A photograph may not be used any more, or not as before: send(case_study_id).
picture_taken_back = _signals.signal("picture-taken-back")

# Words of thanks may not be printed any more: send(thanks_id).
thanks_taken_back = _signals.signal("thanks-taken-back")
