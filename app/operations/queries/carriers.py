"""How the carriers do: the ledger's figures, and which of them rest.

The one place where the health rule of carriers is plugged in: whoever knows
that a carrier rests adds to `resting`, and the page, the alarms and the
metrics tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.messaging import figures
from app.messaging.figures import CarrierFigures

# Each tells the carriers that rest now, by name, with the reason in a sentence.
resting: list[Callable[[], Mapping[str, str]]] = []


@dataclass(frozen=True)
class CarrierSeen:
    """One carrier: its latest attempts, and why it rests, if it does."""

    figures: CarrierFigures
    is_in_use: bool
    resting_because: str = ""

    @property
    def name(self) -> str:
        return self.figures.name


def seen(in_use: set[str]) -> list[CarrierSeen]:
    """The carriers in use, those that rest, and those used within the hour. Two statements."""
    reasons: dict[str, str] = {}
    for told in resting:
        reasons |= told()
    names = sorted({*figures.carriers(), *in_use, *reasons})
    return [
        CarrierSeen(found, found.name in in_use, reasons.get(found.name, ""))
        for found in figures.carrier_figures(names)
        if found.attempts or found.name in in_use or found.name in reasons
    ]
