"""What can be done about the door and the tablet; each verb is one unit of work."""

from app.today.service.devices import device_of, offer, pair, revoke
from app.today.service.knocks import answer_knocks, forget_knocks, knock
from app.today.service.pins import close_staff, open_staff, set_pin, stay_open

__all__ = [
    "answer_knocks",
    "close_staff",
    "device_of",
    "forget_knocks",
    "knock",
    "offer",
    "open_staff",
    "pair",
    "revoke",
    "set_pin",
    "stay_open",
]
