"""How the carriers do: the ledger's figures, and which of them rest by their health rule."""

from __future__ import annotations

from dataclasses import dataclass

from app.messaging import carrier_health, figures
from app.messaging.carriers.smtp import SmtpCarrier
from app.messaging.figures import CarrierFigures


@dataclass(frozen=True)
class CarrierSeen:
    """One carrier: its latest attempts, whether new messages leave by it, why it rests, if so."""

    figures: CarrierFigures
    is_in_use: bool
    is_in_reserve: bool
    resting_because: str = ""

    @property
    def name(self) -> str:
        return self.figures.name

    @property
    def may_rest(self) -> bool:
        """Whether another carrier would take what this one takes now."""
        return self.is_in_use and self.name != SmtpCarrier.name and len(carrier_health.names()) > 1


def seen() -> list[CarrierSeen]:
    """The carriers that are set up, and those used within the hour. Three statements."""
    reasons = carrier_health.resting_because()
    texts = carrier_health.names()
    in_use = {carrier_health.chosen(frozenset(reasons)), SmtpCarrier.name}
    names = sorted({*figures.carriers(), *texts, SmtpCarrier.name})
    return [
        CarrierSeen(
            figures=found,
            is_in_use=found.name in in_use,
            is_in_reserve=found.name in texts and found.name not in {*in_use, *reasons},
            resting_because=reasons.get(found.name, ""),
        )
        for found in figures.carrier_figures(names)
        if found.attempts or found.name in in_use or found.name in texts
    ]
