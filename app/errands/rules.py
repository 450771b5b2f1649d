"""How far an errand is, in words; pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Heard:
    """What a worker told last: so many of so many, what it does, and when it said so."""

    done: int
    total: int
    doing: str
    at: datetime

    @property
    def percent(self) -> int:
        """Whole percent; never 100, for it is not done before its row says so."""
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def words(self) -> str:
        """ "Reading the rows: 2,000 of 5,000, 40 percent"."""
        if not self.total:
            return self.doing
        return f"{self.doing}: {self.done:,} of {self.total:,}, {self.percent} percent"


def written(heard: Heard) -> str:
    return json.dumps([heard.done, heard.total, heard.doing, heard.at.isoformat()])


def read(text: str) -> Heard:
    done, total, doing, at = json.loads(text)
    return Heard(done, total, doing, datetime.fromisoformat(at))
