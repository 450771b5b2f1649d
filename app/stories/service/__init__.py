"""What managers and the county do with thanks, case studies and photographs."""

from app.stories.service.photographs import set_photograph, take_photograph_back
from app.stories.service.thanking import keep_from_print, put_away, thank_shift, thank_volunteer
from app.stories.service.writing import (
    drop,
    leave_out,
    name,
    offer,
    publish,
    send_back,
    take_back,
    write,
)

__all__ = [
    "drop",
    "keep_from_print",
    "leave_out",
    "name",
    "offer",
    "publish",
    "put_away",
    "send_back",
    "set_photograph",
    "take_back",
    "take_photograph_back",
    "thank_shift",
    "thank_volunteer",
    "write",
]
