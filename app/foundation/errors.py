"""The one kind of error that a person can cause."""

from __future__ import annotations


class Refusal(Exception):
    """Something that cannot be done, with a sentence for the person who asked.

    `field` names the form field that the sentence belongs beside, if any.
    """

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
