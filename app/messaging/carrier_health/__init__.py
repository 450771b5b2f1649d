"""How the carriers of texts do, and which of them rests.

What each request came to is counted in memory and added to SQL at most once a
second by each process, so all workers together see one picture, and a worker
that is killed takes a second of it along. When the picture says so
(`rules.health`) a carrier rests: new texts leave by the other one. It never
comes about that no carrier is left, and never is a text handed to both: only
what is `queued`, and so certainly with nobody, is sent at all.
"""

from app.messaging.carrier_health.checking import Askable, check
from app.messaging.carrier_health.counting import Watched, flush, forget, note
from app.messaging.carrier_health.overview import CarrierRow, overview, resting_because
from app.messaging.carrier_health.resting import (
    chosen,
    judge,
    names,
    put_back,
    resting,
    seen,
    set_resting,
)
from app.messaging.carrier_health.standstill import banner, standstill

__all__ = [
    "Askable",
    "CarrierRow",
    "Watched",
    "banner",
    "check",
    "chosen",
    "flush",
    "forget",
    "judge",
    "names",
    "note",
    "overview",
    "put_back",
    "resting",
    "resting_because",
    "seen",
    "set_resting",
    "standstill",
]
