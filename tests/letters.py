"""An outbox that keeps what is written to it, for features below messaging."""

from __future__ import annotations

import re

from app.foundation.outbox import Letter


class Recorded:
    """Every letter written since the test began, oldest first."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def write(self, letter: Letter) -> None:
        self.letters.append(letter)

    @property
    def last(self) -> Letter:
        return self.letters[-1]

    def code(self) -> str:
        """The six digits in the latest letter."""
        found = re.search(r"\b\d{6}\b", self.last.body)
        assert found, self.last.body
        return found[0]

    def path(self) -> str:
        """The path of the link in the latest letter."""
        found = re.search(r"http://localhost(/\S+)", self.last.body)
        assert found, self.last.body
        return found[1]
