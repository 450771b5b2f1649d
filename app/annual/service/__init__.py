"""What the county does with its annual reports, and the work behind them."""

from app.annual.service.making import make, start, sweep
from app.annual.service.prints import print_anew
from app.annual.service.publishing import publish, set_foreword, set_worth, throw_away

__all__ = [
    "make",
    "print_anew",
    "publish",
    "set_foreword",
    "set_worth",
    "start",
    "sweep",
    "throw_away",
]
